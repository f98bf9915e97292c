"""What is given back of a gateway by each policy (R18; SPEC section 6), from what nodes have counted."""

from datetime import datetime, timedelta

import pytest

from hanaper.apps.events.models import Event
from hanaper.apps.gateway import fleet, services
from hanaper.apps.gateway.models import GatewayInstance, GatewayNode
from hanaper.apps.gateway.sweep import sweep
from hanaper.apps.orders.models import Order
from hanaper.apps.policies.services import publish_policy
from hanaper.apps.refunds import services as refunds
from hanaper.apps.refunds.services.deciding import decision_for
from hanaper.core.errors import Refusal
from tests.apps.gateway.conftest import batch, say
from tests.people import Person


@pytest.fixture
def later_policy(administrator: Person, at: datetime) -> None:
    """The vendor's later page, in force before the order is placed."""
    publish_policy(
        administrator.actor, name="2026-03-18", holds_from=at - timedelta(days=1), at=at - timedelta(days=2)
    )


def served_and_reset(
    owner: Person, active: GatewayInstance, node: GatewayNode, visits: int, at: datetime
) -> None:
    say(node, at, batches=[batch(active, 0, 10, visits=visits, bytes_out=10)])
    token = services.prepare_reset(owner.actor, active, at=at).token
    services.reset_gateway(owner.actor, active, confirmation=token, at=at)
    say(node, at, applied=fleet.version(), settled=fleet.version())
    sweep(at, at)
    active.refresh_from_db()
    assert active.domain == ""


def test_used_in_part_is_refunded_in_part_by_the_later_policy(
    owner: Person, later_policy: None, order: Order, active: GatewayInstance, node: GatewayNode, at: datetime
) -> None:
    # Money paid times GRCQ left over GRCQ included, rounded down.
    served_and_reset(owner, active, node, 149 * 150 + 1, at)
    assert (active.grcq_used, active.grcq_included) == (151, 900)
    made = refunds.request_refund(owner.actor, order, at=at + timedelta(days=6))
    assert made.amount == order.money * (900 - 151) // 900 < order.money


def test_before_its_reset_nothing_is_refunded(
    owner: Person, later_policy: None, order: Order, active: GatewayInstance, node: GatewayNode, at: datetime
) -> None:
    say(node, at, batches=[batch(active, 0, 10, visits=1, bytes_out=10)])
    with pytest.raises(Refusal) as refused:
        refunds.request_refund(owner.actor, order, at=at)
    assert refused.value.code == "refund_needs_steps"


def test_used_up_is_refused_by_every_policy(
    owner: Person, later_policy: None, order: Order, active: GatewayInstance, node: GatewayNode, at: datetime
) -> None:
    # R3: nothing is left.
    served_and_reset(owner, active, node, 900 * 150, at)
    decided = decision_for(order, at)[1]
    assert (decided.verdict, [reason.clause for reason in decided.reasons]) == ("refused", ["R3"])


def test_used_is_refused_by_the_document(
    owner: Person, order: Order, active: GatewayInstance, node: GatewayNode, at: datetime
) -> None:
    # R18, D8: the reset washes nothing away.
    served_and_reset(owner, active, node, 1, at)
    decided = decision_for(order, at)[1]
    assert (decided.verdict, [reason.clause for reason in decided.reasons]) == ("refused", ["R18"])


def test_exhausted_then_expired_and_told_once_of_each(
    active: GatewayInstance, node: GatewayNode, at: datetime
) -> None:
    full = active.grcq_included * 150
    for turn, (begin, end) in enumerate([(0, full * 8 // 10), (full * 8 // 10, full), (full, full + 150)]):
        say(node, at, batches=[batch(active, turn, turn + 1, visits=end - begin)])
        say(node, at, batches=[batch(active, turn, turn + 1, visits=end - begin)])  # said twice
    active.refresh_from_db()
    assert active.state == "quota_exhausted"
    for _ in range(2):
        sweep(active.term_ends_at, active.term_ends_at)
    active.refresh_from_db()
    assert active.state == "expired" and fleet.snapshot().sites == ()
    told = Event.objects.filter(subject=active.public_id, kind__startswith="gateway.").order_by("pk")
    assert [one.kind for one in told] == [
        "gateway.active",
        "gateway.quota_low",
        "gateway.quota_exhausted",
        "gateway.expired",
    ]
    # What is counted late still goes to its hour, and nothing begins anew.
    say(node, at, batches=[batch(active, 3, 4, visits=1, hour=500_001)])
    active.refresh_from_db()
    assert active.state == "expired" and active.visits == full + 151
