from collections.abc import Callable, Iterator

import pytest

from hanaper.apps.policies.registry import POLICIES
from hanaper.core.refund.policy import shipped_text
from tests.shop import *  # noqa: F403 - a catalogue

Text = Callable[..., str]


@pytest.fixture(autouse=True)
def nothing_remembered() -> Iterator[None]:
    """Between tests the tables are emptied; a process of the service never sees that."""
    POLICIES.forget()
    yield
    POLICIES.forget()


@pytest.fixture
def generous() -> str:
    """The document with two weeks instead of one."""
    return policy_text(days=14)


def policy_text(name: str = "2027-01-01", days: int = 7, **replaced: str) -> str:
    text = shipped_text("2024-10-25").replace('name = "2024-10-25"', f'name = "{name}"')
    text = text.replace("days = 7", f"days = {days}")
    for old, new in replaced.items():
        assert old in text
        text = text.replace(old, new)
    return text
