"""Certificates that end: told of beforehand, those of one CA and one day together; and what has ended."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime

from django.db import transaction

from hanaper.apps.events.services import Draft, emit_many
from hanaper.apps.events.vocabulary import EventKind
from hanaper.apps.private_ca.models.certificates import PrivateCertificate
from hanaper.apps.private_ca.states import GOOD, PrivateCertificateState
from hanaper.core.private_ca.notices import after, next_due
from hanaper.core.refund.canonical import write_moment

AT_ONCE = 1000  # of one round
NAMED = 5  # in a text; programs get more
LISTED = 50
_RENEWED = (PrivateCertificateState.ISSUING, *GOOD)


def look_at_ends(at: datetime) -> int:
    """Certificates whose time is over become `expired`, and notices that are due are sent: none of what was
    renewed or revoked. On how many certificates something was due."""
    due = PrivateCertificate.objects.filter(notice_at__lte=at).order_by("notice_at", "pk")
    rows = list(due.select_related("ca")[:AT_ONCE])
    if not rows:
        return 0
    later = PrivateCertificate.objects.filter(renews__in=rows, state__in=_RENEWED)
    renewed = set(later.values_list("renews", flat=True))
    told: dict[tuple[int, int], list[PrivateCertificate]] = defaultdict(list)
    with transaction.atomic():
        over = [row.pk for row in rows if row.not_after <= at]
        PrivateCertificate.objects.filter(pk__in=over, state__in=GOOD).update(
            state=PrivateCertificateState.EXPIRED
        )
        for row in rows:
            left = after(row.notices, row.not_after, at)
            good = row.state in GOOD and row.not_after > at
            if good and row.pk not in renewed and len(left) < len(row.notices):
                told[row.ca_id, row.notices[len(row.notices) - len(left) - 1]].append(row)
            row.notices, row.notice_at = (left, next_due(left, row.not_after)) if good else ([], None)
        _write(rows)
        emit_many(_draft(days, group, at) for (_, days), group in told.items())
    return len(rows)


def _write(rows: Sequence[PrivateCertificate]) -> None:
    """A statement for those with the same next day, of which there are few."""
    same: dict[tuple[tuple[int, ...], datetime | None], list[int]] = defaultdict(list)
    for row in rows:
        same[tuple(row.notices), row.notice_at].append(row.pk)
    for (left, due), keys in same.items():
        PrivateCertificate.objects.filter(pk__in=keys).update(notices=list(left), notice_at=due)


def _draft(days: int, group: Sequence[PrivateCertificate], at: datetime) -> Draft:
    ca, first = group[0].ca, min(group, key=lambda row: (row.not_after, row.pk))
    return Draft(
        kind=EventKind.PRIVATE_CERTIFICATE_EXPIRING,
        account_id=ca.account_id,
        subject=first.public_id if len(group) == 1 else ca.public_id,
        at=at,
        dedupe=f"{first.public_id}:expiring:{days}",
        data={
            "ca": ca.public_id,
            "ca_name": ca.name or ca.public_id,
            "days": days,
            "count": len(group),
            "not_after": write_moment(first.not_after),
            "names": ", ".join(map(name_of, group[:NAMED])) + (", ..." if len(group) > NAMED else ""),
            "certificates": [row.public_id for row in group[:LISTED]],
        },
    )


def name_of(certificate: PrivateCertificate) -> str:
    """What people call it: its common name, or the first of its names."""
    names = (name for kind in certificate.names.values() for name in kind)
    return str(certificate.subject.get("common_name") or next(names, certificate.public_id))
