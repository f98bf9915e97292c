"""What is due and not done: resets, certificates, batches and ceremonies that were begun, whatever ends."""

import time
from datetime import datetime, timedelta

from django.db.models import QuerySet

from hanaper.apps.private_ca.ends import look_at_ends
from hanaper.apps.private_ca.models.batches import CertificateBatch
from hanaper.apps.private_ca.models.cas import PrivateCA
from hanaper.apps.private_ca.models.ceremonies import Ceremony
from hanaper.apps.private_ca.models.certificates import PrivateCertificate
from hanaper.apps.private_ca.services import (
    ceremonies,
    ending_soon,
    expire,
    finish,
    finish_begun,
    finish_reset,
    pursue_batch,
    retiring,
)
from hanaper.apps.private_ca.states import (
    BatchState,
    CeremonyState,
    PrivateCaState,
    PrivateCertificateState,
)
from hanaper.apps.recovery.services import in_recovery
from hanaper.core.errors import Refusal
from hanaper.storage.composed import composed
from hanaper.storage.sweeping import each, round_ends

BATCH = 200
PATIENCE = timedelta(seconds=60)  # for whoever is issuing, or making a key
SLICE = 2.0  # seconds a round for each reset: one of many certificates holds up no other


def sweep(at: datetime, system_at: datetime) -> int:
    if in_recovery():
        return 0
    done = each(_resetting.all(), lambda pk: _reset(pk, at), until=round_ends())
    done += each(_making_keys.all(system_at - PATIENCE), lambda pk: finish_begun(pk, at))
    done += each(_approved.all(), lambda pk: ceremonies.carry_out(pk, at, system_at))
    done += each(_proposed.all(at), lambda pk: ceremonies.expire(pk, at))
    done += each(_issuing.all(system_at - PATIENCE), _finish)
    done += each(_stalled.all(system_at - PATIENCE), lambda pk: pursue_batch(pk, at, system_at))
    done += look_at_ends(at)
    done += each(_ended.all(at), lambda pk: expire(pk, at))
    done += ending_soon.warn(at, BATCH)
    return done + _retired(at)


@composed
def _resetting() -> QuerySet[PrivateCA, int]:
    rows = PrivateCA.objects.filter(resetting=True).order_by("pk")
    return rows.values_list("pk", flat=True)[:BATCH]


@composed
def _making_keys(begun_by: datetime) -> QuerySet[PrivateCA, int]:
    rows = PrivateCA.objects.filter(begun_at__lte=begun_by).order_by("begun_at")
    return rows.values_list("pk", flat=True)[:BATCH]


@composed
def _approved() -> QuerySet[Ceremony, int]:
    rows = Ceremony.objects.filter(state=CeremonyState.APPROVED).order_by("expires_at")
    return rows.values_list("pk", flat=True)[:BATCH]


@composed
def _proposed(expired_by: datetime) -> QuerySet[Ceremony, int]:
    rows = Ceremony.objects.filter(state=CeremonyState.PROPOSED, expires_at__lte=expired_by)
    return rows.order_by("expires_at").values_list("pk", flat=True)[:BATCH]


@composed
def _issuing(begun_by: datetime) -> QuerySet[PrivateCertificate]:
    rows = PrivateCertificate.objects.filter(state=PrivateCertificateState.ISSUING, begun_at__lte=begun_by)
    return rows.order_by("begun_at")[:BATCH]


@composed
def _stalled(moved_by: datetime) -> QuerySet[CertificateBatch, int]:
    rows = CertificateBatch.objects.filter(state=BatchState.RUNNING, moved_at__lte=moved_by)
    return rows.values_list("pk", flat=True)


@composed
def _ended(at: datetime) -> QuerySet[PrivateCA, int]:
    running = [PrivateCaState.NOT_ENABLED, PrivateCaState.ENABLED]
    rows = PrivateCA.objects.filter(state__in=running, term_ends_at__lte=at).order_by("term_ends_at")
    return rows.values_list("pk", flat=True)[:BATCH]


def _reset(pk: int, at: datetime) -> None:
    until = time.monotonic() + SLICE
    while finish_reset(pk, at) and time.monotonic() < until:
        pass


def _retired(at: datetime) -> int:
    """Keys that another has taken over: they stop, and go when nothing that they issued is valid any more."""
    stopping = retiring.to_retire().select_related("authority").order_by("pk")[:BATCH]
    done = each(stopping, lambda one: retiring.retire(one.authority, at))
    over = retiring.to_end(at).select_related("authority").order_by("pk")[:BATCH]
    return done + each(over, lambda one: retiring.end(one, at))


def _finish(certificate: PrivateCertificate) -> bool:
    try:
        finish(certificate)
    except Refusal:  # somebody else is at it, or it was given up
        return False
    return True
