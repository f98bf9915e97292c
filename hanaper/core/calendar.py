"""Days in a time zone: where a window of days ends, and when a review is due (D1, D10).

Everything returned as a moment is in UTC. A zone is used for one thing only: to find where calendar
days begin and end for the people who live in it.
"""

from calendar import monthrange
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from functools import lru_cache
from zoneinfo import ZoneInfo

ONE_DAY = timedelta(days=1)
SATURDAY = 5

# Names that a zone database may carry besides the zones: the host's own zone, and copies of the zones
# that count leap seconds. The same facts would give different answers on different machines.
_NOT_ZONES = ("posix/", "right/", "localtime", "posixrules")


class Counting(StrEnum):
    """How the days of a window are counted (D1)."""

    CALENDAR_DAYS = "calendar_days"
    ELAPSED_TIME = "elapsed_time"


class UnknownZone(ValueError):
    """The zone database has no zone of this name."""


@lru_cache(maxsize=1024)
def zone_named(name: str) -> ZoneInfo:
    """The zone called `name` in the zone database, such as `Asia/Shanghai`; or UnknownZone."""
    if name.startswith(_NOT_ZONES):
        raise UnknownZone(name)
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError) as error:
        raise UnknownZone(name) from error


@lru_cache(maxsize=16384)
def start_of_day(day: date, zone: ZoneInfo) -> datetime:
    """The first existing instant of `day` in `zone` (D1), as a moment in UTC.

    Midnight usually; the end of the gap where the clocks skip it (Cairo, Beirut and once São Paulo
    begin summer time at midnight); the first of the two where it comes twice. For a day that a zone
    left out altogether (Samoa, 30 December 2011) it is the first instant after it.
    """
    midnight = datetime(day.year, day.month, day.day)
    # fold=0: the first of two midnights.
    instant = midnight.replace(tzinfo=zone).astimezone(UTC)
    if instant.astimezone(zone).replace(tzinfo=None) == midnight:
        return instant
    # There is no midnight. With fold=0 `instant` lies at or after the gap; find the gap's end, to the
    # second, as transitions are.
    before = instant - 2 * ONE_DAY
    low, high = 0, int((instant - before).total_seconds())
    while high - low > 1:
        middle = (low + high) // 2
        if (before + timedelta(seconds=middle)).astimezone(zone).date() >= day:
            high = middle
        else:
            low = middle
    return before + timedelta(seconds=high)


def local_date(moment: datetime, zone: ZoneInfo) -> date:
    """The calendar day that people in `zone` write at `moment`."""
    if zone.key == "UTC" and moment.tzinfo is UTC:
        return moment.date()
    return moment.astimezone(zone).date()


def window_end(start: datetime, days: int, zone: ZoneInfo, counting: Counting) -> datetime:
    """The first moment that is too late for a window of `days` days that opened at `start` (D1).

    Calendar days: the end of the n-th day after the day of `start`, that is the first existing instant
    of the day after; zero days end with the same day. Elapsed time: 7 days are 168 hours.
    """
    if counting is Counting.ELAPSED_TIME:
        return start + timedelta(days=days)
    return start_of_day(local_date(start, zone) + timedelta(days=days + 1), zone)


@dataclass(frozen=True, slots=True)
class BusinessCalendar:
    """Working days, as the days that differ from Monday to Friday (D10).

    `closed` are weekdays on which nobody works, `open` the weekend days on which people do (make-up
    Saturdays; it wins for a date named in both); `day_ends` is the end of the working day.
    """

    name: str
    closed: tuple[date, ...] = ()
    open: tuple[date, ...] = ()
    day_ends: time = time(18, 0)
    _closed: frozenset[date] = field(init=False, repr=False, compare=False)
    _open: frozenset[date] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_closed", frozenset(self.closed))
        object.__setattr__(self, "_open", frozenset(self.open))

    def is_working_day(self, day: date) -> bool:
        return day in self._open or (day.weekday() < SATURDAY and day not in self._closed)

    def working_day_after(self, day: date, count: int) -> date:
        """The `count`-th working day, counted from the day after `day`."""
        while count:
            day += ONE_DAY
            if self.is_working_day(day):
                count -= 1
        return day

    def end_of_work(self, day: date, zone: ZoneInfo) -> datetime:
        """The end of the working day on `day`, in UTC."""
        return datetime.combine(day, self.day_ends, tzinfo=zone).astimezone(UTC)


@dataclass(frozen=True, slots=True)
class ReviewTime:
    """How long the review of a revocation may take (R13, D10)."""

    working_days: int
    publicly_trusted_hours: int


def review_due(
    asked_at: datetime,
    review: ReviewTime,
    calendar: BusinessCalendar,
    zone: ZoneInfo,
    *,
    publicly_trusted: bool,
) -> datetime:
    """When the review of a revocation asked for at `asked_at` is due (D10).

    The end of the working day of the fifth business day, counted from the day after the request; for
    a publicly trusted certificate within 24 hours (Baseline Requirements 4.9.1.1), if that is earlier.
    """
    last = calendar.working_day_after(local_date(asked_at, zone), review.working_days)
    due = calendar.end_of_work(last, zone)
    if publicly_trusted:
        due = min(due, asked_at + timedelta(hours=review.publicly_trusted_hours))
    return due


def last_sure_day(
    closes_at: datetime,
    first: date,
    review: ReviewTime,
    calendar: BusinessCalendar,
    zone: ZoneInfo,
    *,
    publicly_trusted: Iterable[bool],
) -> date:
    """The last date on which revocation requests are sure to fall due before `closes_at` (D10, D12).

    `publicly_trusted` says so for each certificate that must be revoked: all of them must be reviewed in
    time, whatever the hour of that date at which the request is made. No date before `first` counts; if
    there is none, the day before `first` is the answer.
    """
    only_public = all(publicly_trusted)
    last = _last_by_working_days(closes_at, first, review, calendar, zone)
    if only_public:
        # The last request of a day is made just before the next day begins, and due 24 hours later.
        allowed = timedelta(hours=review.publicly_trusted_hours)
        day = local_date(closes_at, zone)
        while day > last and start_of_day(day + ONE_DAY, zone) + allowed > closes_at:
            day -= ONE_DAY
        last = max(last, day)
    return last


def _last_by_working_days(
    closes_at: datetime, first: date, review: ReviewTime, calendar: BusinessCalendar, zone: ZoneInfo
) -> date:
    """Count the review's working days back from the last one that ends before `closes_at`."""
    day = local_date(closes_at, zone)
    while day >= first and calendar.end_of_work(day, zone) >= closes_at:
        day -= ONE_DAY
    left = review.working_days
    while left and day >= first:
        if calendar.is_working_day(day):
            left -= 1
        day -= ONE_DAY
    # `day` is now the day before the first of those working days: a request on it counts them all.
    return max(day, first - ONE_DAY) if left == 0 else first - ONE_DAY


def add_months(at: datetime, months: int) -> datetime:
    """The same day of the month and time of day so many months later, or the last day of a shorter month."""
    year, month = divmod(at.year * 12 + at.month - 1 + months, 12)
    day = min(at.day, monthrange(year, month + 1)[1])
    return at.replace(year=year, month=month + 1, day=day)
