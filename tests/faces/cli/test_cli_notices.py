"""`hanaper notices letters` and `choose`: which letters somebody gets."""

from collections.abc import Callable
from typing import Any

import pytest

from tests.people import Person

pytestmark = pytest.mark.django_db
As = Callable[..., Any]


def of(rows: list[dict[str, Any]]) -> set[str]:
    return {row["topic"] for row in rows if row["email"]}


def test_everybody_chooses_for_themself(owner: Person, reader: Person, reviewer: Person, run_as: As) -> None:
    everything = of(run_as(owner, "notices", "letters"))
    assert len(everything) == 11 and "operators" not in everything
    assert of(run_as(owner, "notices", "choose", "money", "--no-email")) == everything - {"money"}
    assert of(run_as(reader, "notices", "letters")) == set()
    assert of(run_as(reader, "notices", "choose", "issued", "--email")) == {"issued"}
    assert of(run_as(owner, "notices", "letters")) == everything - {"money"}
    assert of(run_as(reviewer, "notices", "choose", "operators", "--no-email")) == set()
    assert run_as(reviewer, "notices", "choose", "issued", "--email")["code"] == "unknown_topic"
    assert run_as(owner, "notices", "choose", "weather", "--email")["code"] == "invalid_input"
