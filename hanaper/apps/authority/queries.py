"""What faces read of authorities: for operators on the machine, and for whoever watches its health."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Max

from hanaper.apps.authority.models import RECOVERED, Authority, Issuance, IssuanceState, RevocationList
from hanaper.core.errors import NotFound


@dataclass(frozen=True, slots=True)
class Overview:
    """An authority, its newest list, and how many certificates it signed and how many serials it revoked."""

    authority: Authority
    newest: RevocationList | None
    issued: int
    revoked: int


def all_authorities() -> list[Authority]:
    """The oldest first."""
    return list(Authority.objects.order_by("pk"))


def authority_named(name: str) -> Authority:
    """By public id or role; NotFound."""
    rows = Authority.objects.select_related("parent")
    row = rows.filter(public_id=name).first() or rows.filter(role=name).first()
    if row is None:
        raise NotFound(f"There is no authority {name!r}.", code="authority_not_found")
    return row


def recovered(authority: Authority, at: datetime) -> list[Issuance]:
    """What was signed since a backup that was restored, is valid, and belongs to nothing that is known."""
    rows = Issuance.objects.filter(authority=authority, key__startswith=RECOVERED, revoked_at=None)
    return list(rows.filter(state=IssuanceState.SIGNED, not_after__gt=at).order_by("not_before", "pk"))


def overview(authority: Authority) -> Overview:
    issuances = Issuance.objects.filter(authority=authority)
    return Overview(
        authority,
        RevocationList.objects.filter(authority=authority).order_by("-number").first(),
        issuances.filter(state=IssuanceState.SIGNED).count(),
        issuances.filter(revoked_at__isnull=False).count(),
    )


def list_ages(at: datetime) -> Iterable[tuple[str | None, datetime | None, datetime | None]]:
    """Role, this update and next update of the newest list, for each authority that has not ended."""
    rows = Authority.objects.filter(certificate__isnull=False, not_after__gt=at).annotate(
        this_update=Max("revocation_lists__this_update"), next_update=Max("revocation_lists__next_update")
    )
    return rows.values_list("role", "this_update", "next_update")
