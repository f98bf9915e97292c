"""Carrying out a plan: one step, then everything is looked at afresh, then the next (D14)."""

import secrets
from collections.abc import Mapping
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import F, Q

from hanaper import clock
from hanaper.apps.audit.services import record
from hanaper.apps.audit.vocabulary import AuditAction
from hanaper.apps.events.services import emit
from hanaper.apps.events.vocabulary import EventKind
from hanaper.apps.orders.models import Order
from hanaper.apps.orders.products import StepState, product_for
from hanaper.apps.refunds.models import PlanStep, RefundPlan
from hanaper.apps.refunds.services.deciding import decision_for
from hanaper.apps.refunds.services.planning import is_confirmed, outline, write_steps
from hanaper.apps.refunds.services.requesting import request_refund
from hanaper.apps.refunds.vocabulary import LOOKED_AT, PlanState, RefundOrigin, StepProgress
from hanaper.core.actor import system, unpacked
from hanaper.core.errors import Refusal
from hanaper.core.refund import By, Decision, Facts, Step, Verdict
from hanaper.storage.crashpoints import crashpoint
from hanaper.storage.wake import pursuit

PLANS = system("refund plans")
LEASE = timedelta(seconds=60)
SHORTEST_WAIT = timedelta(seconds=1)
LONGEST_WAIT = timedelta(seconds=60)
# A plan of many certificates is long; one look takes so many steps and comes back for the rest.
STEPS_A_LOOK = 50
# What a refusal of the request itself says for good; after any other the customer or support can mend it.
FOR_GOOD = ("refund_refused", "refund_in_progress", "already_refunded")


@pursuit("refunds.plan")
def pursue_plan(plan_pk: int, at: datetime, system_at: datetime) -> None:
    """Take the steps that can be taken now; nothing if it waits for a person or another worker has it."""
    plan = _claim(plan_pk, system_at)
    if plan is None:
        return
    try:
        for _ in range(STEPS_A_LOOK):
            if not _advance(plan, at):
                break
    except LostLease:
        return
    _release(plan, system_at)


def _claim(plan_pk: int, system_at: datetime) -> RefundPlan | None:
    free = Q(leased_until=None) | Q(leased_until__lte=system_at)
    claimed = RefundPlan.objects.filter(free, pk=plan_pk, state__in=LOOKED_AT).update(
        leased_until=system_at + LEASE, fence=F("fence") + 1, looks=F("looks") + 1
    )
    if claimed != 1:
        return None
    return RefundPlan.objects.select_related("order").get(pk=plan_pk)


def _release(plan: RefundPlan, system_at: datetime) -> None:
    wait = min(SHORTEST_WAIT * 2 ** min(plan.looks, 6), LONGEST_WAIT)
    RefundPlan.objects.filter(pk=plan.pk, fence=plan.fence).update(
        leased_until=None, next_look_at=system_at + wait
    )


def _advance(plan: RefundPlan, at: datetime) -> bool:
    """One step; whether another can follow at once."""
    order = Order.objects.get(pk=plan.order_id)
    facts, decision = decision_for(order, at)
    if decision.verdict is Verdict.REFUNDABLE:
        return _ask_for_refund(plan, order, at)
    if decision.verdict is Verdict.REFUSED:
        return _end(plan, PlanState.REFUSED, _problem_of(decision), at)
    _follow(plan, facts, decision, at)
    if not all(is_confirmed(plan, step) for step in decision.steps):
        return _ask_for_confirmation(plan, decision, at)
    step = next((one for one in decision.steps if [one.action.value, one.target] not in plan.tried), None)
    if step is None:
        problem = {"code": "no_progress", "message": "The steps were taken, and nothing changed."}
        return _end(plan, PlanState.STOPPED, problem, at)
    return _take(plan, order, step, at)


def _follow(plan: RefundPlan, facts: Facts, decision: Decision, at: datetime) -> None:
    """Notice that the steps have changed: what was tried belongs to the steps before."""
    now = outline(decision)
    if now == plan.outline:
        return
    left = [step for step in plan.outline if step not in now]
    steps = plan.steps.filter(progress__in=[StepProgress.PLANNED, StepProgress.WAITING])
    for step in steps:
        if [step.action, step.target] in left:
            done = step.progress == StepProgress.WAITING or step.by == By.OPERATOR.value
            progress = StepProgress.DONE if done else StepProgress.DROPPED
            PlanStep.objects.filter(pk=step.pk).update(progress=progress, changed_at=at)
    if any(step not in plan.outline for step in now):
        steps.exclude(progress=StepProgress.WAITING).update(progress=StepProgress.DROPPED, changed_at=at)
        write_steps(plan, facts, decision, at)
    # D14: a yes holds for one time. What has left the outline and comes back (a revocation that the operator
    # refused) is asked for again.
    confirmed = [step for step in plan.confirmed if step in now]
    # What goes on is looked at soon again, however long the step before took.
    _save(plan, outline=now, tried=[], confirmed=confirmed, decision=decision.to_json(), looks=0)


def _take(plan: RefundPlan, order: Order, step: Step, at: datetime) -> bool:
    """Carry out one step in the name of whoever confirmed the plan."""
    key = [step.action.value, step.target]
    # Before the act, not only after: a plan that was cancelled or lost begins no other step.
    renewed = clock.system_now() + LEASE
    _save(plan, leased_until=max(renewed, plan.leased_until or renewed))
    try:
        outcome = product_for(order.product_kind).undo(
            unpacked(plan.actor or {}), order, step.action.value, step.target, at
        )
    except Refusal as refusal:
        if refusal.code == "in_recovery":
            return False
        if _has_moved_on(plan, at):
            return True
        _mark(plan, key, StepProgress.REFUSED, at, refusal.message)
        return _end(plan, PlanState.STOPPED, _problem_of_refusal(refusal), at)
    crashpoint("refunds.plan.after_step")
    if outcome.state is StepState.WAITING:
        _mark(plan, key, StepProgress.WAITING, at)
        _save(plan, state=PlanState.WAITING)
        return False
    with transaction.atomic():
        _mark(plan, key, StepProgress.DONE, at)
        _save(plan, tried=[*plan.tried, key], state=PlanState.RUNNING)
        record(
            unpacked(plan.actor or {}),
            AuditAction.PLAN_STEP_TAKEN,
            plan.public_id,
            at=at,
            account_id=plan.account_id,
            after={"action": step.action.value, "target": step.target},
        )
    return True


def _has_moved_on(plan: RefundPlan, at: datetime) -> bool:
    """D14: a step was refused because the thing moved while it was taken, as one that was issued while it was
    being withdrawn. The plan is then computed anew."""
    _, decision = decision_for(Order.objects.get(pk=plan.order_id), at)
    return bool(outline(decision) != plan.outline)


def _mark(plan: RefundPlan, key: list[str], progress: StepProgress, at: datetime, note: str = "") -> None:
    step = plan.steps.filter(
        action=key[0], target=key[1], progress__in=[StepProgress.PLANNED, StepProgress.WAITING]
    ).first()
    if step is None or step.progress == progress:
        return
    step.progress, step.changed_at = progress, at
    if note:
        step.note = note[:500]
    step.save(update_fields=["progress", "changed_at", "note"])


def _ask_for_refund(plan: RefundPlan, order: Order, at: datetime) -> bool:
    """The last step is done: the plan makes the request itself, and this moment is its receipt (D2)."""
    plan.steps.filter(progress=StepProgress.WAITING).update(progress=StepProgress.DONE, changed_at=at)
    plan.steps.filter(progress=StepProgress.PLANNED).update(progress=StepProgress.DROPPED, changed_at=at)
    crashpoint("refunds.plan.before_request")
    try:
        with transaction.atomic():
            refund = request_refund(unpacked(plan.actor or {}), order, at=at, origin=RefundOrigin.PLAN)
            _save(plan, state=PlanState.DONE, refund=refund, finished_at=at)
    except Refusal as refusal:
        if refusal.code == "in_recovery":
            return False
        if refusal.code == "refund_needs_steps":  # used again before the lock: computed anew
            return True
        state = PlanState.REFUSED if refusal.code in FOR_GOOD else PlanState.STOPPED
        return _end(plan, state, _problem_of_refusal(refusal), at)
    return False


def _ask_for_confirmation(plan: RefundPlan, decision: Decision, at: datetime) -> bool:
    """D14: an irreversible step that nobody said yes to stops the plan, with the warning of R12."""
    with transaction.atomic():
        _save(
            plan,
            state=PlanState.NEEDS_CONFIRMATION,
            token=secrets.token_urlsafe(24),
            decision=decision.to_json(),
            problem={
                "code": "needs_confirmation",
                "clause": "D14",
                "message": "A step that cannot be undone was not in what was confirmed.",
            },
        )
        _tell(plan, EventKind.PLAN_NEEDS_CUSTOMER, at)
    return False


def _end(plan: RefundPlan, state: PlanState, problem: Mapping[str, object], at: datetime) -> bool:
    """Stop until the customer has mended something, or for good; told in the same transaction."""
    stopped = state is PlanState.STOPPED
    with transaction.atomic():
        _save(plan, state=state, problem=dict(problem), finished_at=None if stopped else at)
        _tell(plan, EventKind.PLAN_NEEDS_CUSTOMER if stopped else EventKind.PLAN_ENDED, at)
        if not stopped:
            record(
                PLANS,
                AuditAction.PLAN_ENDED,
                plan.public_id,
                at=at,
                account_id=plan.account_id,
                after={"state": state, "problem": problem["code"]},
            )
    return False


def _problem_of(decision: Decision) -> dict[str, object]:
    return {
        "code": "refund_refused",
        "clause": decision.reasons[0].clause,
        "message": " ".join(reason.text for reason in decision.reasons),
    }


def _problem_of_refusal(refusal: Refusal) -> dict[str, object]:
    return {
        "code": refusal.code,
        "clause": refusal.clause,
        "message": refusal.message,
        "field": refusal.field,
        "next_steps": list(refusal.next_steps),
    }


def _tell(plan: RefundPlan, kind: EventKind, at: datetime) -> None:
    problem = plan.problem or {}
    emit(
        kind,
        account_id=plan.account_id,
        subject=plan.public_id,
        at=at,
        dedupe=f"{kind}:{plan.public_id}:{plan.fence}",
        data={"problem": str(problem.get("message", ""))},
    )


def _save(plan: RefundPlan, **changes: object) -> None:
    """Write what this worker found, unless its lease was lost or the plan was ended meanwhile."""
    rows = RefundPlan.objects.filter(pk=plan.pk, fence=plan.fence, state__in=LOOKED_AT)
    if rows.update(**changes) != 1:
        raise LostLease(plan.public_id)
    for name, value in changes.items():
        setattr(plan, name, value)


class LostLease(Exception):
    """Another worker has the plan, or it was ended: this one does and writes nothing more."""
