"""After an older backup was restored: what clients have seen since must stay true (RFC 5280 5.2.3).

The published lists and the archive of what was signed outlive the database: they are what is known of the
time since the backup.
"""

from dataclasses import dataclass
from datetime import datetime

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from django.db import transaction

from hanaper.apps.authority import archive
from hanaper.apps.authority.locks import lock_authority
from hanaper.apps.authority.models import RECOVERED, Authority, Issuance, IssuanceState
from hanaper.apps.authority.services.revoking import crl_file
from hanaper.core.x509.crl import RevocationReason
from hanaper.core.x509.serials import serial_hex

# Lists may have gone out of which not even a file is left: numbers leap ahead of them. RFC 5280 5.2.3 wants
# them to grow, not to be without gaps.
LEAP = 10_000


@dataclass
class Reconciled:
    """How much was found: authorities, certificates and serials on lists that are unknown to us, revocations
    lost, issuances given up."""

    authorities: int = 0
    unknown_certificates: int = 0
    unknown_serials: int = 0
    lost_revocations: int = 0
    given_up: int = 0


def reconcile(at: datetime) -> Reconciled:
    """Numbers above every published list, revocations as published, and nothing signed a second time.

    Every list is due from then on. Safe to run again.
    """
    found = Reconciled()
    for pk in Authority.objects.filter(certificate__isnull=False).order_by("pk").values_list("pk", flat=True):
        with transaction.atomic():
            authority = lock_authority(pk)
            for serial, certificate in archive.unknown(authority):
                _take_in(authority, serial, certificate)
                found.unknown_certificates += 1
            published = _published(authority)
            number = 0
            if published is not None:
                number = published.extensions.get_extension_for_class(x509.CRLNumber).value.crl_number
                for entry in published:
                    _take_over(authority, entry, found)
            found.given_up += _give_up_unfinished(authority, at)
            authority.crl_number = max(authority.crl_number, number) + LEAP
            authority.crl_due_at = at
            authority.save(update_fields=["crl_number", "crl_due_at"])
            found.authorities += 1
    return found


def _take_in(authority: Authority, serial: str, certificate: x509.Certificate) -> None:
    """Signed since the backup, and in somebody's hands: it can be listed and revoked again."""
    Issuance.objects.create(
        authority=authority,
        serial=serial,
        state=IssuanceState.SIGNED,
        key=f"{RECOVERED}{serial}",
        reference="",
        shape="",
        tbs=certificate.tbs_certificate_bytes,
        certificate=certificate.public_bytes(Encoding.DER),
        not_before=certificate.not_valid_before_utc,
        not_after=certificate.not_valid_after_utc,
        prepared_at=certificate.not_valid_before_utc,
    )


def _published(authority: Authority) -> x509.CertificateRevocationList | None:
    """The published list, if there is one and it is this authority's own."""
    try:
        crl = x509.load_der_x509_crl(crl_file(authority).read_bytes())
    except (OSError, ValueError):
        return None
    certificate = x509.load_der_x509_certificate(bytes(authority.certificate or b""))
    # A file anybody could have put there; only our key makes it ours.
    return crl if crl.is_signature_valid(certificate.public_key()) else None  # type: ignore[arg-type]


def _take_over(authority: Authority, entry: x509.RevokedCertificate, found: Reconciled) -> None:
    serial, revoked_at = serial_hex(entry.serial_number), entry.revocation_date_utc
    issuances = Issuance.objects.filter(authority=authority, serial=serial)
    if issuances.exists():
        changed = issuances.filter(revoked_at=None).update(revoked_at=revoked_at, reason=_reason(entry))
        found.lost_revocations += changed
        return
    # Issued and revoked since the backup. All we know is its serial, and that it stays on the list.
    Issuance.objects.create(
        authority=authority,
        serial=serial,
        state=IssuanceState.ABANDONED,
        key=f"{RECOVERED}{serial}",
        reference="",
        shape="",
        tbs=b"",
        not_before=revoked_at,
        not_after=authority.not_after,
        prepared_at=revoked_at,
        revoked_at=revoked_at,
        reason=_reason(entry),
    )
    found.unknown_serials += 1


def _give_up_unfinished(authority: Authority, at: datetime) -> int:
    """What was not signed when the backup was made may have been signed since: its serial is given up.

    Also what was revoked: then its time and reason stay (docs/adr/0003).
    """
    unfinished = Issuance.objects.filter(
        authority=authority, state__in=[IssuanceState.PREPARED, IssuanceState.SIGNING]
    )
    known = unfinished.filter(revoked_at__isnull=False).update(state=IssuanceState.ABANDONED)
    return known + unfinished.update(state=IssuanceState.ABANDONED, revoked_at=at)


def _reason(entry: x509.RevokedCertificate) -> RevocationReason:
    try:
        written = entry.extensions.get_extension_for_class(x509.CRLReason).value.reason
    except x509.ExtensionNotFound:
        return RevocationReason.UNSPECIFIED
    matching = (one for one in RevocationReason if one.name == written.name.upper())
    return next(matching, RevocationReason.UNSPECIFIED)
