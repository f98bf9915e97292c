"""A refund plan that comes to a root which only two persons reset: it stops, says how, and goes on to the end."""

from datetime import datetime, timedelta
from pathlib import Path

import pytest

from hanaper import clock, wiring
from hanaper.apps.orders.models import Order
from hanaper.apps.private_ca import services as private_ca
from hanaper.apps.private_ca.models.cas import PrivateCA
from hanaper.apps.private_ca.services import ceremonies
from hanaper.apps.private_ca.states import Operation
from hanaper.apps.refunds.models import Refund, RefundPlan
from hanaper.apps.refunds.services import confirm_plan, prepare_plan, resume_plan
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


@pytest.fixture
def order(owner: Person, colleague: Person, catalogue: None, published: Path, at: datetime) -> Order:
    """Of a root and its intermediate, both enabled, in an account that asks for two persons."""
    bought = buy(owner, "private-root-ca", at=at)
    for ca in PrivateCA.objects.filter(order=bought).order_by("pk"):
        enable(owner, ca, at)
    private_ca.switch_on(owner.actor, owner.account, at=at)
    return bought


def test_it_stops_at_the_root_and_is_resumed_to_the_refund(
    owner: Person, colleague: Person, order: Order, at: datetime
) -> None:
    root, below = PrivateCA.objects.filter(order=order).order_by("pk")
    plan = prepare_plan(owner.actor, order, at=at)
    plan = confirm_plan(owner.actor, plan, token=plan.token, accept=True, at=at)
    plan = looked_at(plan, at, 5)
    root.refresh_from_db()
    below.refresh_from_db()
    assert (plan.state, root.state, below.state) == ("stopped", "enabled", "not_enabled")
    assert plan.problem is not None and plan.problem["code"] == "two_persons_needed"
    told = " ".join(plan.problem["next_steps"])
    assert root.public_id in told and "console" in told and "`hanaper pca reset --propose`" in told
    assert not Refund.objects.exists()

    resume_plan(owner.actor, plan, at=at)
    plan = looked_at(plan, at, 10)
    assert plan.state == "stopped", "nobody has approved yet"

    asked = ceremonies.propose(owner.actor, root.account, Operation.RESET, root, {}, at=at)
    done = ceremonies.approve(colleague.actor, asked, at=at)
    root.refresh_from_db()
    assert (done.state, root.state, root.reset_at) == ("carried_out", "not_enabled", at)

    resume_plan(owner.actor, plan, at=at)
    for minutes in (15, 20, 25):
        plan = looked_at(plan, at, minutes)
    order.refresh_from_db()
    assert (plan.state, plan.refund.state if plan.refund else "", order.state) == (
        "done",
        "succeeded",
        "refunded",
    )
    states = PrivateCA.objects.filter(order=order).values_list("state", flat=True)
    assert set(states) == {"refunded"}
    assert list(plan.steps.order_by("pk").values_list("action", "target", "progress")) == [
        ("reset", below.public_id, "done"),
        ("reset", root.public_id, "dropped"),  # two persons did it
    ]
