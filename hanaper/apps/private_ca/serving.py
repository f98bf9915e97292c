"""What a gateway may serve of this product: certificates for hosts, with a key that was made here."""

from collections.abc import Sequence
from datetime import datetime

from django.db.models import QuerySet

from hanaper.apps.authority import key_material
from hanaper.apps.private_ca.models.certificates import PrivateCertificate
from hanaper.apps.private_ca.services.downloading import Part, download
from hanaper.apps.private_ca.services.issuing import KEY_PURPOSE
from hanaper.apps.private_ca.states import PrivateCertificateState
from hanaper.apps.secrets.services import unseal
from hanaper.core.gateway.candidates import Candidate, covers
from hanaper.core.gateway.wire import KeyPair

MOST = 500
NOT_TRUSTED = (PrivateCertificateState.REVOKED, PrivateCertificateState.HELD)


class Served:
    def candidates(self, account_id: int, domain: str, at: datetime) -> Sequence[Candidate]:
        rows = _valid(account_id, at).order_by("-not_after")[:MOST]
        return [
            Candidate(row.public_id, tuple(names), row.not_after)
            for row in rows
            if covers(names := row.names.get("dns", []), domain)
        ]

    def ends_at(self, account_id: int, public_id: str, at: datetime) -> datetime | None:
        rows = _valid(account_id, at).filter(public_id=public_id)
        return rows.values_list("not_after", flat=True).first()

    def key_pair(self, account_id: int, public_id: str, at: datetime) -> KeyPair | None:
        row = _valid(account_id, at).filter(public_id=public_id).first()
        if row is None or row.key is None:
            return None
        key = key_material.from_der(unseal(row.key, KEY_PURPOSE))
        return KeyPair(chain=download(row, Part.FULL_CHAIN), key=key_material.to_pem(key))

    def revoked_at(self, account_id: int, public_id: str) -> datetime | None:
        rows = PrivateCertificate.objects.filter(
            account_id=account_id, public_id=public_id, state__in=NOT_TRUSTED
        )
        return rows.values_list("revoked_at", flat=True).first()


def _valid(account_id: int, at: datetime) -> QuerySet[PrivateCertificate]:
    return PrivateCertificate.objects.filter(
        account_id=account_id,
        state=PrivateCertificateState.ISSUED,
        not_after__gt=at,
        key__isnull=False,
    ).select_related("ca", "key__data_key")
