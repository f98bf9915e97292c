"""Trying a refund policy on the whole order book before it binds anybody."""

from datetime import datetime

from django.db import IntegrityError, transaction
from django.db.models import Max

from hanaper import clock
from hanaper.apps.audit.services import record
from hanaper.apps.audit.vocabulary import AuditAction
from hanaper.apps.policies import queries as policies
from hanaper.apps.trials.models import PolicyTrial
from hanaper.apps.trials.running import PURSUIT, orders_to_judge, refunds_to_judge
from hanaper.apps.trials.vocabulary import MOST_DAYS, TrialState
from hanaper.core.actor import Actor, StaffRole
from hanaper.core.errors import InvalidInput, Refusal
from hanaper.core.refund.policy import parse_policy
from hanaper.storage.wake import wake_pursuit
from hanaper.storage.walls import require_staff


def start_trial(actor: Actor, *, policy: str, days: int | None = None, at: datetime) -> PolicyTrial:
    """Judge every paid order by `policy` too: as of `at`, or as if asked for `days` after its payment.

    It runs by itself from here; one at a time.
    """
    require_staff(actor, StaffRole.ADMINISTRATOR)
    if days is not None and not 0 <= days <= MOST_DAYS:
        raise InvalidInput(
            f"An order is judged between 0 and {MOST_DAYS} days after its payment.",
            field="days",
            code="out_of_range",
        )
    text = policies.text_of(policy)
    orders, refunds = orders_to_judge(), refunds_to_judge()
    try:
        with transaction.atomic():
            trial = PolicyTrial.objects.create(
                policy=policy,
                title=parse_policy(text, policy).title,
                text=text,
                at=at,
                days=days,
                started_by_id=actor.user_id,
                started_at=at,
                last_order=orders.aggregate(last=Max("pk"))["last"] or 0,
                last_refund=refunds.aggregate(last=Max("pk"))["last"] or 0,
                total=orders.count() + refunds.count(),
                moved_at=clock.system_now(),
            )
            record(actor, AuditAction.POLICY_TRIED, trial.public_id, at=at, after=_told(trial))
            wake_pursuit(PURSUIT, trial.pk)
    except IntegrityError:
        raise Refusal(
            "A trial is running already.",
            code="trial_running",
            next_steps=["Wait until it is done, or cancel it."],
        ) from None
    return trial


def cancel_trial(actor: Actor, trial: PolicyTrial, *, at: datetime) -> PolicyTrial:
    """Stop a running trial; what it found until then stays."""
    require_staff(actor, StaffRole.ADMINISTRATOR)
    with transaction.atomic():
        running = PolicyTrial.objects.filter(pk=trial.pk, state=TrialState.RUNNING)
        if not running.update(state=TrialState.CANCELLED, finished_at=at):
            raise Refusal(f"The trial {trial.public_id} is not running.", code="trial_not_running")
        record(actor, AuditAction.POLICY_TRIAL_CANCELLED, trial.public_id, at=at, after=_told(trial))
    trial.refresh_from_db()
    return trial


def remove_trial(actor: Actor, trial: PolicyTrial, *, at: datetime) -> None:
    """Show a trial that has ended no more; the sweep deletes it with what it found."""
    require_staff(actor, StaffRole.ADMINISTRATOR)
    with transaction.atomic():
        ended = PolicyTrial.objects.filter(pk=trial.pk, state__in=[TrialState.DONE, TrialState.CANCELLED])
        if not ended.update(state=TrialState.REMOVED):
            raise Refusal(
                f"The trial {trial.public_id} is still running.",
                code="trial_running",
                next_steps=["Cancel it first."],
            )
        record(actor, AuditAction.POLICY_TRIAL_REMOVED, trial.public_id, at=at, before=_told(trial))


def _told(trial: PolicyTrial) -> dict[str, object]:
    return {"policy": trial.policy, "days": trial.days, "text": trial.text}
