"""After an older backup was restored: what clients have seen since must stay true (RFC 5280 5.2.3).

The published lists and the archive of what was signed outlive the database: they are what is known of the
time since the backup.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from django.db import transaction

from hanaper.apps.authority import archive
from hanaper.apps.authority.locks import lock_authority
from hanaper.apps.authority.models import RECOVERED, Authority, Issuance, IssuanceState, KeptAnswer
from hanaper.apps.authority.services.publishing import crl_file
from hanaper.core.x509.crl import RevocationReason
from hanaper.core.x509.extensions import OCSP_SIGNING
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
    # An end has its last list; one without a certificate may have begun to sign its own.
    rows = Authority.objects.filter(ended_at=None)
    for pk in rows.order_by("pk").values_list("pk", flat=True):
        with transaction.atomic():
            authority = lock_authority(pk)
            for serial, certificate in archive.unknown(authority):
                _take_in(authority, serial, certificate)
                found.unknown_certificates += 1
            # What lists say and the database does not is one change more.
            authority.changes += 1
            number = 0
            for published in _published(authority):
                number = max(
                    number, published.extensions.get_extension_for_class(x509.CRLNumber).value.crl_number
                )
                for entry in published:
                    if _reason(entry) is not None:
                        _take_over(authority, entry, found)
            found.given_up += _give_up_unfinished(authority, at)
            # Those from before the backup may be overtaken; they are made anew when somebody asks.
            KeptAnswer.objects.filter(authority=authority, final=False).delete()
            authority.crl_number = max(authority.crl_number, number) + LEAP
            authority.crl_due_at = at
            authority.save(update_fields=["crl_number", "crl_due_at", "changes"])
            found.authorities += 1
    return found


def _take_in(authority: Authority, serial: str, certificate: x509.Certificate) -> None:
    """Signed since the backup, and in somebody's hands: it can be listed and revoked again.

    A responder's is in nobody's: its key was lost with the database, and the sweep names another.
    """
    origin = "responder:" if _is_responder(certificate) else RECOVERED
    Issuance.objects.create(
        authority=authority,
        serial=serial,
        shard=authority.shard_of(certificate.serial_number),
        state=IssuanceState.SIGNED,
        key=f"{origin}{serial}",
        reference="",
        shape="",
        tbs=certificate.tbs_certificate_bytes,
        certificate=certificate.public_bytes(Encoding.DER),
        not_before=certificate.not_valid_before_utc,
        not_after=certificate.not_valid_after_utc,
        prepared_at=certificate.not_valid_before_utc,
    )


def _is_responder(certificate: x509.Certificate) -> bool:
    try:
        usage = certificate.extensions.get_extension_for_class(x509.ExtendedKeyUsage).value
    except x509.ExtensionNotFound:
        return False
    return OCSP_SIGNING in usage


def _published(authority: Authority) -> Iterator[x509.CertificateRevocationList]:
    """The published lists that are this authority's own: of shards and deltas too, which may be newer."""
    if authority.certificate is None:
        return
    certificate = x509.load_der_x509_certificate(bytes(authority.certificate))
    for shard in authority.scopes:
        for delta in (False, True):
            try:
                crl = x509.load_der_x509_crl(crl_file(authority, shard, delta=delta).read_bytes())
            except (OSError, ValueError):
                continue
            # A file anybody could have put there; only our key makes it ours.
            if crl.is_signature_valid(certificate.public_key()):  # type: ignore[arg-type]
                yield crl


def _take_over(authority: Authority, entry: x509.RevokedCertificate, found: Reconciled) -> None:
    serial, revoked_at = serial_hex(entry.serial_number), entry.revocation_date_utc
    issuances = Issuance.objects.filter(authority=authority, serial=serial)
    if issuances.exists():
        lost = issuances.filter(revoked_at=None)
        changed = lost.update(revoked_at=revoked_at, reason=_reason(entry) or "", changed=authority.changes)
        found.lost_revocations += changed
        return
    # Issued and revoked since the backup. All we know is its serial, and that it stays on the list.
    Issuance.objects.create(
        authority=authority,
        serial=serial,
        shard=authority.shard_of(entry.serial_number),
        state=IssuanceState.ABANDONED,
        key=f"{RECOVERED}{serial}",
        reference="",
        shape="",
        tbs=b"",
        not_before=revoked_at,
        not_after=authority.not_after,
        prepared_at=revoked_at,
        revoked_at=revoked_at,
        reason=_reason(entry) or "",
        changed=authority.changes,
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
    return known + unfinished.update(state=IssuanceState.ABANDONED, revoked_at=at, changed=authority.changes)


def _reason(entry: x509.RevokedCertificate) -> RevocationReason | None:
    """None for what a delta list takes back."""
    try:
        written = entry.extensions.get_extension_for_class(x509.CRLReason).value.reason
    except x509.ExtensionNotFound:
        return RevocationReason.UNSPECIFIED
    if written is x509.ReasonFlags.remove_from_crl:
        return None
    matching = (one for one in RevocationReason if one.name == written.name.upper())
    return next(matching, RevocationReason.UNSPECIFIED)
