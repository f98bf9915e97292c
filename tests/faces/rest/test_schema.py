"""Schemathesis at every address of the API: no 5xx, and every answer as it is described.

Half of the requests name things that are there, so that more than the 404 is reached. What good requests
are answered is held against the same description wherever a test asks the API (`tests/described.py`).
"""

from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from schemathesis.specs.openapi.checks import positive_data_acceptance, unsupported_method

from hanaper.apps.accounts import keys
from hanaper.faces.rest.api import api
from hanaper.storage.limits import TokenBuckets
from hanaper.wsgi import application
from tests.faces.rest.test_walls import at, ids
from tests.people import Person
from tests.shop import *  # noqa: F403 - its fixtures

__all__ = ["at", "ids"]

OPERATIONS = sorted(
    (path, method) for path, operations in api.get_openapi_schema()["paths"].items() for method in operations
)
# The path's parameter, and the things of `ids` that may stand there.
THINGS = {
    "order": ("order", "unpaid", "used"),
    "certificate": ("certificate",),
    "code": ("product",),
    "refund": ("refund", "proposed"),
}
EXAMPLES = 10


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("who", ["owner", "administrator"])
def test_whatever_is_sent_the_answer_is_the_described_one(
    who: str, owner: Person, administrator: Person, ids: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(keys, "_requests", TokenBuckets(per_minute=10**9))
    monkeypatch.setattr(keys, "_failures", TokenBuckets(per_minute=10**9))
    headers = {"Authorization": f"Bearer {(owner if who == 'owner' else administrator).secret}"}
    schema = schemathesis.openapi.from_wsgi("/api/v1/openapi.json", application)
    tried = 0
    for found in schema.get_all_operations():
        operation = found.ok()
        ours = operation.full_path.startswith("/api/v1/operator") or who == "owner"
        if ours:
            _ask(operation, headers, ids)
            tried += 1
    assert tried == (
        len(OPERATIONS) if who == "owner" else sum("/operator/" in path for path, _ in OPERATIONS)
    )


def _ask(operation: Any, headers: dict[str, str], ids: dict[str, str]) -> None:
    @settings(
        max_examples=EXAMPLES,
        deadline=None,
        database=None,
        derandomize=True,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=operation.as_strategy(), real=st.booleans(), which=st.integers(0, 9))
    def run(case: Any, real: bool, which: int) -> None:
        if real:
            for name in case.path_parameters or {}:
                things = THINGS.get(name, (name,))
                thing = things[which % len(things)]
                case.path_parameters[name] = ids.get(thing, case.path_parameters[name])
        # Some rules are beyond a schema, such as a cursor that we must have made: good form may be refused.
        excluded = [positive_data_acceptance, unsupported_method]
        case.call_and_validate(headers=headers, excluded_checks=excluded)

    run()
