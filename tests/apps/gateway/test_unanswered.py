"""An origin that answers nobody is told to the owner, from what nodes counted."""

from datetime import datetime

import pytest

from hanaper import clock
from hanaper.apps.gateway import services
from hanaper.apps.gateway.models import GatewayInstance
from hanaper.apps.gateway.problems import Problem, problem


def told(gateway: GatewayInstance, at: datetime) -> Problem | None:
    services.look(gateway.pk, at, clock.system_now())
    gateway.refresh_from_db()
    return problem(gateway)


@pytest.mark.parametrize(
    ("codes", "fails"),
    [
        ({"502": 9}, False),
        ({"502": 8, "504": 4}, True),
        ({"502": 10, "200": 10}, True),
        ({"502": 10, "200": 11}, False),
    ],
)
def test_an_origin_that_answers_nobody_is_told(
    active: GatewayInstance, at: datetime, codes: dict[str, int], fails: bool
) -> None:
    """Though no node is told to look at it."""
    this = int(clock.system_now().timestamp()) // 3600
    for hour, counted in ((this - 2, {"502": 50}), (this, codes)):
        active.usage.create(hour=hour, requests=sum(counted.values()), codes=counted)
    found = told(active, at)
    assert (found is not None) is fails
    if found is not None:
        assert (found.code, int(found.since.timestamp())) == ("origin_fails", this * 3600)
        assert str(sum(codes.values())) in found.message and found.next_steps
    active.usage.filter(hour=this).delete()
    assert told(active, at) is None
