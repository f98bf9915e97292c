"""What stands on a list: everything revoked, or for a delta what changed since its base."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from django.db.models import QuerySet

from hanaper.apps.authority.models import Authority, Issuance, RevocationList
from hanaper.core.x509.crl import RevocationReason, RevokedEntry

_REASONS = {"": RevocationReason.UNSPECIFIED, **{one.value: one for one in RevocationReason}}
_CHUNK = 5_000


def all_entries(authority: Authority, shard: int | None, at: datetime) -> Iterator[RevokedEntry]:
    """In the order of revocation."""
    rows = _unexpired(authority, shard, at).filter(revoked_at__isnull=False).order_by("revoked_at", "pk")
    found = rows.values_list("serial", "revoked_at", "reason").iterator(chunk_size=_CHUNK)
    for serial, revoked_at, reason in found:
        if revoked_at is not None:
            yield RevokedEntry(int(serial, 16), revoked_at, _REASONS[reason])


def changed_entries(authority: Authority, base: RevocationList, at: datetime) -> Iterator[RevokedEntry]:
    """What was revoked, held or released since `base`: what is good again says so, also if it came onto hold
    after `base` (RFC 5280 5.2.4)."""
    rows = _unexpired(authority, base.shard, at).filter(changed__gt=base.changes).order_by("changed", "pk")
    for serial, revoked_at, reason in rows.values_list("serial", "revoked_at", "reason"):
        if revoked_at is None:
            yield RevokedEntry(int(serial, 16), at, removed=True)
        else:
            yield RevokedEntry(int(serial, 16), revoked_at, _REASONS[reason])


def _unexpired(authority: Authority, shard: int | None, at: datetime) -> QuerySet[Issuance]:
    # An entry stays until a list beyond the certificate's term has had it (RFC 5280 3.3).
    rows = Issuance.objects.filter(
        authority=authority, not_after__gte=at - timedelta(days=authority.list_days)
    )
    return rows if shard is None else rows.filter(shard=shard)
