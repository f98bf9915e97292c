"""Keys that were taken over by another: they issue nothing more, and go when what they issued has ended."""

from datetime import datetime

from django.db.models import Exists, OuterRef, QuerySet

from hanaper.apps.authority.models import Authority, CaCertificate, Issuance, IssuanceState
from hanaper.apps.authority.services import end_authority
from hanaper.apps.private_ca.models.cas import CaGeneration


def retire(authority: Authority, at: datetime) -> bool:
    """Issue nothing more once the links that it signs are there; whether anything changed."""
    del at
    if CaCertificate.objects.filter(issuer=authority, der=None).exists():
        return False
    return Authority.objects.filter(pk=authority.pk, issuing=True).update(issuing=False) == 1


def to_retire() -> QuerySet[CaGeneration]:
    return CaGeneration.objects.filter(retired_at__isnull=False, authority__issuing=True)


def to_end(at: datetime) -> QuerySet[CaGeneration]:
    """Retired, and nothing that it issued is valid any more, or it is not itself."""
    valid = Issuance.objects.filter(
        authority=OuterRef("authority"),
        not_after__gt=at,
        authority__not_after__gt=at,
        revoked_at=None,
    ).exclude(state=IssuanceState.ABANDONED)
    itself = CaCertificate.objects.filter(
        issuer=OuterRef("authority"), authority=OuterRef("authority"), serial=OuterRef("serial")
    )
    valid = valid.filter(~Exists(itself))
    retired = CaGeneration.objects.filter(
        retired_at__isnull=False, authority__issuing=False, authority__ended_at=None
    )
    return retired.filter(~Exists(valid))


def end(generation: CaGeneration, at: datetime) -> None:
    """Its key is of no more use."""
    end_authority(generation.authority, at=at)
