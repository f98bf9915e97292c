"""The ways from an authority up to a root. The first is its own; others go over links and cross-signs."""

from collections.abc import Iterator
from datetime import datetime

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from django.db.models import QuerySet

from hanaper.apps.authority.models import Authority, CaCertificate
from hanaper.storage.composed import composed

MOST = 8  # ways that are offered
DEEPEST = 6


def chain_of(authority: Authority) -> list[bytes]:
    """The certificates from this authority up to its root, DER."""
    found, above = [], authority
    while True:
        found.append(bytes(above.certificate or b""))
        if above.outside:
            return [*found, *_above(above)]
        if above.parent is None:
            return found
        above = above.parent


def chains_of(authority: Authority, at: datetime) -> list[list[bytes]]:
    """Every way that is good at `at`, without a revoked certificate, the authority's own first; that one also
    if it is good no more. At most MOST."""
    found = [chain_of(authority)]
    for way in _ways(authority, at, frozenset()):
        if len(found) == MOST:
            break
        if way not in found:
            found.append(way)
    return found


def _ways(authority: Authority, at: datetime, seen: frozenset[int]) -> Iterator[list[bytes]]:
    """Depth first, never through the same authority twice."""
    seen |= {authority.pk}
    if len(seen) > DEEPEST:
        return
    for one in _usable(authority, at):
        der = bytes(one.der or b"")
        if one.issuer is None:
            yield [der, *_ders(one.above)]
        elif one.issuer_id == authority.pk:
            yield [der]
        elif one.issuer_id not in seen:
            yield from ([der, *rest] for rest in _ways(one.issuer, at, seen))


def _usable(authority: Authority, at: datetime) -> list[CaCertificate]:
    """Its own one first, and of each issuer the newest: those before it end sooner and lead nowhere else."""
    newest: dict[int | None, CaCertificate] = {}
    for row in _good.all(authority.pk, at):
        newest.setdefault(row.issuer_id, row)
    own = bytes(authority.certificate or b"")
    return sorted(newest.values(), key=lambda row: (bytes(row.der or b"") != own, -row.pk))


@composed
def _good(authority_pk: int, at: datetime) -> QuerySet[CaCertificate]:
    """The newest first."""
    rows = CaCertificate.objects.filter(authority=authority_pk, revoked_at=None, not_after__gt=at)
    return rows.filter(der__isnull=False).select_related("issuer").order_by("-pk")


@composed
def _from_outside(authority_pk: int) -> QuerySet[CaCertificate]:
    rows = CaCertificate.objects.filter(authority=authority_pk, issuer=None, der__isnull=False)
    return rows.order_by("-pk")[:1]


def _above(authority: Authority) -> list[bytes]:
    own = _from_outside.first(authority.pk)
    return [] if own is None else _ders(own.above)


def _ders(pem: str) -> list[bytes]:
    certificates = x509.load_pem_x509_certificates(pem.encode()) if pem else []
    return [one.public_bytes(Encoding.DER) for one in certificates]
