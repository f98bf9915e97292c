"""What a gateway may serve of this product: certificates for hosts, with a key that was made here."""

from collections.abc import Sequence
from datetime import datetime

from cryptography import x509
from cryptography.x509.oid import ExtendedKeyUsageOID
from django.db.models import QuerySet

from hanaper.apps.audit.models import AuditEntry
from hanaper.apps.audit.vocabulary import AuditAction
from hanaper.apps.authority import key_material
from hanaper.apps.private_ca.generations import below_revoked, ca_revoked_at, revoked_keys
from hanaper.apps.private_ca.models.cas import PrivateCA
from hanaper.apps.private_ca.models.certificates import PrivateCertificate
from hanaper.apps.private_ca.services.downloading import Part, download, issued_der
from hanaper.apps.private_ca.services.issuing import KEY_PURPOSE
from hanaper.apps.private_ca.states import PrivateCertificateState
from hanaper.apps.secrets.services import unseal
from hanaper.core.gateway.candidates import Candidate, covers
from hanaper.core.gateway.wire import KeyPair

MOST = 500
NOT_TRUSTED = (PrivateCertificateState.REVOKED, PrivateCertificateState.HELD)
WAS_ISSUED = (PrivateCertificateState.ISSUED, PrivateCertificateState.EXPIRED, *NOT_TRUSTED)


class Served:
    def candidates(self, account_id: int, domain: str, at: datetime) -> Sequence[Candidate]:
        rows = _valid(account_id, at).order_by("-not_after")[:MOST]
        return [
            Candidate(row.public_id, tuple(names), row.not_after)
            for row in rows
            if covers(names := row.names.get("dns", []), domain) and _for_servers(row)
        ]

    def ends_at(self, account_id: int, public_id: str, at: datetime) -> datetime | None:
        rows = _valid(account_id, at).filter(public_id=public_id)
        return rows.values_list("not_after", flat=True).first()

    def key_pair(self, account_id: int, public_id: str, at: datetime) -> KeyPair | None:
        return _key_pair(_valid(account_id, at).filter(public_id=public_id))

    def last_key_pair(self, account_id: int, public_id: str) -> KeyPair | None:
        rows = PrivateCertificate.objects.filter(account_id=account_id, public_id=public_id)
        return _key_pair(rows.filter(state__in=WAS_ISSUED, key__isnull=False))

    def revoked_at(self, account_id: int, public_id: str) -> datetime | None:
        rows = PrivateCertificate.objects.filter(account_id=account_id, public_id=public_id)
        row = rows.filter(state__in=WAS_ISSUED).first()
        if row is None:
            return _gone_since(account_id, public_id)
        return row.revoked_at if row.state in NOT_TRUSTED else ca_revoked_at(public_id)


def _gone_since(account_id: int, public_id: str) -> datetime | None:
    """Since when its CA is reset, which revoked it and left nothing of it but the audit log (R17)."""
    entries = AuditEntry.objects.filter(
        account=account_id, target=public_id, action=AuditAction.PRIVATE_CERTIFICATE_ISSUED
    )
    issued = entries.values_list("after", flat=True).first()
    if issued is None or PrivateCertificate.objects.filter(public_id=public_id).exists():
        return None
    cas = PrivateCA.objects.filter(account_id=account_id, public_id=issued.get("ca", ""))
    return cas.values_list("reset_at", flat=True).first()


def _for_servers(row: PrivateCertificate) -> bool:
    """Its template may have changed since: what it is for stands in it."""
    extensions = x509.load_der_x509_certificate(issued_der(row)).extensions
    uses = extensions.get_extension_for_class(x509.ExtendedKeyUsage).value
    return ExtendedKeyUsageOID.SERVER_AUTH in uses


def _key_pair(rows: QuerySet[PrivateCertificate]) -> KeyPair | None:
    row = rows.select_related("ca", "key__data_key").first()
    if row is None or row.key is None:
        return None
    key = key_material.from_der(unseal(row.key, KEY_PURPOSE))
    return KeyPair(chain=download(row, Part.FULL_CHAIN), key=key_material.to_pem(key))


def _valid(account_id: int, at: datetime) -> QuerySet[PrivateCertificate]:
    """Neither it nor a CA above it was revoked."""
    rows = PrivateCertificate.objects.filter(
        account_id=account_id,
        state=PrivateCertificateState.ISSUED,
        not_after__gt=at,
        key__isnull=False,
    )
    return rows.exclude(below_revoked(revoked_keys(account_id)))
