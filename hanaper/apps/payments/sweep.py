"""What is due and not done: charges and returns to look at, webhooks received and not handled."""

from datetime import datetime, timedelta

from django.db.models import Q

from hanaper.apps.payments.models import ChargeAttempt, ProviderEvent, RefundAttempt, Return
from hanaper.apps.payments.services.charging import pursue_charge
from hanaper.apps.payments.services.receiving import handle_event
from hanaper.apps.payments.services.refunding import pursue_return
from hanaper.apps.payments.vocabulary import UNFINISHED, ReturnState
from hanaper.apps.recovery.services import in_recovery

BATCH = 200
# What was just made is being looked at by whoever made it.
GRACE = timedelta(seconds=2)


def sweep(at: datetime, system_at: datetime) -> int:
    """Take one step with whatever is due; how many. Nothing is paid while in recovery."""
    if in_recovery():
        return 0
    return _charges(at, system_at) + _returns(at, system_at) + _events(at, system_at)


def _charges(at: datetime, system_at: datetime) -> int:
    free = Q(leased_until=None) | Q(leased_until__lte=system_at)
    due = ChargeAttempt.objects.filter(free, state__in=UNFINISHED, next_try_at__lte=system_at - GRACE)
    pks = list(due.order_by("next_try_at").values_list("pk", flat=True)[:BATCH])
    for pk in pks:
        pursue_charge(pk, at, system_at)
    return len(pks)


def _returns(at: datetime, system_at: datetime) -> int:
    free = Q(leased_until=None) | Q(leased_until__lte=system_at)
    due = RefundAttempt.objects.filter(free, state__in=UNFINISHED, next_try_at__lte=system_at - GRACE)
    pks = set(due.order_by("next_try_at").values_list("of_id", flat=True)[:BATCH])
    # A return to the balance has no attempt: it needs one transaction, which a crash may have prevented.
    without_attempt = Return.objects.filter(state=ReturnState.RESERVED, attempts=None)
    pks |= set(without_attempt.order_by("pk").values_list("pk", flat=True)[:BATCH])
    for pk in sorted(pks):
        pursue_return(pk, at, system_at)
    return len(pks)


def _events(at: datetime, system_at: datetime) -> int:
    due = ProviderEvent.objects.filter(handled_at=None, received_at__lte=system_at - GRACE)
    pks = list(due.order_by("pk").values_list("pk", flat=True)[:BATCH])
    for pk in pks:
        handle_event(pk, at, system_at)
    return len(pks)
