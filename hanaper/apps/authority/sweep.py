"""What is due and not done: lists to publish, files to write, signatures that nobody will finish."""

from datetime import datetime

from hanaper.apps.authority.models import Authority, Issuance, IssuanceState, RevocationList
from hanaper.apps.authority.services.issuing import SIGNING_LEASE, abandon
from hanaper.apps.authority.services.revoking import certificate_file, crl_file, publish_crl, put_out
from hanaper.apps.recovery.services import in_recovery
from hanaper.storage.files import write_atomically

BATCH = 200


def sweep(at: datetime, system_at: datetime) -> int:
    """Publish lists that are due, write files that are missing or old; nothing is signed in recovery."""
    if in_recovery():
        return 0
    stale = Issuance.objects.filter(
        state=IssuanceState.SIGNING, claimed_at__lte=system_at - SIGNING_LEASE
    ).order_by("claimed_at")[:BATCH]
    done = sum(abandon(issuance, at=at) for issuance in stale)
    due = Authority.objects.filter(certificate__isnull=False, crl_due_at__lte=at, not_after__gt=at)
    for authority in due.order_by("crl_due_at")[:BATCH]:
        publish_crl(authority, at=at)
        done += 1
    return done + _write_files()


def _write_files() -> int:
    """The published files are copies of rows: whatever is missing or differs is written again."""
    written = 0
    for authority in Authority.objects.filter(certificate__isnull=False):
        certificate = bytes(authority.certificate or b"")
        path = certificate_file(authority)
        if not path.exists() or path.read_bytes() != certificate:
            write_atomically(path, certificate)
            written += 1
        newest = RevocationList.objects.filter(authority=authority).order_by("-number").first()
        if newest is None:
            continue
        path = crl_file(authority)
        if not path.exists() or path.read_bytes() != bytes(newest.der):
            put_out(newest)
            written += 1
    return written
