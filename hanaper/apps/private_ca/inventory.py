"""The inventory as a table for spreadsheets, however long it is."""

from collections.abc import Iterator

from django.db.models import QuerySet

from hanaper.apps.private_ca.models.certificates import PrivateCertificate
from hanaper.storage.spreadsheets import csv_lines

COLUMNS = (
    "certificate", "ca", "state", "template", "common_name", "names", "serial", "fingerprint",
    "key_algorithm", "not_before", "not_after", "created_at", "revoked_at", "reason",
)  # fmt: skip
AT_ONCE = 1000


def inventory_csv(rows: QuerySet[PrivateCertificate]) -> Iterator[str]:
    """A header, then one certificate a line, the newest first; a part in memory at a time."""
    return csv_lines(COLUMNS, map(_cells, _every(rows)))


def _every(rows: QuerySet[PrivateCertificate]) -> Iterator[PrivateCertificate]:
    rows = rows.order_by("-pk")
    part = list(rows[:AT_ONCE])
    while part:
        yield from part
        part = list(rows.filter(pk__lt=part[-1].pk)[:AT_ONCE]) if len(part) == AT_ONCE else []


def _cells(certificate: PrivateCertificate) -> list[object]:
    return [
        certificate.public_id,
        certificate.ca.public_id,
        certificate.state,
        certificate.template,
        certificate.subject.get("common_name", ""),
        " ".join(name for kind in certificate.names.values() for name in kind),
        certificate.serial,
        certificate.fingerprint,
        certificate.key_algorithm,
        certificate.not_before,
        certificate.not_after,
        certificate.created_at,
        certificate.revoked_at,
        certificate.reason,
    ]
