"""A batch goes on, row by row: each row leads to one certificate at most, whoever is killed wherever.

A row is claimed in the transaction of its certificate's intention; what a process leaves behind that, the
certificate's own sweep finishes.
"""

import time
from datetime import datetime
from functools import partial

from django.db import transaction
from django.db.models import F

from hanaper import clock
from hanaper.apps.events.services import emit
from hanaper.apps.events.vocabulary import EventKind
from hanaper.apps.private_ca.models.batches import BatchRow, CertificateBatch
from hanaper.apps.private_ca.models.cas import PrivateCA
from hanaper.apps.private_ca.models.certificates import PrivateCertificate
from hanaper.apps.private_ca.services.issuing import issue
from hanaper.apps.private_ca.states import BatchRowState, BatchState, PrivateCertificateState
from hanaper.apps.recovery.services import in_recovery
from hanaper.core.actor import Actor, unpacked
from hanaper.core.errors import InvalidInput, NotFound, Refusal
from hanaper.core.private_ca.tables import from_json
from hanaper.storage.crashpoints import crashpoint
from hanaper.storage.wake import pursuit, wake_pursuit

PURSUIT = "private_ca.batch"
ROWS, SECONDS = 20, 5.0
_OF_THE_ROW = ("lint_failed", "key_not_in_template")


class _Taken(Exception):
    """Somebody else has this row, or the batch runs no more."""


@pursuit(PURSUIT)
def pursue_batch(pk: int, at: datetime, system_at: datetime) -> None:
    """Issue for a few seconds; then wake whoever comes next."""
    del system_at  # each row reads its own
    until = time.monotonic() + SECONDS
    while time.monotonic() < until:
        if not advance(pk, at):
            return
    with transaction.atomic():
        wake_pursuit(PURSUIT, pk)


def advance(pk: int, at: datetime) -> bool:
    """Issue the next rows; whether there may be more to do."""
    running = CertificateBatch.objects.filter(pk=pk, state=BatchState.RUNNING)
    batch = running.first()
    if batch is None or in_recovery():
        return False
    ca = PrivateCA.objects.select_related("account", "authority").get(pk=batch.ca_id)
    actor = unpacked(batch.ordered_by)
    rows = list(BatchRow.objects.filter(batch=batch, state=BatchRowState.WAITING).order_by("number")[:ROWS])
    for row in rows:
        if not _issue(actor, ca, batch, row, at):
            return False
    running.update(moved_at=clock.system_now())
    if not rows and not _unsettled(batch):
        _end(batch, BatchState.DONE, at)
    return bool(rows)


def _unsettled(batch: CertificateBatch) -> bool:
    """A certificate that was begun and left: the sweep finishes it, or gives it up, before the batch ends."""
    certificate = {"certificate__state": PrivateCertificateState.ISSUING}
    return BatchRow.objects.filter(batch=batch, **certificate).exists()


def _issue(actor: Actor, ca: PrivateCA, batch: CertificateBatch, row: BatchRow, at: datetime) -> bool:
    """Whether the batch goes on."""
    try:
        issue(actor, ca, from_json(row.request), begun=partial(_claim, batch, row), at=at)
    except _Taken:
        return CertificateBatch.objects.filter(pk=batch.pk, state=BatchState.RUNNING).exists()
    except Refusal as refusal:
        if isinstance(refusal, InvalidInput | NotFound) or refusal.code in _OF_THE_ROW:
            _refuse(batch, row, refusal)
        elif not BatchRow.objects.filter(pk=row.pk, state=BatchRowState.BEGUN).exists():
            _end(batch, BatchState.STOPPED, at, refusal)
            return False
    crashpoint("private_ca.batch.after_row")
    return True


def _claim(batch: CertificateBatch, row: BatchRow, certificate: PrivateCertificate) -> None:
    """In the transaction of the intention: this row, this certificate, and no other."""
    batches = CertificateBatch.objects.filter(pk=batch.pk, state=BatchState.RUNNING)
    rows = BatchRow.objects.filter(pk=row.pk, state=BatchRowState.WAITING)
    if not batches.update(begun=F("begun") + 1) or not rows.update(
        state=BatchRowState.BEGUN, certificate=certificate
    ):
        raise _Taken


def _refuse(batch: CertificateBatch, row: BatchRow, refusal: Refusal) -> None:
    """What was good when the table was looked at is not any more, a template that was changed for one."""
    faults = refusal.faults if isinstance(refusal, InvalidInput) else ()
    message = " ".join(f"{fault.field}: {fault.message}" for fault in faults) or refusal.message
    code = faults[0].code if faults else refusal.code
    with transaction.atomic():
        rows = BatchRow.objects.filter(pk=row.pk, state=BatchRowState.WAITING)
        if rows.update(state=BatchRowState.REFUSED, code=code, message=message):
            CertificateBatch.objects.filter(pk=batch.pk).update(refused=F("refused") + 1)


def _end(batch: CertificateBatch, state: BatchState, at: datetime, why: Refusal | None = None) -> None:
    with transaction.atomic():
        ended = CertificateBatch.objects.filter(pk=batch.pk, state=BatchState.RUNNING).update(
            state=state, finished_at=at, code=why.code if why else "", message=why.message if why else ""
        )
        if not ended:
            return
        batch.refresh_from_db()
        kind = EventKind.CERTIFICATE_BATCH_DONE if why is None else EventKind.CERTIFICATE_BATCH_STOPPED
        emit(
            kind,
            account_id=batch.account_id,
            subject=batch.public_id,
            at=at,
            dedupe=f"{batch.public_id}:{state}:{at.isoformat()}",
            data={
                "ca": batch.ca.public_id,
                "total": batch.total,
                "begun": batch.begun,
                "refused": batch.refused,
                "failed": batch.failed,
                "reason": batch.message,
            },
        )
