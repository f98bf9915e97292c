"""What a gateway may serve of this product: service years that are issued, with a key that was made here."""

from collections.abc import Sequence
from datetime import datetime

from django.db.models import QuerySet

from hanaper.apps.certificates import private_keys
from hanaper.apps.certificates.models.certificates import Certificate
from hanaper.apps.certificates.services.downloading import Part, download
from hanaper.apps.secrets.services import unseal
from hanaper.core.certificate.states import CertificateState
from hanaper.core.gateway.candidates import Candidate, covers
from hanaper.core.gateway.wire import KeyPair

SERVABLE = (CertificateState.ISSUED, CertificateState.VALIDATING_REVOCATION)
MOST = 500


class Served:
    def candidates(self, account_id: int, domain: str, at: datetime) -> Sequence[Candidate]:
        rows = _valid(account_id, at).order_by("-current__not_after")[:MOST]
        return [
            Candidate(row.public_id, tuple(names), row.current.not_after)
            for row in rows
            if row.current and covers(names := _names(row), domain)
        ]

    def ends_at(self, account_id: int, public_id: str, at: datetime) -> datetime | None:
        rows = _valid(account_id, at).filter(public_id=public_id)
        return rows.values_list("current__not_after", flat=True).first()

    def key_pair(self, account_id: int, public_id: str, at: datetime) -> KeyPair | None:
        return _key_pair(_valid(account_id, at).filter(public_id=public_id))

    def last_key_pair(self, account_id: int, public_id: str) -> KeyPair | None:
        return _key_pair(Certificate.objects.filter(account_id=account_id, public_id=public_id))

    def revoked_at(self, account_id: int, public_id: str) -> datetime | None:
        rows = Certificate.objects.filter(account_id=account_id, public_id=public_id)
        found = rows.values_list("revoked_at", "current__revoked_at").first()
        return found and (found[0] or found[1])


def _key_pair(rows: QuerySet[Certificate]) -> KeyPair | None:
    row = rows.select_related("current__application__private_key__data_key").first()
    sealed = row and row.current and row.current.application.private_key
    if not row or not sealed:
        return None
    der = unseal(sealed, private_keys.PURPOSE)
    return KeyPair(chain=download(row, Part.FULL_CHAIN), key=private_keys.to_pem(der, None))


def _valid(account_id: int, at: datetime) -> QuerySet[Certificate]:
    return Certificate.objects.filter(
        account_id=account_id,
        state__in=SERVABLE,
        current__revoked_at=None,
        current__not_after__gt=at,
        current__application__private_key__isnull=False,
    ).select_related("current")


def _names(row: Certificate) -> list[str]:
    """As they stand in the certificate: a wildcard carries the name above it."""
    return [*row.domains, *(name[2:] for name in row.domains if name.startswith("*."))]
