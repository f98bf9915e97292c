"""What became of a batch: a table of its rows, and its certificates in one archive."""

import tempfile
import zipfile
from collections.abc import Iterator
from datetime import datetime
from typing import IO

from django.db import transaction
from django.db.models import QuerySet

from hanaper.apps.audit.services import record
from hanaper.apps.audit.vocabulary import AuditAction
from hanaper.apps.authority.models import Issuance, IssuanceState
from hanaper.apps.private_ca.models.batches import BatchRow, CertificateBatch
from hanaper.apps.private_ca.services.downloading import chain_of, encrypted_pem, refuse_passphrase, to_pem
from hanaper.apps.private_ca.states import BatchRowState
from hanaper.core.actor import Actor
from hanaper.core.x509.encrypted_keys import KeyEncryption
from hanaper.storage.spreadsheets import csv_lines

RESULT_COLUMNS = (
    "row", "state", "certificate", "serial", "common_name", "names", "not_after", "code", "message",
)  # fmt: skip
AT_ONCE = 200
IN_MEMORY = 1_000_000  # bytes; what is larger lies in a file that nobody else can open


def rows_of(batch: CertificateBatch) -> QuerySet[BatchRow]:
    return BatchRow.objects.filter(batch=batch).select_related("certificate").order_by("number")


def state_of(row: BatchRow) -> str:
    """That of its certificate, once there is one."""
    if row.state == BatchRowState.BEGUN:
        return "deleted" if row.certificate is None else row.certificate.state
    return row.state


def result_csv(batch: CertificateBatch) -> Iterator[str]:
    return csv_lines(RESULT_COLUMNS, map(_cells, rows_of(batch).iterator(AT_ONCE)))


def archive(actor: Actor, batch: CertificateBatch, *, passphrase: str | None, at: datetime) -> IO[bytes]:
    """A ZIP at its beginning: of each certificate what a server sends (leaf and chain) as PEM, the result as
    CSV, and with a passphrase the keys that were made here, encrypted PKCS #8. Refused: as `export_key`."""
    encryption = None
    if passphrase is not None:
        refuse_passphrase(actor, passphrase)
        encryption = KeyEncryption(passphrase)
    between = to_pem(chain_of(batch.ca)[:-1])
    file = tempfile.SpooledTemporaryFile(IN_MEMORY)  # noqa: SIM115 - whoever sends it closes it
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("result.csv", "".join(result_csv(batch)))
        exported = []
        for rows in _in_parts(rows_of(batch).filter(certificate__isnull=False)):
            signed = _signed(rows)
            for row in rows:
                certificate = row.certificate
                if certificate is None or certificate.public_id not in signed:
                    continue
                name = f"{row.number:05}-{certificate.public_id}"
                packed.writestr(f"{name}.pem", to_pem([signed[certificate.public_id]]) + between)
                if encryption is not None and certificate.key is not None:
                    packed.writestr(f"{name}.key", encrypted_pem(certificate.key, encryption))
                    exported.append(certificate.public_id)
    if exported:
        _record(actor, batch, exported, at)
    file.seek(0)
    return file


def _in_parts(rows: QuerySet[BatchRow]) -> Iterator[list[BatchRow]]:
    rows = rows.select_related("certificate__key__data_key")
    last = 0
    while part := list(rows.filter(number__gt=last)[:AT_ONCE]):
        yield part
        last = part[-1].number


def _signed(rows: list[BatchRow]) -> dict[str, bytes]:
    """By public id, DER."""
    ids = [row.certificate.public_id for row in rows if row.certificate is not None]
    issued = Issuance.objects.filter(reference__in=ids, state=IssuanceState.SIGNED)
    return {reference: bytes(der or b"") for reference, der in issued.values_list("reference", "certificate")}


def _cells(row: BatchRow) -> list[object]:
    certificate = row.certificate
    if certificate is None:
        return [row.number, state_of(row), "", "", "", "", None, row.code, row.message]
    names = " ".join(name for kind in certificate.names.values() for name in kind)
    return [
        row.number,
        certificate.state,
        certificate.public_id,
        certificate.serial,
        certificate.subject.get("common_name", ""),
        names,
        certificate.not_after,
        row.code,
        row.message,
    ]


def _record(actor: Actor, batch: CertificateBatch, exported: list[str], at: datetime) -> None:
    with transaction.atomic():
        for public_id in exported:
            record(
                actor,
                AuditAction.PRIVATE_KEY_EXPORTED,
                public_id,
                at=at,
                account_id=batch.account_id,
                after={"form": "pkcs8", "batch": batch.public_id},
            )
