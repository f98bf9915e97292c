"""What is due and not done: lists to publish, files to write, signatures that nobody will finish."""

from datetime import datetime
from pathlib import Path

from hanaper.apps.authority.models import Authority, Issuance, IssuanceState, RevocationList
from hanaper.apps.authority.services.issuing import SIGNING_LEASE, abandon
from hanaper.apps.authority.services.revoking import certificate_file, crl_file, publish_crl, put_out
from hanaper.apps.recovery.services import in_recovery
from hanaper.storage.files import write_atomically
from hanaper.storage.sweeping import each

BATCH = 200


def sweep(at: datetime, system_at: datetime) -> int:
    """Publish lists that are due, write files that are missing or old; nothing is signed in recovery."""
    if in_recovery():
        return 0
    stale = Issuance.objects.filter(
        state=IssuanceState.SIGNING, claimed_at__lte=system_at - SIGNING_LEASE
    ).order_by("claimed_at")[:BATCH]
    done = each(stale, lambda issuance: abandon(issuance, at=at))
    due = Authority.objects.filter(certificate__isnull=False, crl_due_at__lte=at, not_after__gt=at)
    done += each(due.order_by("crl_due_at")[:BATCH], lambda authority: _publish(authority, at))
    return done + each(Authority.objects.filter(certificate__isnull=False), _write_files)


def _publish(authority: Authority, at: datetime) -> None:
    publish_crl(authority, at=at)


def _write_files(authority: Authority) -> bool:
    """The published files are copies of rows: whatever is missing or differs is written again."""
    certificate, path = bytes(authority.certificate or b""), certificate_file(authority)
    written = not _holds(path, certificate)
    if written:
        write_atomically(path, certificate)
    newest = RevocationList.objects.filter(authority=authority).order_by("-number").first()
    if newest is not None and not _holds(crl_file(authority), bytes(newest.der)):
        put_out(newest)
        written = True
    return written


def _holds(path: Path, content: bytes) -> bool:
    return path.exists() and path.read_bytes() == content
