"""Schemathesis at every address of the API: no 5xx, and every answer as it is described.

What it makes up reaches little, for there is no order with a made-up id. So wherever an address, a query or a
body names something, what really is there is named, most of the time. Each request is undone afterwards: all
meet the same data. What good requests are answered is held against the same description wherever a test asks
the API (`tests/described.py`).
"""

from collections.abc import Iterator
from typing import Any

import pytest
import schemathesis
from django.core.signals import request_finished, request_started
from django.db import close_old_connections, connection, transaction
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from schemathesis import Case, GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.schemas import APIOperation
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from hanaper.apps.accounts import keys
from hanaper.storage.limits import TokenBuckets
from hanaper.wsgi import application
from tests.faces.rest.everything import *  # noqa: F403 - its fixtures
from tests.people import Person

pytestmark = pytest.mark.django_db

EXAMPLES = {"sqlite": 6, "postgresql": 16}  # which refuses more
CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]
# What may stand in a field of this name; else what `world` has under the field's own name.
SEVERAL = {
    "batch": ("batch", "stopped"),
    "ca": ("ca", "pca"),
    "certificate": ("pending", "pending_ov", "validating", "issued", "pcert", "held"),
    "certificates": ("pending", "other"),
    "code": ("product",),
    "name": ("template",),
    "order": ("order", "unpaid", "used"),
    "refund": ("refund", "proposed"),
    "user": ("me",),
    "vouchers": ("voucher",),
}
VALUES = {
    "by": "1h",
    "common_name": "www.example.com",
    "coupon": "SPRING",
    "country": "GB",
    "currency": "USD",
    "dns": "www.example.com",
    "domains": "shop.example.com",
    "email": "new@example.com",
    "expires_at": "2099-01-01T00:00:00Z",
    "expiry": "12/30",
    "locality": "London",
    "number": "4242 4242 4242 4242",
    "owner": "new@example.com",
}


@pytest.fixture
def kept_connection(world: dict[str, str]) -> Iterator[None]:
    """The test's transaction outlives each request, as under Django's own client, which made `world`."""
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    yield
    for signal in (request_started, request_finished):
        signal.connect(close_old_connections)


@pytest.mark.usefixtures("kept_connection")
@pytest.mark.parametrize("for_operators", [False, True], ids=["customers", "operators"])
def test_whatever_is_sent_the_answer_is_the_described_one(
    for_operators: bool,
    world: dict[str, str],
    owner: Person,
    administrator: Person,
    monkeypatch: pytest.MonkeyPatch,
    subtests: pytest.Subtests,
) -> None:
    monkeypatch.setattr(keys, "_requests", TokenBuckets(per_minute=10**9))
    monkeypatch.setattr(keys, "_failures", TokenBuckets(per_minute=10**9))
    person = administrator if for_operators else owner
    headers = {"Authorization": f"Bearer {person.secret}"}
    real = {name: [value] for name, value in world.items()}
    real |= {name: [world[thing] for thing in things] for name, things in SEVERAL.items()}
    for name, value in VALUES.items():
        real.setdefault(name, []).append(value)
    schema = schemathesis.openapi.from_wsgi("/api/v1/openapi.json", application)
    for found in schema.get_all_operations():
        operation = found.ok()
        if operation.path.startswith("/api/v1/operator/") is for_operators:
            with subtests.test(operation.label):
                _ask(operation, headers, real)


def _ask(operation: APIOperation, headers: dict[str, str], real: dict[str, list[str]]) -> None:
    @settings(
        max_examples=EXAMPLES[connection.vendor],
        derandomize=True,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=_cases(operation, real))
    def run(case: Case) -> None:
        with transaction.atomic():
            case.call_and_validate(headers=headers, checks=CHECKS)
            transaction.set_rollback(True)

    run()


@st.composite
def _cases(draw: st.DrawFn, operation: APIOperation, real: dict[str, list[str]]) -> Case:
    """Good and bad requests, half of each, that name real things."""
    mode = draw(st.sampled_from([GenerationMode.POSITIVE, GenerationMode.NEGATIVE]))
    case = draw(operation.as_strategy(generation_mode=mode))

    def named(value: Any, name: str = "") -> Any:
        if isinstance(value, dict):
            return {key: named(item, key) for key, item in value.items()}
        if isinstance(value, list):
            return [named(item, name) for item in value]
        if isinstance(value, str) and name in real:
            return draw(st.sampled_from([*real[name] * 3, value]))
        return value

    case.path_parameters = named(case.path_parameters)
    case.query = named(case.query)
    case.body = named(case.body)
    return case
