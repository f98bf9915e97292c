"""What clients ask about a private CA's certificates, as its owner sees it."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from hanaper import clock
from hanaper.apps.private_ca.models.cas import PrivateCA
from tests.fixtures_authority import *  # noqa: F403 - its fixtures
from tests.fixtures_ocsp import *  # noqa: F403 - its fixtures
from tests.people import Person
from tests.shop import *  # noqa: F403 - its fixtures
from tests.shop import buy

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("published", "no_full_lint", "catalogue")]


@pytest.fixture
def at() -> datetime:
    """The API reads the clock: what it finds must have happened before."""
    return clock.now() - timedelta(minutes=1)


@pytest.fixture
def address(owner: Person, at: datetime) -> str:
    order = buy(owner, "private-root-ca", at=at)
    return f"/private-cas/{PrivateCA.objects.get(order=order, kind='root').public_id}"


def enable(owner: Person, address: str, **choices: object) -> Any:
    answer = owner.rest.post(f"{address}/enable", {"subject": {"common_name": "Root"}, **choices})
    assert answer.status_code == 200, answer.json()
    return answer.json()


def status(owner: Person, address: str) -> Any:
    return owner.rest.get(f"{address}/status").json()


def test_before_it_is_enabled_there_is_nothing(owner: Person, address: str) -> None:
    assert status(owner, address) == {
        "lists": [], "due_at": None, "ocsp": None, "responder_until": None, "kept_answers": 0,
    }  # fmt: skip


def test_by_default_there_is_one_list_and_nobody_answers(owner: Person, address: str) -> None:
    assert enable(owner, address)["ca"]["ocsp"] is None
    found = status(owner, address)
    (one,) = found["lists"]
    assert (one["shard"], one["delta"], one["number"], one["entries"], one["fresh"]) == (
        None,
        False,
        1,
        0,
        True,
    )
    assert one["address"].endswith(".crl") and 0 <= one["age_seconds"] < 600
    assert (found["ocsp"], found["responder_until"]) == (None, None) and found["due_at"] is not None


def test_with_everything(owner: Person, address: str) -> None:
    made = enable(owner, address, ocsp=True, delta=True, shards=2)["ca"]
    found = status(owner, address)
    assert made["ocsp"] == found["ocsp"] == made["crl"].replace("/crl/", "/ocsp/").removesuffix(".crl")
    assert [(one["shard"], one["delta"]) for one in found["lists"]] == [
        (shard, delta) for shard in (None, 0, 1) for delta in (False, True)
    ]
    assert found["responder_until"] > made["not_before"]
