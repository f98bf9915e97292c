"""What faces read of a CA's keys and certificates: its generations, and each way to a root."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Exists, OuterRef, Q

from hanaper.apps.authority.models import (
    Authority,
    CaCertificate,
    CaCertificateKind,
    Issuance,
    IssuanceState,
)
from hanaper.apps.private_ca.models.cas import CaGeneration, PrivateCA
from hanaper.apps.private_ca.states import WITH_KEYS, PrivateCaKind

# As `PrivateCA.has_keys`, of many at once.
HAS_KEYS = Q(state__in=WITH_KEYS, authority__isnull=False, resetting=False)


@dataclass(frozen=True, slots=True)
class Certified:
    """A certificate of one of the CA's keys; `by`: the CA here that signed it, None: one that is not here;
    `revocable`: without the rest of the CA."""

    row: CaCertificate
    by: PrivateCA | None
    revocable: bool = False


def generations(ca: PrivateCA) -> list[CaGeneration]:
    """Every key that it had since it was enabled, the newest first."""
    return list(ca.generations.select_related("authority").order_by("-pk"))


def ca_certificates(ca: PrivateCA) -> list[Certified]:
    """Of every key: its own, those before, links and cross-signs; the newest first."""
    rows = CaCertificate.objects.filter(authority__generation__ca=ca, der__isnull=False)
    found = list(rows.select_related("authority", "issuer").order_by("-pk"))
    signers = _cas_of([row.issuer_id for row in found if row.issuer_id is not None])
    return [
        Certified(
            row,
            signers.get(row.issuer_id or 0),
            ca.authority is not None and row.revoked_at is None and revocable_alone(row, ca.authority),
        )
        for row in found
    ]


def revocable_alone(row: CaCertificate, newest: Authority) -> bool:
    """Whether somebody here can revoke it and the CA goes on with `newest`: a link, a cross-sign, or one of
    its own before the one that it has now."""
    if row.der is None or row.issuer_id in (None, row.authority_id):
        return False
    return row.kind != CaCertificateKind.OWN or bytes(row.der) != bytes(newest.certificate or b"")


def revoked_at(ca: PrivateCA) -> datetime | None:
    """When the key that issues now was revoked for cause; None: it was not. In a list, without a query for
    each that was selected with `authority__generation`."""
    generation = getattr(ca.authority, "generation", None)
    return None if generation is None else generation.revoked_at


def ca_revoked_at(certificate: str) -> datetime | None:
    """Since when a key that signed a private certificate (its public id), or the one above, is revoked."""
    rows = Issuance.objects.filter(reference=certificate, state=IssuanceState.SIGNED)
    moments = rows.values_list(
        "authority__generation__revoked_at", "authority__parent__generation__revoked_at"
    )
    return min((one for one in moments.first() or () if one is not None), default=None)


def revoked_keys(account_id: int) -> list[int]:
    """The account's authorities that are revoked: mostly none."""
    rows = CaGeneration.objects.filter(ca__account=account_id, revoked_at__isnull=False)
    return list(rows.values_list("authority", flat=True))


def below_revoked(keys: Sequence[int]) -> Q:
    """Of private certificates: signed by one of these authorities, or by one below it."""
    if not keys:
        return Q(pk__in=())
    by_them = Q(authority__in=keys) | Q(authority__parent__in=keys)
    return Q(Exists(Issuance.objects.filter(by_them, reference=OuterRef("public_id"))))


def revocable(ca: PrivateCA) -> bool:
    """Whether somebody here can still revoke the whole of it: one of its keys, at least, is not revoked."""
    if not ca.has_keys or ca.kind == PrivateCaKind.ROOT or ca.authority is None:
        return False
    return not ca.authority.outside and ca.generations.filter(revoked_at=None).exists()


def _cas_of(authorities: Sequence[int]) -> dict[int, PrivateCA]:
    rows = CaGeneration.objects.filter(authority__in=authorities).select_related("ca")
    return {row.authority_id: row.ca for row in rows}
