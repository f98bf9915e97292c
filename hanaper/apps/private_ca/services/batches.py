"""Certificates ordered in a table: looked at as a whole before anything begins, then issued row by row.

A row is refused for what is wrong with it; what holds for every row, such as a quota that was used up
meanwhile, stops the batch where it is, and it can be resumed.
"""

from dataclasses import dataclass
from datetime import datetime

from django.db import IntegrityError, transaction

from hanaper import clock
from hanaper.apps.audit.services import record
from hanaper.apps.audit.vocabulary import AuditAction
from hanaper.apps.private_ca.locks import lock_usable
from hanaper.apps.private_ca.models.batches import BatchRow, CertificateBatch
from hanaper.apps.private_ca.models.cas import PrivateCA
from hanaper.apps.private_ca.services.batch_running import PURSUIT
from hanaper.apps.private_ca.services.issuing import constraints_of, issuing_authority_of, latest_end
from hanaper.apps.private_ca.states import BatchRowState, BatchState
from hanaper.apps.private_ca.templates import template_named
from hanaper.core.actor import Actor, packed
from hanaper.core.errors import Fault, InvalidInput, NotFound, Refusal
from hanaper.core.private_ca.requests import judge
from hanaper.core.private_ca.tables import Row, faults_of_row, in_order, read_table, to_json
from hanaper.core.private_ca.templates import Template
from hanaper.storage.wake import wake_pursuit
from hanaper.storage.walls import require_write

MOST_FAULTS = 200  # of one answer


@dataclass(frozen=True, slots=True)
class Checked:
    """What a table would come to. `faults`: at `rows.<number>.<column>`, as one reads the table, at most
    MOST_FAULTS of them."""

    rows: list[Row]
    faults: list[Fault]
    quota_left: int

    @property
    def enough_quota(self) -> bool:
        return len(self.rows) <= self.quota_left


def check_table(actor: Actor, ca: PrivateCA, text: str, *, template: str = "", at: datetime) -> Checked:
    """Everything that can be known before anything is done. Refused: `only_intermediates_issue`,
    `not_enabled`."""
    require_write(actor)
    authority = issuing_authority_of(ca, at)
    constraints, latest = constraints_of(authority), latest_end(ca, authority)
    rows, faults = read_table(text, template=template)
    told = {fault.field for fault in faults}
    templates: dict[str, Template | NotFound] = {}
    for row in rows:
        name = row.request.template
        if name and name not in templates:
            templates[name] = _template(ca, name)
        try:
            found = templates.get(name)
            if isinstance(found, Template):
                judge(row.request, found, constraints, at=at, latest=latest)
            elif found is not None:
                faults.append(Fault(f"rows.{row.number}.template", found.message, found.code))
        except InvalidInput as wrong:
            faults += [fault for fault in faults_of_row(row.number, wrong) if fault.field not in told]
    return Checked(rows, in_order(faults)[:MOST_FAULTS], ca.quota - ca.quota_used)


def start_batch(
    actor: Actor, ca: PrivateCA, text: str, *, template: str = "", at: datetime
) -> CertificateBatch:
    """Begin to issue. Refused: InvalidInput with every fault of the table, `quota_too_small`,
    `batch_running`, and as `check_table` and `locks.lock_usable` refuse; then nothing has begun."""
    checked = check_table(actor, ca, text, template=template, at=at)
    if checked.faults:
        raise InvalidInput("Nothing of this table was issued.", faults=checked.faults)
    if not checked.enough_quota:
        raise Refusal(
            f"The table has {len(checked.rows)} rows; this private CA may issue {checked.quota_left} more.",
            code="quota_too_small",
            next_steps=["Take rows out of the table.", "Buy another intermediate CA."],
            details={"rows": len(checked.rows), "quota_left": checked.quota_left},
        )
    try:
        with transaction.atomic():
            lock_usable(ca)
            batch = CertificateBatch.objects.create(
                account_id=ca.account_id,
                ca=ca,
                ordered_by=packed(actor),
                total=len(checked.rows),
                created_at=at,
                moved_at=clock.system_now(),
            )
            BatchRow.objects.bulk_create(
                (
                    BatchRow(batch=batch, number=row.number, request=to_json(row.request))
                    for row in checked.rows
                ),
                batch_size=500,
            )
            _record(actor, AuditAction.CERTIFICATE_BATCH_STARTED, batch, at)
            wake_pursuit(PURSUIT, batch.pk)
    except IntegrityError:
        raise _running() from None
    return batch


def cancel_batch(actor: Actor, batch: CertificateBatch, *, at: datetime) -> CertificateBatch:
    """Issue no more of it; what was issued stays. Refused: `batch_ended`."""
    require_write(actor)
    with transaction.atomic():
        if not _move(batch, (BatchState.RUNNING, BatchState.STOPPED), BatchState.CANCELLED, at):
            raise Refusal(
                "This batch has ended.",
                code="batch_ended",
                details={"state": batch.state},
                next_steps=["Revoke what it issued and is not wanted."],
            )
        BatchRow.objects.filter(batch=batch, state=BatchRowState.WAITING).update(
            state=BatchRowState.CANCELLED
        )
        _record(actor, AuditAction.CERTIFICATE_BATCH_CANCELLED, batch, at)
    batch.refresh_from_db()
    return batch


def resume_batch(actor: Actor, batch: CertificateBatch, *, at: datetime) -> CertificateBatch:
    """Go on after whatever stopped it. Refused: `batch_not_stopped`, `batch_running`."""
    require_write(actor)
    try:
        with transaction.atomic():
            if not _move(batch, (BatchState.STOPPED,), BatchState.RUNNING, None):
                raise Refusal(
                    "This batch was not stopped.",
                    code="batch_not_stopped",
                    next_steps=["Look at its result; what is missing goes into another table."],
                )
            _record(actor, AuditAction.CERTIFICATE_BATCH_RESUMED, batch, at)
            wake_pursuit(PURSUIT, batch.pk)
    except IntegrityError:
        raise _running() from None
    batch.refresh_from_db()
    return batch


def _template(ca: PrivateCA, name: str) -> Template | NotFound:
    try:
        return template_named(ca.account, name)
    except NotFound as missing:
        return missing


def _move(
    batch: CertificateBatch, before: tuple[BatchState, ...], after: BatchState, finished_at: datetime | None
) -> bool:
    rows = CertificateBatch.objects.filter(pk=batch.pk, state__in=before)
    return bool(
        rows.update(state=after, code="", message="", finished_at=finished_at, moved_at=clock.system_now())
    )


def _running() -> Refusal:
    return Refusal(
        "Another batch of this private CA is being issued.",
        code="batch_running",
        next_steps=["Wait until it is done, or cancel it."],
    )


def _record(actor: Actor, action: AuditAction, batch: CertificateBatch, at: datetime) -> None:
    record(
        actor,
        action,
        batch.public_id,
        at=at,
        account_id=batch.account_id,
        after={"ca": batch.ca.public_id, "rows": batch.total},
    )
