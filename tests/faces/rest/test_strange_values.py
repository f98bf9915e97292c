"""A strange value in every field, parameter and address of a request that is otherwise good: never a 5xx.

Schemathesis seldom gets past the first check. These requests would succeed but for the one value.
"""

import os
from collections.abc import Iterator
from itertools import islice
from typing import Any
from urllib.parse import quote

import pytest
from django.db import connection

from hanaper.apps.accounts import keys
from hanaper.storage.limits import TokenBuckets
from tests.faces.rest.everything import *  # noqa: F403 - its fixtures
from tests.faces.rest.everything import WALLS, Wall, ask, body_fields, filled, parameters, put
from tests.people import Person

pytestmark = pytest.mark.django_db

TEXTS = (
    "",
    "\x00",
    "\ud800",  # half of a surrogate pair
    "x" * 10_000,
    "0001-01-01T00:00:00+14:00",  # in UTC before the first year
    "9999-12-31T23:59:59-14:00",  # in UTC after the last
)
NUMBERS = (-1, 2**15, 2**31, 2**63, 10**400)  # beyond what a column holds
# All of them take minutes. Of eleven values for a field every fourth falls on each of them in turn;
# another fourth on the other database.
EVERY = int(os.environ.get("HANAPER_STRANGE_EVERY", "4"))


@pytest.fixture(autouse=True)
def unlimited(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(keys, "_requests", TokenBuckets(per_minute=10**9))


@pytest.mark.parametrize("for_operators", [False, True], ids=["customers", "operators"])
def test_strange_values(
    for_operators: bool, world: dict[str, str], owner: Person, administrator: Person
) -> None:
    person = administrator if for_operators else owner
    walls = [wall for wall in WALLS if wall.address.startswith("/operator/") is for_operators]
    everything = ((wall.method, *request) for wall in walls for request in strange(wall, world))
    turn = int(connection.vendor == "postgresql") % EVERY
    broken = [
        (method, address[:200], repr(body)[:200])
        for method, address, body in islice(everything, turn, None, EVERY)
        if ask(person.rest, method, address, body).status_code >= 500
    ]
    assert broken == []


def strange(wall: Wall, world: dict[str, str]) -> Iterator[tuple[str, Any]]:
    """The requests of a row with something strange in one place."""
    address, body = wall.address.format(**world), filled(wall.body, world)
    for path, _ in body_fields(wall.operation):
        for value in (*TEXTS, *NUMBERS):
            yield address, put(body, path, value)
    for name, _ in parameters(wall.operation):
        for text in (*TEXTS, *map(str, NUMBERS)):
            yield f"{address}{'&' if '?' in address else '?'}{name}={_quoted(text)}", body
    for index, part in enumerate(wall.address.split("/")):
        if part.startswith("{"):
            for text in TEXTS:
                parts = address.split("/")
                parts[index] = _quoted(text)
                yield "/".join(parts), body


def _quoted(text: str) -> str:
    return quote(text, safe="", errors="surrogatepass")
