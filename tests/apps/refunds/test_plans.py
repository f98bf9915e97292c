"""Plans against a product that can be told what to do: confirmed once, looked at afresh after every step."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from hanaper import clock
from hanaper.apps.events.models import Event
from hanaper.apps.orders import products
from hanaper.apps.orders.models import Order
from hanaper.apps.orders.products import StepOutcome
from hanaper.apps.recovery.services import begin_recovery, finish_recovery
from hanaper.apps.refunds.models import Refund, RefundPlan
from hanaper.apps.refunds.services import (
    cancel_plan,
    confirm_plan,
    prepare_plan,
    request_refund,
    resume_plan,
)
from hanaper.apps.refunds.sweep import sweep
from hanaper.core.actor import Actor
from hanaper.core.errors import InvalidInput, Refusal
from hanaper.wiring import PRODUCTS
from tests.apps.refunds.plans import *  # noqa: F403 - its fixtures
from tests.apps.refunds.plans import DV, Certificates, confirm, go
from tests.people import Person
from tests.shop import buy

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.mark.parametrize(
    ("state", "taken"),
    [
        ("pending_application", ["cancel_apply"]),
        ("validating_application", ["withdraw", "cancel_apply"]),
        ("validation_failed", ["modify", "submit", "withdraw", "cancel_apply"]),
        ("issued", ["revoke", "approve_revocation"]),
        ("validating_revocation", ["approve_revocation"]),
        ("revoked", []),
    ],
)
def test_from_every_state_to_the_refund(
    state: str, taken: list[str], certificates: Certificates, owner: Person, order: Order, at: datetime
) -> None:
    certificates.states = {"crt_1": state}  # R11
    certificates.approved = True
    plan = confirm(owner, prepare_plan(owner.actor, order, at=at), at)
    plan = go(plan, at)
    assert plan.state == "done"
    assert certificates.taken == [step for step in taken if step != "approve_revocation"] + (
        ["approve_revocation"] if "approve_revocation" in taken else []
    )
    assert plan.refund is not None
    assert plan.refund.origin == "plan"
    assert {step.progress for step in plan.steps.all()} <= {"done"}


def test_it_waits_for_the_review_and_goes_on_by_itself(
    certificates: Certificates, owner: Person, order: Order, at: datetime
) -> None:
    certificates.states = {"crt_1": "issued"}  # R13
    plan = go(confirm(owner, prepare_plan(owner.actor, order, at=at), at), at)
    assert plan.state == "waiting"
    assert not Refund.objects.exists()
    certificates.approved = True
    plan = go(plan, at)
    assert plan.state == "done"
    assert Refund.objects.count() == 1


def test_one_that_goes_on_is_looked_at_soon_again(
    certificates: Certificates, owner: Person, order: Order, at: datetime
) -> None:
    certificates.states = {"crt_1": "issued", "crt_2": "issued"}
    plan = confirm(owner, prepare_plan(owner.actor, order, at=at), at)

    def waits() -> timedelta:
        looked = clock.system_now() + timedelta(seconds=1)
        nonlocal plan
        plan = go(plan, at)
        return plan.next_look_at - looked

    waited = [waits() for _ in range(8)]
    assert waited[-1] > timedelta(seconds=50)
    certificates.states["crt_1"] = "revoked"
    assert (waits() < timedelta(seconds=5), plan.state) == (True, "waiting")


def test_the_receipt_is_the_moment_of_the_last_step(
    certificates: Certificates, owner: Person, order: Order, at: datetime
) -> None:
    certificates.states = {"crt_1": "issued"}  # D2, R12
    plan = go(confirm(owner, prepare_plan(owner.actor, order, at=at), at), at)
    certificates.approved = True
    plan = go(plan, at + timedelta(days=8))
    assert plan.state == "refused"
    assert plan.problem is not None
    assert plan.problem["clause"] == "R1"
    assert not Refund.objects.exists()


def test_several_years_are_cancelled_before_the_first_is_revoked(
    certificates: Certificates, owner: Person, order: Order, at: datetime
) -> None:
    certificates.states = {"crt_1": "issued", "crt_2": "not_activated", "crt_3": "not_activated"}  # R16
    certificates.years = {"crt_2": 2, "crt_3": 3}
    certificates.approved = True
    plan = go(confirm(owner, prepare_plan(owner.actor, order, at=at), at), at)
    assert plan.state == "done"
    assert certificates.taken == ["cancel", "cancel", "revoke", "approve_revocation"]


def test_what_cannot_be_undone_needs_the_tick_and_the_token(
    certificates: Certificates, owner: Person, order: Order, at: datetime
) -> None:
    certificates.states = {"crt_1": "issued"}  # R12
    plan = prepare_plan(owner.actor, order, at=at)
    with pytest.raises(InvalidInput) as refused:
        confirm(owner, plan, at, accept=False)
    assert (refused.value.code, refused.value.clause) == ("not_accepted", "R12")
    with pytest.raises(Refusal) as wrong:
        confirm_plan(owner.actor, plan, token="another", accept=True, at=at)
    assert wrong.value.code == "wrong_token"
    assert go(plan, at).state == "prepared"
    assert certificates.taken == []


def test_issued_while_it_was_being_withdrawn(
    certificates: Certificates, owner: Person, order: Order, at: datetime
) -> None:
    certificates.states = {"crt_1": "validation_failed"}  # D14
    certificates.instead = {"submit": "issued"}
    plan = go(confirm(owner, prepare_plan(owner.actor, order, at=at), at), at)
    assert plan.state == "needs_confirmation"
    assert "revoke" not in certificates.taken
    certificates.approved = True
    plan = go(confirm(owner, plan, at), at)
    assert plan.state == "done"
    assert certificates.taken == ["modify", "submit", "revoke", "approve_revocation"]


def test_a_refused_step_stops_with_the_field_to_mend(
    certificates: Certificates, owner: Person, order: Order, at: datetime
) -> None:
    certificates.states = {"crt_1": "validation_failed"}
    certificates.refusing = {"submit"}
    plan = go(confirm(owner, prepare_plan(owner.actor, order, at=at), at), at)
    assert plan.state == "stopped"
    assert plan.problem is not None
    assert plan.problem["field"] == "contact"
    assert go(plan, at).state == "stopped"
    certificates.refusing = set()
    resume_plan(owner.actor, plan, at=at)
    assert go(plan, at).state == "done"


def test_a_step_that_changes_nothing_does_not_run_for_ever(
    certificates: Certificates, owner: Person, order: Order, at: datetime
) -> None:
    certificates.states = {"crt_1": "pending_application"}
    certificates.instead = {"cancel_apply": "pending_application"}
    plan = go(confirm(owner, prepare_plan(owner.actor, order, at=at), at), at)
    assert plan.state == "stopped"
    assert plan.problem is not None
    assert plan.problem["code"] == "no_progress"


def test_cancelled_between_two_steps(
    certificates: Certificates, owner: Person, order: Order, at: datetime
) -> None:
    certificates.states = {"crt_1": "issued"}
    plan = go(confirm(owner, prepare_plan(owner.actor, order, at=at), at), at)
    cancel_plan(owner.actor, plan, at=at)
    certificates.approved = True
    assert go(plan, at).state == "cancelled"
    assert not Refund.objects.exists()
    assert prepare_plan(owner.actor, order, at=at).state == "prepared"


def test_one_plan_at_a_time(certificates: Certificates, owner: Person, order: Order, at: datetime) -> None:
    certificates.states = {"crt_1": "issued"}
    plan = confirm(owner, prepare_plan(owner.actor, order, at=at), at)
    with pytest.raises(Refusal) as refused:
        prepare_plan(owner.actor, order, at=at)
    assert refused.value.code == "plan_under_way"
    assert refused.value.details["plan"] == plan.public_id


def test_a_worker_whose_lease_ran_out_writes_nothing(
    certificates: Certificates, owner: Person, order: Order, at: datetime
) -> None:
    certificates.states = {"crt_1": "pending_application"}
    plan = confirm(owner, prepare_plan(owner.actor, order, at=at), at)
    undo = certificates.undo

    def overtaken(*arguments: Any) -> StepOutcome:
        RefundPlan.objects.filter(pk=plan.pk).update(fence=99)
        return undo(*arguments)

    certificates.undo = overtaken  # type: ignore[method-assign]
    products.register([certificates.product(), *PRODUCTS[1:]])
    go(plan, at)
    plan.refresh_from_db()
    assert plan.state == "running"
    assert not Refund.objects.exists()


def test_a_yes_holds_for_one_revocation(
    certificates: Certificates, owner: Person, order: Order, at: datetime
) -> None:
    """R12, R13: after the operator refused it, nobody has said yes to a second request."""
    certificates.states = {"crt_1": "issued"}
    plan = go(confirm(owner, prepare_plan(owner.actor, order, at=at), at), at)
    assert plan.state == "waiting"
    certificates.states = {"crt_1": "issued"}  # refused
    plan = go(plan, at)
    assert plan.state == "needs_confirmation"
    assert certificates.taken == ["revoke"]
    certificates.approved = True
    assert go(confirm(owner, plan, at), at).state == "done"


def test_issued_at_the_moment_of_withdrawing(
    certificates: Certificates, owner: Person, order: Order, at: datetime
) -> None:
    """D14, F14: the withdrawal is refused because the CA was faster; the plan is computed anew."""
    certificates.states = {"crt_1": "validating_application"}
    undo = certificates.undo

    def overtaken(actor: Actor, order: Order, action: str, target: str, at: datetime) -> StepOutcome:
        if action == "withdraw":
            certificates.states = {"crt_1": "issued"}
            raise Refusal("It is Issued.", code="not_in_this_state", clause="R11")
        return undo(actor, order, action, target, at)

    certificates.undo = overtaken  # type: ignore[method-assign]
    products.register([certificates.product(), *PRODUCTS[1:]])
    plan = go(confirm(owner, prepare_plan(owner.actor, order, at=at), at), at)
    assert plan.state == "needs_confirmation"
    assert [step["action"] for step in plan.decision["steps"]] == ["revoke", "approve_revocation"]
    assert certificates.taken == []


def test_cancelled_while_a_step_is_taken_no_other_begins(
    certificates: Certificates, owner: Person, order: Order, at: datetime
) -> None:
    certificates.states = {"crt_1": "issued", "crt_2": "not_activated"}
    certificates.years = {"crt_2": 2}
    plan = confirm(owner, prepare_plan(owner.actor, order, at=at), at)
    undo = certificates.undo

    def meanwhile(*arguments: Any) -> StepOutcome:
        outcome = undo(*arguments)
        cancel_plan(owner.actor, RefundPlan.objects.get(pk=plan.pk), at=at)
        return outcome

    certificates.undo = meanwhile  # type: ignore[method-assign]
    products.register([certificates.product(), *PRODUCTS[1:]])
    assert go(plan, at).state == "cancelled"
    assert certificates.taken == ["cancel"]  # and nothing was revoked


def test_a_warning_that_no_longer_holds_is_not_confirmed(
    certificates: Certificates, owner: Person, order: Order, at: datetime
) -> None:
    """D12: shown while a request was sure to be in time, confirmed when it no longer is."""
    certificates.states = {"crt_1": "issued"}
    plan = prepare_plan(owner.actor, order, at=at)
    with pytest.raises(Refusal) as refused:
        confirm(owner, plan, at + timedelta(days=5))
    assert (refused.value.code, refused.value.clause) == ("plan_changed", "D14")
    assert go(plan, at + timedelta(days=5)).state == "prepared"
    assert certificates.taken == []
    again = prepare_plan(owner.actor, order, at=at + timedelta(days=5))
    assert "has passed" in again.decision["reasons"][0]["text"]
    confirm(owner, again, at + timedelta(days=5))


def test_a_yes_too_late_is_refused(
    certificates: Certificates, owner: Person, order: Order, at: datetime
) -> None:
    certificates.states = {"crt_1": "issued"}
    plan = prepare_plan(owner.actor, order, at=at)
    with pytest.raises(Refusal) as refused:
        confirm(owner, plan, at + timedelta(days=8))
    assert (refused.value.code, refused.value.clause) == ("refund_refused", "R1")
    plan.refresh_from_db()
    assert plan.state == "prepared"
    assert certificates.taken == []


def test_another_irreversible_step_than_was_shown(
    certificates: Certificates, owner: Person, order: Order, at: datetime
) -> None:
    certificates.states = {"crt_1": "validating_application"}
    plan = prepare_plan(owner.actor, order, at=at)
    certificates.states = {"crt_1": "issued"}
    with pytest.raises(Refusal) as refused:
        confirm(owner, plan, at)
    assert refused.value.code == "plan_changed"


def test_resumed_while_it_waits_for_a_yes_it_shows_what_holds_now(
    certificates: Certificates, owner: Person, order: Order, at: datetime
) -> None:
    certificates.states = {"crt_1": "validation_failed"}
    certificates.instead = {"submit": "issued"}
    plan = go(confirm(owner, prepare_plan(owner.actor, order, at=at), at), at)
    assert plan.state == "needs_confirmation"
    old = plan.token
    resume_plan(owner.actor, plan, at=at + timedelta(days=5))
    plan = go(plan, at + timedelta(days=5))
    assert plan.state == "needs_confirmation"
    assert plan.token != old
    assert "has passed" in plan.decision["reasons"][0]["text"]


def test_asked_for_by_hand_the_plan_has_reached_its_end(
    certificates: Certificates, owner: Person, order: Order, at: datetime
) -> None:
    certificates.states = {"crt_1": "issued"}
    plan = go(confirm(owner, prepare_plan(owner.actor, order, at=at), at), at)
    certificates.states = {"crt_1": "revoked"}
    refund = request_refund(owner.actor, order, at=at)
    plan = go(plan, at)
    assert (plan.state, plan.refund) == ("done", refund)
    assert Refund.objects.count() == 1


def test_one_broken_plan_does_not_hold_up_the_others(
    certificates: Certificates, owner: Person, order: Order, at: datetime
) -> None:
    other = buy(owner, DV, at=at)
    certificates.states = {"crt_1": "pending_application"}
    first = confirm(owner, prepare_plan(owner.actor, order, at=at), at)
    second = confirm(owner, prepare_plan(owner.actor, other, at=at), at)
    undo = certificates.undo

    def breaking(actor: Actor, of: Order, *rest: Any) -> StepOutcome:
        if of.pk == order.pk:
            raise ZeroDivisionError
        return undo(actor, of, *rest)

    certificates.undo = breaking  # type: ignore[method-assign]
    products.register([certificates.product(), *PRODUCTS[1:]])
    sweep(at, clock.system_now() + timedelta(seconds=1))
    first.refresh_from_db()
    second.refresh_from_db()
    assert (first.state, second.state) == ("running", "done")


@pytest.mark.parametrize("late", [timedelta(0), timedelta(days=9)])
def test_in_recovery_a_plan_waits(
    late: timedelta, certificates: Certificates, owner: Person, order: Order, at: datetime
) -> None:
    certificates.states = {"crt_1": "pending_application"}
    plan = confirm(owner, prepare_plan(owner.actor, order, at=at), at)
    begin_recovery(backup_at=at, system_at=clock.system_now())
    assert go(plan, at).state == "running"
    finish_recovery(system_at=clock.system_now())
    assert go(plan, at + late).state == ("refused" if late else "done")


def test_each_stop_is_told_once(
    certificates: Certificates, owner: Person, order: Order, at: datetime
) -> None:
    certificates.states = {"crt_1": "validation_failed"}
    certificates.refusing = {"submit"}
    plan = go(confirm(owner, prepare_plan(owner.actor, order, at=at), at), at)
    go(plan, at)
    assert Event.objects.filter(kind="refund_plan.needs_customer", subject=plan.public_id).count() == 1
