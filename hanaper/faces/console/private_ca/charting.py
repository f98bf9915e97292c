"""How many certificates a CA issued and how many end, as bars and as a table beside them."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.utils.translation import gettext as _

from hanaper.apps.private_ca.models.cas import PrivateCA
from hanaper.apps.private_ca.statistics import MONTHS, WEEKS, Counted, Period, statistics
from hanaper.faces.console.charts import Bar, bars, months_of


@dataclass(frozen=True, slots=True)
class Chart:
    """`weekly`: its bars are weeks, named by their Monday; else months. `later`: those after the last."""

    caption: str
    bars: list[Bar]
    weekly: bool
    later: int = 0

    @property
    def total(self) -> int:
        return sum(bar.value for bar in self.bars)


def charts_of(ca: PrivateCA, at: datetime) -> list[Chart]:
    """Of a root also what the CAs below it issued."""
    found = statistics(ca, by=Period.MONTH, at=at)
    months = months_of(at, MONTHS, back=True)[:-1]
    monday = at.date() - timedelta(days=at.weekday())
    weeks = [monday + timedelta(weeks=number) for number in range(WEEKS)]
    return [
        Chart(_("Issued, by month"), _bars(months, found.issued), weekly=False),
        Chart(_("Ending, by week"), _bars(weeks, found.expiring, soon=2), weekly=True, later=found.later),
    ]


def _bars(periods: list[date], counted: Iterable[Counted], *, soon: int = 0) -> list[Bar]:
    """A bar for each period, also of those in which there was nothing."""
    counts: Counter[date] = Counter()
    for one in counted:
        counts[one.begins.date()] += one.count
    return bars([(period, counts[period]) for period in periods], soon=soon)
