"""Schemathesis at every address of the foundation: no 5xx, and every answer as it is described."""

import re

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis.specs.openapi.checks import positive_data_acceptance

from hanaper.apps.accounts import keys
from hanaper.storage.limits import TokenBuckets
from hanaper.wsgi import application

MINE = re.compile(
    r"/api/v1/(system|me|clock|account|access-keys|audit|notices|operator/(clock|accounts|staff|audit|notices))(/|$)"
)


@pytest.mark.django_db(transaction=True)
def test_whatever_is_sent_the_answer_is_the_described_one(owner, administrator, monkeypatch):
    monkeypatch.setattr(keys, "_requests", TokenBuckets(per_minute=10**9))
    monkeypatch.setattr(keys, "_failures", TokenBuckets(per_minute=10**9))
    schema = schemathesis.openapi.from_wsgi("/api/v1/openapi.json", application)
    mine = [found.ok() for found in schema.get_all_operations() if MINE.match(found.ok().full_path)]
    assert len(mine) > 25
    for operation in mine:
        for person in (owner, administrator):
            _ask(operation, {"Authorization": f"Bearer {person.secret}"})


def _ask(operation, headers) -> None:
    @settings(
        max_examples=8,
        deadline=None,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=operation.as_strategy())
    def run(case):
        # Some rules are beyond a schema, such as a cursor that we must have made: good form may be refused.
        case.call_and_validate(headers=headers, excluded_checks=[positive_data_acceptance])

    run()
