"""A refund plan that comes to a root which only two persons reset: two agree on that before anything is reset."""

from datetime import datetime, timedelta
from pathlib import Path

import pytest

from hanaper import clock, wiring
from hanaper.apps.orders.models import Order
from hanaper.apps.private_ca import services as private_ca
from hanaper.apps.private_ca.models.cas import PrivateCA
from hanaper.apps.private_ca.models.ceremonies import TwoPersonRule
from hanaper.apps.private_ca.services import ceremonies
from hanaper.apps.private_ca.states import Operation
from hanaper.apps.refunds.models import Refund, RefundPlan
from hanaper.apps.refunds.services import confirm_plan, prepare_plan
from tests.apps.private_ca.certificates import refused
from tests.apps.private_ca.conftest import enable
from tests.fixtures_authority import *  # noqa: F403 - its fixtures
from tests.people import Person
from tests.shop import buy

pytestmark = pytest.mark.django_db(transaction=True)


def looked_at(plan: RefundPlan, at: datetime, minutes: int) -> RefundPlan:
    for _, sweep in wiring.SWEEPS:
        sweep(at, clock.system_now() + timedelta(minutes=minutes))
    plan.refresh_from_db()
    return plan


def states(order: Order) -> list[str]:
    return list(PrivateCA.objects.filter(order=order).order_by("pk").values_list("state", flat=True))


@pytest.fixture
def order(owner: Person, colleague: Person, catalogue: None, published: Path, at: datetime) -> Order:
    """Of a root and its intermediate, both enabled, in an account that asks for two persons."""
    bought = buy(owner, "private-root-ca", at=at)
    for ca in PrivateCA.objects.filter(order=bought).order_by("pk"):
        enable(owner, ca, at)
    private_ca.switch_on(owner.actor, owner.account, at=at)
    return bought


def test_two_agree_before_the_first_step_and_it_goes_to_the_end(
    owner: Person, colleague: Person, order: Order, at: datetime
) -> None:
    root = PrivateCA.objects.get(order=order, kind="root")
    plan = prepare_plan(owner.actor, order, at=at)
    refusal = refused(
        "two_persons_needed",
        lambda: confirm_plan(owner.actor, plan, token=plan.token, accept=True, at=at),
    )
    told = " ".join(refusal.next_steps)
    assert root.public_id in told and "console" in told and "`hanaper pca reset --propose`" in told
    plan = looked_at(plan, at, 5)
    assert (plan.state, states(order)) == ("prepared", ["enabled", "enabled"])

    asked = ceremonies.propose(owner.actor, root.account, Operation.RESET, root, {}, at=at)
    agreed = ceremonies.approve(colleague.actor, asked, at=at)
    assert (agreed.state, states(order)) == ("approved", ["enabled", "enabled"]), "D7"
    plan = confirm_plan(owner.actor, plan, token=plan.token, accept=True, at=at)
    for minutes in (10, 15, 20, 25):
        plan = looked_at(plan, at, minutes)
    agreed.refresh_from_db()
    order.refresh_from_db()
    assert (plan.state, agreed.state, order.state) == ("done", "carried_out", "refunded")
    assert states(order) == ["refunded", "refunded"]


def test_asked_for_two_after_it_was_confirmed_it_stops_and_goes_on_by_itself(
    owner: Person, colleague: Person, order: Order, at: datetime
) -> None:
    root, below = PrivateCA.objects.filter(order=order).order_by("pk")
    rule = TwoPersonRule.objects.get()
    rule.delete()
    plan = prepare_plan(owner.actor, order, at=at)
    plan = confirm_plan(owner.actor, plan, token=plan.token, accept=True, at=at)
    rule.save(force_insert=True)
    plan = looked_at(plan, at, 5)
    assert (plan.state, states(order)) == ("stopped", ["enabled", "not_enabled"])
    assert plan.problem is not None and plan.problem["code"] == "two_persons_needed"
    plan = looked_at(plan, at, 10)
    assert plan.state == "stopped" and not Refund.objects.exists(), "nobody has approved yet"

    asked = ceremonies.propose(owner.actor, root.account, Operation.RESET, root, {}, at=at)
    done = ceremonies.approve(colleague.actor, asked, at=at)
    assert done.state == "carried_out"
    for minutes in (15, 20, 25):
        plan = looked_at(plan, at, minutes)
    order.refresh_from_db()
    assert (plan.state, order.state) == ("done", "refunded")
    assert list(plan.steps.order_by("pk").values_list("action", "target", "progress")) == [
        ("reset", below.public_id, "done"),
        ("reset", root.public_id, "dropped"),  # two persons did it
    ]
