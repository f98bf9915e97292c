"""Tab Statistics: what a domain served and consumed, as pictures, as a table, and as a file.

Hours are those of the engines' clocks, which no sandbox moves; days are those of UTC.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from babel.dates import format_datetime
from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from hanaper import clock
from hanaper.apps.gateway import queries
from hanaper.apps.gateway.models import GatewayInstance
from hanaper.apps.gateway.queries import Usage
from hanaper.core.gateway.statistics import add_counts, add_paths, quantile, total
from hanaper.faces.console.exporting import csv_answer
from hanaper.faces.console.gateway.drawing import Drawing, drawing, moments_until
from hanaper.faces.console.gateway.tags import bytes_said
from hanaper.faces.console.places import PlaceRequest, shared_page
from hanaper.faces.console.tags import count, locale

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
MOST_PATHS = 15
COLUMNS = (
    "begins_at", "visits", "bytes_out", "grcq", "requests", "cache_hits", "milliseconds", "codes",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Period:
    """`count` bars, each of `step`."""

    caption: str | Promise
    step: timedelta
    count: int

    @property
    def daily(self) -> bool:
        return self.step == DAY

    def served(self, gateway: GatewayInstance) -> list[Usage]:
        """What was served in it, idle hours or days left out."""
        if self.daily:
            return queries.usage_by_day(gateway, days=self.count)
        return queries.usage_by_hour(gateway, hours=self.count)


PERIODS = {
    "24h": Period(gettext_lazy("24 hours"), HOUR, 24),
    "3d": Period(gettext_lazy("3 days, by hour"), HOUR, 72),
    "30d": Period(gettext_lazy("30 days"), DAY, 30),
    "90d": Period(gettext_lazy("90 days"), DAY, 90),
}
USUAL = "24h"


@shared_page()
def statistics(request: PlaceRequest, gateway: str) -> HttpResponse:
    found, period = queries.gateway(request.place.actor, gateway), _period(request)
    moments = moments_until(_begin(clock.system_now(), period.step), period.step, period.count)
    served = [one for one in period.served(found) if one.begins_at >= moments[0]]
    content = {
        "gateway": found,
        "periods": [(name, one.caption, one is period) for name, one in PERIODS.items()],
        "period": period,
        "drawings": _drawings(period, moments, served),
        "rows": served[::-1],
        **_together(served),
        "tab": "statistics",
    }
    return render(request, "console/gateway/statistics.html", content)


@shared_page()
def as_csv(request: PlaceRequest, gateway: str) -> HttpResponse:
    """The newest hours or days in which anything was served, as many as the period has."""
    found = queries.gateway(request.place.actor, gateway)
    rows = (
        (
            one.begins_at, one.visits, one.bytes_out, one.grcq, one.requests, one.cache_hits,
            one.milliseconds, " ".join(f"{code}={number}" for code, number in sorted(one.codes.items())),
        )
        for one in _period(request).served(found)
    )  # fmt: skip
    return csv_answer(f"usage-{found.public_id}", COLUMNS, rows)


def _period(request: PlaceRequest) -> Period:
    return PERIODS.get(request.GET.get("period", ""), PERIODS[USUAL])


def _begin(at: datetime, step: timedelta) -> datetime:
    """Of the hour, or of the day of UTC, in which a moment lies."""
    hour = at.replace(minute=0, second=0, microsecond=0)
    return hour if step == HOUR else hour.replace(hour=0)


def _drawings(period: Period, moments: list[datetime], served: Sequence[Usage]) -> list[Drawing]:
    wanted = (
        (_("Visits"), "visits", count),
        (_("Outbound traffic"), "bytes_out", bytes_said),
        ("GRCQ", "grcq", count),
    )

    def said(at: datetime) -> str:
        # A day of UTC is not one of the reader's zone: it is named as it is counted.
        shown = at if period.daily else timezone.localtime(at)
        day = format_datetime(shown, "MMM d" if period.daily else "MMM d, HH:mm", locale=locale())
        return f"{day} {shown.tzname()}"

    return [
        drawing(caption, moments, {one.begins_at: getattr(one, name) for one in served}, say, said)
        for caption, name, say in wanted
    ]


def _together(served: Sequence[Usage]) -> dict[str, Any]:
    """Of the whole period: how it was answered, and the paths that were asked for most."""
    requests = sum(one.requests for one in served)
    codes: dict[str, int] = {}
    paths: dict[str, tuple[int, int]] = {}
    for one in served:
        codes = add_counts(codes, one.codes or one.statuses)
        paths = add_paths(paths, one.paths)
    lengths = total(one.lengths for one in served)
    return {
        "requests": requests,
        "hit_rate": sum(one.cache_hits for one in served) * 100 // max(1, requests),
        "half": quantile(lengths, 0.5),
        "most_of_them": quantile(lengths, 0.95),
        "codes": sorted(codes.items()),
        "paths": [(path, *sums) for path, sums in paths.items()][:MOST_PATHS],
    }
