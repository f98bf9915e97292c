"""What is due and not done: looks, certificates, resets that nodes have finished, terms that end."""

from datetime import datetime

from hanaper.apps.gateway.models import CertificateWish, Errand, GatewayInstance
from hanaper.apps.gateway.services import (
    expire,
    finish_errand,
    finish_reset,
    forget_errands,
    look_at_many,
    notice_proofs,
    supply,
    warn_of_ends,
)
from hanaper.apps.gateway.states import GatewayState
from hanaper.storage.sweeping import each, round_ends

BATCH = 200
ENDED = (GatewayState.EXPIRED, GatewayState.REFUNDED)


def sweep(at: datetime, system_at: datetime) -> int:
    resetting = GatewayInstance.objects.filter(resetting_since__isnull=False).order_by("pk")
    done = each(resetting.values_list("pk", flat=True)[:BATCH], finish_reset)
    over = GatewayInstance.objects.exclude(state__in=ENDED).filter(term_ends_at__lte=at)
    done += each(
        over.order_by("term_ends_at").values_list("pk", flat=True)[:BATCH], lambda pk: expire(pk, at)
    )
    done += warn_of_ends(at, BATCH)
    done += forget_errands(system_at, BATCH)
    waiting = Errand.objects.filter(done_at=None).order_by("pk").values_list("pk", flat=True)[:BATCH]
    done += each(waiting, lambda pk: finish_errand(pk, at))  # the node that did not was retired
    done += notice_proofs(system_at)
    CertificateWish.objects.filter(due_at__lte=at).update(next_at=system_at, due_at=None)
    wishes = CertificateWish.objects.filter(next_at__lte=system_at).order_by("next_at")
    done += each(
        wishes.values_list("pk", flat=True)[:BATCH],
        lambda pk: supply(pk, at, system_at),
        until=round_ends(),
    )
    due = GatewayInstance.objects.filter(look_due_at__lte=system_at).order_by("look_due_at")
    # Somebody waits for these.
    first = list(due.filter(state=GatewayState.DOMAIN_ADDED).values_list("pk", flat=True)[:BATCH])
    others = due.exclude(pk__in=first).values_list("pk", flat=True)[:BATCH]
    return done + look_at_many([*first, *others], at, system_at, until=round_ends())
