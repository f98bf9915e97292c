"""A trial goes on, batch by batch: judged outside a transaction, then written with the place it has reached.

Killed anywhere it loses one batch's work, and goes on behind the last one that was written.
"""

import time
from datetime import datetime

from django.db import transaction
from django.db.models import Case, Count, F, IntegerField, Max, Q, QuerySet, Sum, When
from django.db.models.functions import Abs

from hanaper import clock
from hanaper.apps.orders.models import Order
from hanaper.apps.orders.vocabulary import OrderState
from hanaper.apps.refunds.models import Refund
from hanaper.apps.refunds.vocabulary import RefundOrigin, RefundState
from hanaper.apps.trials.judging import Found, judge_orders, judge_refunds, reviewed, tallied
from hanaper.apps.trials.models import PolicyTrial, TrialFinding
from hanaper.apps.trials.vocabulary import BATCH, SECONDS, TOP, Subject, TrialState
from hanaper.core.refund.policy import parse_policy
from hanaper.storage.crashpoints import crashpoint
from hanaper.storage.wake import pursuit, wake_pursuit

PURSUIT = "trials.trial"
# What an operator gave back by hand was no decision of a policy (R14).
PAID_BACK = Q(state__in=[RefundState.PAYING, RefundState.SUCCEEDED]) & ~Q(origin=RefundOrigin.OPERATOR)


def orders_to_judge() -> QuerySet[Order]:
    """Those for which a refund could be asked; what was refunded is judged as it was asked for."""
    return Order.objects.filter(state=OrderState.PAID)


def refunds_to_judge() -> QuerySet[Refund]:
    return Refund.objects.filter(PAID_BACK)


@pursuit(PURSUIT)
def pursue_trial(pk: int, at: datetime, system_at: datetime) -> None:
    """Look at orders for a few seconds; then wake whoever comes next."""
    del system_at  # each batch reads its own
    until = time.monotonic() + SECONDS
    while time.monotonic() < until:
        if not advance(pk, at):
            return
    with transaction.atomic():
        wake_pursuit(PURSUIT, pk)


def advance(pk: int, at: datetime) -> bool:
    """Judge one batch and write what was found; whether there is more to do."""
    trial = PolicyTrial.objects.filter(pk=pk, state=TrialState.RUNNING).first()
    if trial is None:
        return False
    policy = parse_policy(trial.text, trial.policy)
    orders = list(
        orders_to_judge()
        .filter(pk__gt=trial.order_cursor, pk__lte=trial.last_order)
        .select_related("payment")
        .prefetch_related("payment__parts")
        .order_by("pk")[:BATCH]
    )
    if orders:
        return _write(trial, judge_orders(trial, policy, orders), len(orders), order_cursor=orders[-1].pk)
    refunds = list(
        refunds_to_judge()
        .filter(pk__gt=trial.refund_cursor, pk__lte=trial.last_refund)
        .select_related("order")
        .order_by("pk")[:BATCH]
    )
    if refunds:
        return _write(
            trial, judge_refunds(trial, policy, refunds), len(refunds), refund_cursor=refunds[-1].pk
        )
    _finish(trial, at)
    return False


def _write(trial: PolicyTrial, found: Found, looked_at: int, **cursor: int) -> bool:
    """One commit: the findings, the sums and the cursor; nothing if another process was faster."""
    with transaction.atomic():
        written = _claim(trial).update(
            **cursor,
            version=trial.version + 1,
            looked_at=F("looked_at") + looked_at,
            unreadable=F("unreadable") + found.unreadable,
            tally=tallied(trial.tally, found.findings),
            reviews=reviewed(trial.reviews, found.judged, trial.at),
            moved_at=clock.system_now(),
        )
        if written:
            TrialFinding.objects.bulk_create(found.findings)
        crashpoint("trials.batch.before_commit")
    crashpoint("trials.batch.after_commit")
    return True


def _finish(trial: PolicyTrial, at: datetime) -> None:
    _claim(trial).update(
        state=TrialState.DONE,
        version=trial.version + 1,
        finished_at=at,
        accounts=_most_changed(trial),
        moved_at=clock.system_now(),
    )


def _claim(trial: PolicyTrial) -> QuerySet[PolicyTrial]:
    return PolicyTrial.objects.filter(pk=trial.pk, state=TrialState.RUNNING, version=trial.version)


def _most_changed(trial: PolicyTrial) -> list[dict[str, object]]:
    """The accounts that gain or lose most, by what their orders would give back."""
    found = TrialFinding.objects.filter(trial=trial, subject=Subject.ORDER)
    gains = Case(When(after__gt=F("before"), then=1), default=0, output_field=IntegerField())
    sums = found.values("account_id", "currency").annotate(
        name=Max("account__name"),
        account=Max("account__public_id"),
        orders=Count("pk"),
        gaining=Sum(gains),
        difference=Sum(F("after") - F("before")),
    )
    most = sums.exclude(difference=0).order_by(Abs("difference").desc(), "account_id", "currency")[:TOP]
    return [{key: value for key, value in one.items() if key != "account_id"} for one in most]
