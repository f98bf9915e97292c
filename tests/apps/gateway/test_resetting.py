"""R18: routing stops first, every node says its last, then it is judged; D8: consumption is not washed away."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from hanaper.apps.gateway import fleet, services
from hanaper.apps.gateway.evidence import gateway_evidence
from hanaper.apps.gateway.models import GatewayInstance, GatewayNode
from hanaper.apps.gateway.problems import problem, told
from hanaper.apps.gateway.sweep import sweep
from hanaper.apps.gateway.undo import undo_step
from hanaper.apps.orders.models import Order
from hanaper.apps.orders.products import StepState
from hanaper.apps.refunds.services import request_refund
from hanaper.apps.refunds.services.deciding import decision_for
from hanaper.core.errors import InvalidInput, Refusal
from tests.apps.gateway.conftest import ORIGINS, batch, say
from tests.people import Person


def reset(person: Person, gateway: GatewayInstance, at: datetime) -> GatewayInstance:
    token = services.prepare_reset(person.actor, gateway, at=at).token
    return services.reset_gateway(person.actor, gateway, confirmation=token, at=at)


def verdict(order: Order, at: datetime) -> str:
    return decision_for(order, at)[1].verdict


def test_never_served_is_reset_at_once(
    owner: Person, order: Order, added: GatewayInstance, node: GatewayNode, at: datetime
) -> None:
    done = reset(owner, added, at)
    assert (done.state, done.domain, done.cname, done.behaviour, done.reset_at) == (
        "no_domain",
        "",
        "",
        None,
        at,
    )
    assert verdict(order, at) == "refundable"


def test_a_list_asks_the_nodes_once(
    owner: Person, active: GatewayInstance, node: GatewayNode, at: datetime, django_assert_num_queries: Any
) -> None:
    reset(owner, active, at)
    say(node, at, applied=fleet.version(), settled=fleet.version() - 1)
    active.refresh_from_db()
    with django_assert_num_queries(1):
        known = told()
        found = [problem(active, known) for _row in range(3)]
    assert [one and (one.code, one.nodes) for one in found] == [("reset_waits", 1)] * 3


def test_waits_for_every_node(
    owner: Person, order: Order, active: GatewayInstance, node: GatewayNode, at: datetime
) -> None:
    under_way = reset(owner, active, at)
    version = fleet.version()
    assert under_way.resetting_since == at and under_way.domain
    assert fleet.snapshot().sites == ()
    assert verdict(order, at) == "action_needed"
    later = at + timedelta(days=8)
    say(node, later, applied=version, settled=version - 1)
    sweep(later, later)
    active.refresh_from_db()
    assert active.domain
    say(node, later, applied=version, settled=version)
    sweep(later, later)
    active.refresh_from_db()
    # D2: the reset counts from when it was asked for, however long the nodes took.
    assert (active.domain, active.reset_at, active.state) == ("", at, "no_domain")
    assert verdict(order, later) == "refundable"


def test_says_for_how_many_nodes_it_waits(
    owner: Person, order: Order, active: GatewayInstance, node: GatewayNode, at: datetime
) -> None:
    """Who reset in time is not told to reset, nor later that it is too late (D2)."""
    under_way = reset(owner, active, at)
    found = problem(under_way)
    assert found is not None and (found.code, found.nodes, found.since) == ("reset_waits", 1, at)
    assert found.said == (f"{node.name} ({node.public_id})",)
    for when in (at, at + timedelta(days=9)):
        with pytest.raises(Refusal) as refused:
            request_refund(owner.actor, order, at=when)
        assert refused.value.code == "refund_needs_steps" and refused.value.clause == "R18"
        assert "goes on by itself: 1 of 1 nodes have not answered yet." in refused.value.message
        assert "must be reset" not in " ".join((refused.value.message, *refused.value.next_steps))
    version = fleet.version()
    say(node, at, applied=version, settled=version)
    assert problem(under_way) is None


@pytest.mark.parametrize(("visits", "days"), [(1, 0), (0, 9)])
def test_a_reset_that_helps_no_refund_is_no_comfort(
    owner: Person,
    order: Order,
    active: GatewayInstance,
    node: GatewayNode,
    at: datetime,
    visits: int,
    days: int,
) -> None:
    """R18: consumed, or reset too late."""
    GatewayInstance.objects.filter(pk=active.pk).update(visits=visits, grcq_used=visits)
    active.refresh_from_db()
    when = at + timedelta(days=days)
    reset(owner, active, when)
    with pytest.raises(Refusal) as refused:
        request_refund(owner.actor, order, at=when)
    assert refused.value.code == "refund_refused" and "by itself" not in refused.value.message


def test_the_last_words_of_a_node_count(
    owner: Person, order: Order, active: GatewayInstance, node: GatewayNode, at: datetime
) -> None:
    # D8: one visit that was under way when the reset was asked for.
    reset(owner, active, at)
    version = fleet.version()
    say(node, at, applied=version, settled=version, batches=[batch(active, 0, 10, visits=1, bytes_out=3)])
    sweep(at, at)
    told = gateway_evidence([order], at)[order.pk]["gateway"]
    assert (told["domains"], told["visits"], told["grcq_used"]) == (0, 1, 2)
    assert verdict(order, at) == "refused"


def test_nobody_waits_for_a_node_that_was_retired(
    owner: Person, administrator: Person, active: GatewayInstance, node: GatewayNode, at: datetime
) -> None:
    services.retire(administrator.actor, node, at=at)
    assert reset(owner, active, at).domain == ""


def test_only_a_reset_counts_after_which_no_domain_was_added(
    owner: Person, order: Order, added: GatewayInstance, at: datetime
) -> None:
    # D2
    again = reset(owner, added, at)
    services.add_domain(owner.actor, again, domain="www.shop.test", behaviour=ORIGINS, at=at)
    told = gateway_evidence([order], at)[order.pk]["gateway"]
    assert (told["domains"], told["reset_at"]) == (1, None)


def test_two_steps(owner: Person, stranger: Person, added: GatewayInstance, at: datetime) -> None:
    warned = services.prepare_reset(owner.actor, added, at=at)
    assert "www.shop.test" in warned.text and "0 visits" in warned.text
    assert "No refund" not in warned.text
    late = services.prepare_reset(owner.actor, added, at=at + timedelta(days=9))
    assert "No refund follows any more" in late.text and late.token
    theirs = services.prepare_reset(stranger.actor, added, at=at).token
    for wrong in ("", "x", warned.token[:-1], theirs):
        with pytest.raises(InvalidInput):
            services.reset_gateway(owner.actor, added, confirmation=wrong, at=at)
    added.refresh_from_db()
    assert added.domain


def test_nothing_to_reset(owner: Person, gateway: GatewayInstance, at: datetime) -> None:
    with pytest.raises(Refusal) as refused:
        services.prepare_reset(owner.actor, gateway, at=at)
    assert refused.value.clause == "R18"


def test_nothing_changes_meanwhile(
    owner: Person, active: GatewayInstance, node: GatewayNode, at: datetime
) -> None:
    reset(owner, active, at)
    for change in (
        lambda: services.change_behaviour(owner.actor, active, ORIGINS, at=at),
        lambda: reset(owner, active, at),
        lambda: services.purge(owner.actor, active, at=at),
    ):
        with pytest.raises(Refusal) as refused:
            change()
        assert refused.value.code == "reset_under_way"


def test_as_a_step_of_a_plan(
    owner: Person, order: Order, active: GatewayInstance, node: GatewayNode, at: datetime
) -> None:
    first = undo_step(owner.actor, order, "reset", active.public_id, at)
    again = undo_step(owner.actor, order, "reset", active.public_id, at)
    assert first.state is again.state is StepState.WAITING
    say(node, at, applied=fleet.version(), settled=fleet.version())
    sweep(at, at)
    assert undo_step(owner.actor, order, "reset", active.public_id, at).state is StepState.DONE
