"""What is due and not done: checks, orders that were begun, what has expired, what a reset has left."""

import itertools
from datetime import datetime

from django.db import transaction
from django.db.models import F, Q

from hanaper.apps.acme.models import (
    AcmeAccount,
    AcmeOrder,
    Authorization,
    ExternalKey,
    RenewalCall,
)
from hanaper.apps.acme.services.authorizations import settle_authorization
from hanaper.apps.acme.services.checking import SIDE_BY_SIDE, due_challenges, pursue_challenges
from hanaper.apps.acme.services.finalizing import LEASE, carry_out
from hanaper.apps.acme.services.ordering import settle_order
from hanaper.apps.recovery.services import in_recovery
from hanaper.apps.secrets.services import destroy
from hanaper.core.acme.states import AcmeOrderState, AuthorizationState
from hanaper.storage.sweeping import each, round_ends

BATCH = 200


def sweep(at: datetime, system_at: datetime) -> int:
    until = round_ends()
    done = _look(at, system_at, until)
    if not in_recovery():
        left = AcmeOrder.objects.filter(state=AcmeOrderState.PROCESSING, due_at__lte=system_at)
        pks = list(left.order_by("due_at").values_list("pk", flat=True)[:BATCH])
        done += each(pks, lambda pk: _carry_out(pk, at, system_at), until=until)
    open_orders = AcmeOrder.objects.filter(
        state__in=[AcmeOrderState.PENDING, AcmeOrderState.READY], expires_at__lte=at
    )
    done += each(open_orders.order_by("expires_at")[:BATCH], lambda order: bool(settle_order(order, at)))
    ended = Authorization.objects.filter(
        state__in=[AuthorizationState.PENDING, AuthorizationState.VALID], expires_at__lte=at
    )
    done += each(ended.order_by("expires_at")[:BATCH], lambda row: bool(settle_authorization(row, at)))
    return done + forget_after_reset()


def _look(at: datetime, system_at: datetime, until: float) -> int:
    batches = itertools.batched(due_challenges(system_at), SIDE_BY_SIDE)
    return each(batches, lambda batch: pursue_challenges(batch, at, system_at), until=until)


def _carry_out(pk: int, at: datetime, system_at: datetime) -> bool:
    """Claimed by moving its due time, so that two sweeps are never at one order."""
    rows = AcmeOrder.objects.filter(pk=pk, state=AcmeOrderState.PROCESSING, due_at__lte=system_at)
    if not rows.update(due_at=system_at + LEASE):
        return False
    return carry_out(pk, None, at).state != AcmeOrderState.PROCESSING


def forget_after_reset() -> int:
    """R17: a reset deletes all data of a CA. Nothing of what was made before it acts from its first moment
    (`directories.open_directory`); here it goes."""
    gone = Q(ca__enabled_at=None) | Q(created_at__lt=F("ca__enabled_at"))
    accounts = list(AcmeAccount.objects.filter(gone).values_list("pk", flat=True)[:BATCH])
    if accounts:
        AcmeAccount.objects.filter(pk__in=accounts).delete()
    calls = RenewalCall.objects.filter(Q(ca__enabled_at=None) | Q(asked_at__lt=F("ca__enabled_at")))
    calls.delete()
    keys = ExternalKey.objects.filter(gone, accounts=None).select_related("secret")[:BATCH]
    return len(accounts) + each(list(keys), _forget_key)


def _forget_key(key: ExternalKey) -> None:
    secret = key.secret
    with transaction.atomic():
        key.delete()
        if secret is not None:
            destroy(secret)
