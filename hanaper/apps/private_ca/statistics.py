"""How many certificates were issued when, and how many end when: for charts.

Each period is a range of an index that has all that is counted, so a year of a million certificates costs
one walk along it; every period of every CA is asked for in one statement.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from enum import StrEnum
from itertools import pairwise

from django.db.models import Count, IntegerField, Q, QuerySet, Value

from hanaper.apps.private_ca.models.cas import PrivateCA
from hanaper.apps.private_ca.models.certificates import PrivateCertificate
from hanaper.apps.private_ca.states import GOOD, PrivateCertificateState

DAYS, MONTHS = 30, 12
WEEKS = 14  # whatever is issued today for the 90 days that templates give is in it
WEEK = timedelta(days=7)


class Period(StrEnum):
    DAY = "day"
    MONTH = "month"


@dataclass(frozen=True, slots=True)
class Counted:
    """`count` certificates of `template` below `ca`, in the period that begins at `begins`."""

    begins: datetime
    ca: str
    template: str
    count: int


@dataclass(frozen=True, slots=True)
class Statistics:
    """In order of time. `expiring`: per week, the first of which is the one that `at` lies in; `later`: how
    many end after the last of them."""

    issued: list[Counted]
    expiring: list[Counted]
    later: int


def statistics(ca: PrivateCA, *, by: Period, at: datetime) -> Statistics:
    """Of this CA; of a root also what the CAs below it issued. Days and weeks are those of UTC."""
    cas = {one.pk: one.public_id for one in PrivateCA.objects.filter(Q(pk=ca.pk) | Q(parent=ca))}
    today = datetime.combine(at.astimezone(UTC).date(), time(), UTC)
    begun = PrivateCertificate.objects.exclude(state=PrivateCertificateState.FAILED)
    good = PrivateCertificate.objects.filter(state__in=GOOD)
    monday = today - timedelta(days=today.weekday())
    weeks = [monday + number * WEEK for number in range(WEEKS + 1)]
    return Statistics(
        issued=list(_counted(begun, "created_at", cas, _bounds(by, today))),
        expiring=list(_counted(good, "not_after", cas, weeks)),
        later=good.filter(ca__in=list(cas), not_after__gte=weeks[-1]).count(),
    )


def _bounds(by: Period, today: datetime) -> list[datetime]:
    """The beginnings of the periods, and the end of the last."""
    if by is Period.DAY:
        return [today + timedelta(days=number - DAYS + 1) for number in range(DAYS + 1)]
    last = today.year * 12 + today.month - 1
    return [
        datetime(month // 12, month % 12 + 1, 1, tzinfo=UTC) for month in range(last - MONTHS + 1, last + 2)
    ]


def _counted(
    rows: QuerySet[PrivateCertificate], column: str, cas: dict[int, str], bounds: Sequence[datetime]
) -> Iterator[Counted]:
    asked = [
        rows.filter(ca__in=list(cas), **{f"{column}__gte": begins, f"{column}__lt": ends})
        .order_by()
        .values("ca", "template")
        .annotate(period=Value(number, IntegerField()), count=Count("pk"))
        .values_list("period", "ca", "template", "count")
        for number, (begins, ends) in enumerate(pairwise(bounds))
    ]
    found = asked[0].union(*asked[1:], all=True)
    for period, ca, template, count in sorted(found):
        yield Counted(bounds[period], cas[ca], template, count)
