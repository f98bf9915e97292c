"""What is due and not done: charges and returns to look at, webhooks received and not handled."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from django.db.models import Q

from hanaper.apps.payments.models import ChargeAttempt, ProviderEvent, RefundAttempt, Return
from hanaper.apps.payments.services.charging import pursue_charge
from hanaper.apps.payments.services.receiving import handle_event
from hanaper.apps.payments.services.refunding import pursue_return
from hanaper.apps.payments.vocabulary import UNFINISHED, ReturnState
from hanaper.apps.recovery.services import in_recovery
from hanaper.storage.sweeping import each, round_ends

BATCH = 200
# What was just made is being looked at by whoever made it.
GRACE = timedelta(seconds=2)


def sweep(at: datetime, system_at: datetime) -> int:
    """Take one step with whatever is due; how many. Nothing is paid while in recovery."""
    if in_recovery():
        return 0
    # Time of its own for each: charges that a slow provider answers late hold up no return.
    done = each(_charges(system_at), lambda pk: pursue_charge(pk, at, system_at), until=round_ends())
    done += each(_returns(system_at), lambda pk: pursue_return(pk, at, system_at), until=round_ends())
    return done + each(_events(system_at), lambda pk: handle_event(pk, at, system_at), until=round_ends())


def _charges(system_at: datetime) -> Iterable[int]:
    free = Q(leased_until=None) | Q(leased_until__lte=system_at)
    due = ChargeAttempt.objects.filter(free, state__in=UNFINISHED, next_try_at__lte=system_at - GRACE)
    return due.order_by("next_try_at").values_list("pk", flat=True)[:BATCH]


def _returns(system_at: datetime) -> Iterable[int]:
    free = Q(leased_until=None) | Q(leased_until__lte=system_at)
    due = RefundAttempt.objects.filter(free, state__in=UNFINISHED, next_try_at__lte=system_at - GRACE)
    pks = set(due.order_by("next_try_at").values_list("of_id", flat=True)[:BATCH])
    # A return to the balance has no attempt: it needs one transaction, which a crash may have prevented.
    without_attempt = Return.objects.filter(state=ReturnState.RESERVED, attempts=None)
    return sorted(pks.union(without_attempt.order_by("pk").values_list("pk", flat=True)[:BATCH]))


def _events(system_at: datetime) -> Iterable[int]:
    due = ProviderEvent.objects.filter(handled_at=None, received_at__lte=system_at - GRACE)
    return due.order_by("pk").values_list("pk", flat=True)[:BATCH]
