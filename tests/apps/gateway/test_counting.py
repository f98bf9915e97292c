"""What nodes counted is taken once, costs by the hour, and is told of in time (SPEC section 6)."""

from datetime import datetime

import pytest

from hanaper.apps.events.models import Event
from hanaper.apps.gateway import fleet, services
from hanaper.apps.gateway.models import GatewayInstance, GatewayNode, UsageHour
from tests.apps.gateway.conftest import ORIGINS, batch, say
from tests.people import Person

MB = 1_000_000


def consumed(gateway: GatewayInstance) -> tuple[int, int, int]:
    gateway.refresh_from_db()
    return gateway.visits, gateway.bytes_out, gateway.grcq_used


def test_taken_once(active: GatewayInstance, node: GatewayNode, at: datetime) -> None:
    said = batch(active, 0, 100, visits=10, bytes_out=500, requests=12, statuses={"2xx": 12})
    assert say(node, at, batches=[said]).taken == {"log": 100}
    assert say(node, at, batches=[said]).taken == {"log": 100}  # the answer was lost: said again
    assert consumed(active) == (10, 500, 2)
    row = UsageHour.objects.get()
    assert (row.visits, row.requests, row.statuses, row.grcq) == (10, 12, {"2xx": 12}, 2)


def test_how_far(active: GatewayInstance, node: GatewayNode, at: datetime) -> None:
    say(node, at, batches=[batch(active, 0, 100, visits=1)])
    assert say(node, at, batches=[batch(active, 0, 0)]).taken == {"log": 100}
    assert say(node, at, batches=[batch(active, 50, 150, visits=1)]).taken == {"log": 100}
    assert consumed(active)[0] == 1


def test_an_hour_grows_by_what_it_costs(active: GatewayInstance, node: GatewayNode, at: datetime) -> None:
    say(node, at, batches=[batch(active, 0, 1, visits=150)])
    say(node, at, batches=[batch(active, 1, 2, visits=1)])
    say(node, at, batches=[batch(active, 2, 3, bytes_out=30 * MB)])
    say(node, at, batches=[batch(active, 3, 4, visits=1, hour=500_001)])
    assert consumed(active) == (152, 30 * MB, 2 + 1 + 1)


def test_logs_of_several_nodes_are_their_own(
    active: GatewayInstance, node: GatewayNode, at: datetime
) -> None:
    other = GatewayNode.objects.create(name="two", token_hash="x", joined_at=at)
    for each in (node, other):
        say(each, at, batches=[batch(active, 0, 10, visits=1)])
    assert consumed(active)[0] == 2


def test_what_is_nobodys_is_taken_and_counts_for_nobody(
    active: GatewayInstance, node: GatewayNode, at: datetime
) -> None:
    unknown = GatewayInstance(public_id="gwi_unknown")
    assert say(node, at, batches=[batch(unknown, 0, 10, visits=1)]).taken == {"log": 10}
    assert consumed(active) == (0, 0, 0)


def test_told_at_80_95_and_100(active: GatewayInstance, node: GatewayNode, at: datetime) -> None:
    included, position = active.grcq_included, 0

    def use(up_to: int) -> None:
        nonlocal position
        active.refresh_from_db()
        visits = (up_to - active.grcq_used) * 150
        say(node, at, batches=[batch(active, position, position + 1, visits=visits, hour=500_000 + position)])
        position += 1

    for share in (0.79, 0.8, 0.9, 0.95, 0.99):
        use(int(included * share))
    told = [
        (one.kind, one.data["percent"])
        for one in Event.objects.filter(kind__startswith="gateway.quota").order_by("pk")
    ]
    assert told == [("gateway.quota_low", 80), ("gateway.quota_low", 95)]
    before = fleet.version()
    use(included)
    active.refresh_from_db()
    assert active.state == "quota_exhausted" and fleet.version() > before
    assert Event.objects.filter(kind="gateway.quota_exhausted").count() == 1


@pytest.mark.parametrize(("wanted", "closed"), [("continue", ""), ("page", "exhausted")])
def test_what_visitors_get_then_is_a_setting(
    owner: Person, active: GatewayInstance, at: datetime, wanted: str, closed: str
) -> None:
    services.change_behaviour(owner.actor, active, {**ORIGINS, "exhausted": wanted}, at=at)
    GatewayInstance.objects.update(state="quota_exhausted")
    assert [site.closed for site in fleet.snapshot().sites] == [closed]
