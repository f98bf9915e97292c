"""Plans from a person's side: prepare, confirm, resume, cancel. Irreversible acts take two steps (R12)."""

import secrets
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import F

from hanaper import clock
from hanaper.apps.audit.services import record
from hanaper.apps.audit.vocabulary import AuditAction
from hanaper.apps.orders.locks import lock_order
from hanaper.apps.orders.models import Order
from hanaper.apps.orders.products import product_for
from hanaper.apps.refunds.models import PlanStep, RefundPlan
from hanaper.apps.refunds.services.deciding import decision_for, refuse_if_refused, told_steps
from hanaper.apps.refunds.services.requesting import refuse_second
from hanaper.apps.refunds.vocabulary import ACTIVE_PLAN, PlanState, StepProgress
from hanaper.core.actor import Actor, packed, system
from hanaper.core.errors import InvalidInput, Refusal
from hanaper.core.refund import By, Decision, Facts, Step
from hanaper.storage.wake import wake_pursuit
from hanaper.storage.walls import require_write

MOST_SAID = 500  # characters of a step's note
LOOKED_AT_AGAIN = timedelta(minutes=1)


def prepare_plan(actor: Actor, order: Order, *, at: datetime) -> RefundPlan:
    """The whole way from here to the refund, to be confirmed once; nothing is done yet.

    Refused: what a request for a refund refuses, and `plan_under_way` (shows it).
    """
    require_write(actor)
    with transaction.atomic():
        order = lock_order(order.pk)
        refuse_second(order)
        _refuse_second_plan(order)
        facts, decision = decision_for(order, at)
        refuse_if_refused(order, facts, decision)
        RefundPlan.objects.filter(order=order, state=PlanState.PREPARED).update(
            state=PlanState.CANCELLED, finished_at=at
        )
        plan = RefundPlan.objects.create(
            account_id=order.account_id,
            order=order,
            token=secrets.token_urlsafe(24),
            decision=decision.to_json(),
            outline=outline(decision),
            prepared_at=at,
            next_look_at=clock.system_now(),
        )
        write_steps(plan, facts, decision, at)
    return plan


def outline(decision: Decision) -> list[list[str]]:
    return [[step.action.value, step.target] for step in decision.steps]


def write_steps(plan: RefundPlan, facts: Facts, decision: Decision, at: datetime) -> None:
    """Append the decision's steps after those the plan has already gone through."""
    position = plan.steps.count()
    sentences = told_steps(plan.order, facts, decision.steps)
    PlanStep.objects.bulk_create(
        PlanStep(
            plan=plan,
            position=position + index,
            action=step.action.value,
            target=step.target,
            by=step.by.value,
            irreversible=step.irreversible,
            due=step.due,
            note=sentence[:MOST_SAID],
            changed_at=at,
        )
        for index, (step, sentence) in enumerate(zip(decision.steps, sentences, strict=True))
    )


def foreseen(plan: RefundPlan) -> Refusal | None:
    """What would refuse one of its steps as things are, whatever is confirmed."""
    try:
        _foresee(plan)
    except Refusal as refusal:
        return refusal
    return None


def _foresee(plan: RefundPlan) -> None:
    for step in plan.decision["steps"]:
        if step["by"] == By.CUSTOMER:
            product_for(plan.order.product_kind).foresee(plan.order, step["action"], step["target"])


def confirm_plan(actor: Actor, plan: RefundPlan, *, token: str, accept: bool, at: datetime) -> RefundPlan:
    """Say yes to every irreversible step that the plan shows, and let it run.

    `token` is the one shown with exactly these steps; `accept` the tick (R12, R17). Refused:
    `plan_not_waiting`, `wrong_token` (the steps have changed), `not_accepted`, `plan_changed` (what cannot be
    undone, or the warning of D12, is not what was shown any more), `refund_refused`, `two_persons_needed`.
    """
    require_write(actor)
    with transaction.atomic():
        order = lock_order(plan.order_id)
        plan.refresh_from_db()
        if plan.state not in (PlanState.PREPARED, PlanState.NEEDS_CONFIRMATION):
            raise Refusal(
                f"The plan is {plan.state}: there is nothing to confirm.",
                code="plan_not_waiting",
                details={"plan": plan.public_id, "state": plan.state},
            )
        if not secrets.compare_digest(token.encode(), plan.token.encode()):
            raise Refusal(
                "What was confirmed is not what the plan would do now.",
                code="wrong_token",
                clause="R12",
                field="token",
                next_steps=["Look at the plan again, and confirm what it shows."],
            )
        irreversible = [
            [step["action"], step["target"]] for step in plan.decision["steps"] if step["irreversible"]
        ]
        if irreversible and not accept:
            raise InvalidInput(
                "Some steps cannot be undone: say that you accept this.",
                field="accept",
                code="not_accepted",
                clause="R12",
            )
        refuse_second(order)
        if plan.state == PlanState.PREPARED:
            _refuse_second_plan(order)
        _refuse_changed(plan, order, at)
        # Before the first step that cannot be undone, not half way.
        _foresee(plan)
        plan.state, plan.problem = PlanState.RUNNING, None
        plan.confirmed = [*plan.confirmed, *irreversible]
        plan.actor, plan.confirmed_at, plan.tried = packed(actor), at, []
        plan.token = secrets.token_urlsafe(24)
        plan.next_look_at, plan.looks = clock.system_now(), 0
        plan.save(
            update_fields=[
                "state", "problem", "confirmed", "actor", "confirmed_at",
                "tried", "token", "next_look_at", "looks",
            ]
        )  # fmt: skip
        record(
            actor,
            AuditAction.PLAN_CONFIRMED,
            plan.public_id,
            at=at,
            account_id=plan.account_id,
            after={"order": order.public_id, "irreversible": irreversible},
        )
        wake_pursuit("refunds.plan", plan.pk)
    return plan


def resume_plan(actor: Actor, plan: RefundPlan, *, at: datetime) -> RefundPlan:
    """Go on with a plan that stopped, after what stood in its way was mended.

    One that waits is looked at again at once; one that waits for a confirmation then shows what it would do
    now. Refused: `plan_not_stopped`.
    """
    require_write(actor)
    with transaction.atomic():
        lock_order(plan.order_id)
        plan.refresh_from_db()
        if plan.state not in (PlanState.STOPPED, PlanState.WAITING, PlanState.NEEDS_CONFIRMATION):
            raise Refusal(
                f"The plan is {plan.state}: only one that stopped can be resumed.",
                code="plan_not_stopped",
                details={"plan": plan.public_id, "state": plan.state},
            )
        _go_on(actor, plan, at)
    return plan


def go_on_alone(plan_pk: int, at: datetime, system_at: datetime) -> bool:
    """Resume a plan that stopped because a step takes two persons, once they have done it; whether so."""
    with transaction.atomic():
        plan = RefundPlan.objects.get(pk=plan_pk)
        order = lock_order(plan.order_id)
        plan.refresh_from_db()
        if plan.state != PlanState.STOPPED:
            return False
        if outline(decision_for(order, at)[1]) == plan.outline:
            RefundPlan.objects.filter(pk=plan_pk).update(next_look_at=system_at + LOOKED_AT_AGAIN)
            return False
        _go_on(system("refund plans"), plan, at)
    return True


def _go_on(actor: Actor, plan: RefundPlan, at: datetime) -> None:
    plan.state, plan.problem, plan.tried = PlanState.RUNNING, None, []
    # What was refused is taken again, or somebody else has done it meanwhile.
    plan.steps.filter(progress=StepProgress.REFUSED).update(progress=StepProgress.PLANNED, note="")
    record(
        actor,
        AuditAction.PLAN_RESUMED,
        plan.public_id,
        at=at,
        account_id=plan.account_id,
        after={"state": PlanState.RUNNING},
    )
    plan.next_look_at, plan.looks = clock.system_now(), 0
    plan.save(update_fields=["state", "problem", "tried", "next_look_at", "looks"])
    wake_pursuit("refunds.plan", plan.pk)


def cancel_plan(actor: Actor, plan: RefundPlan, *, at: datetime) -> RefundPlan:
    """Stop a plan between two steps. What it has done already stays done."""
    require_write(actor)
    with transaction.atomic():
        lock_order(plan.order_id)
        plan.refresh_from_db()
        if plan.state not in (*ACTIVE_PLAN, PlanState.PREPARED):
            raise Refusal(
                f"The plan is {plan.state}: there is nothing to cancel.",
                code="plan_ended",
                details={"plan": plan.public_id, "state": plan.state},
            )
        # Another fence: whoever is at it at this moment begins no other step.
        RefundPlan.objects.filter(pk=plan.pk).update(
            state=PlanState.CANCELLED, finished_at=at, fence=F("fence") + 1
        )
        plan.refresh_from_db()
        record(
            actor,
            AuditAction.PLAN_ENDED,
            plan.public_id,
            at=at,
            account_id=plan.account_id,
            after={"state": plan.state},
        )
    return plan


def _refuse_second_plan(order: Order) -> None:
    active = RefundPlan.objects.filter(order=order, state__in=ACTIVE_PLAN).first()
    if active is not None:
        raise Refusal(
            "A plan for this order is under way.",
            code="plan_under_way",
            clause="D11",
            next_steps=["Follow that plan, or cancel it."],
            details={"plan": active.public_id},
        )


def _refuse_changed(plan: RefundPlan, order: Order, at: datetime) -> None:
    """R12, D12: nobody says yes to a warning that does not hold any more."""
    facts, decision = decision_for(order, at)
    refuse_if_refused(order, facts, decision)
    now = decision.to_json()
    if _warned_of(now) != _warned_of(plan.decision) or _takes_more(plan, order, facts, decision):
        again = "Prepare the plan again" if plan.state == PlanState.PREPARED else "Resume the plan"
        raise Refusal(
            "What the plan would do, or until when it is sure to be in time, has changed since it was shown.",
            code="plan_changed",
            clause="D14",
            next_steps=[f"{again}, read what it shows then, and confirm that."],
            details={"plan": plan.public_id, "decision": now},
        )


def _warned_of(decision: dict[str, Any]) -> tuple[Any, ...]:
    irreversible = [[step["action"], step["target"]] for step in decision["steps"] if step["irreversible"]]
    return irreversible, decision["reasons"] if irreversible else []


def _takes_more(plan: RefundPlan, order: Order, facts: Facts, decision: Decision) -> bool:
    """Whether a step that cannot be undone would take something with it that was not shown when it was
    prepared."""
    if plan.state != PlanState.PREPARED:
        return False
    irreversible = tuple(step for step in decision.steps if step.irreversible)
    planned = plan.steps.filter(irreversible=True).order_by("position")
    said = [sentence[:MOST_SAID] for sentence in told_steps(order, facts, irreversible)]
    return said != list(planned.values_list("note", flat=True))


def is_confirmed(plan: RefundPlan, step: Step) -> bool:
    return not step.irreversible or [step.action.value, step.target] in plan.confirmed
