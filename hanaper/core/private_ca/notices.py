"""When somebody is told that a private certificate ends."""

from collections.abc import Sequence
from datetime import UTC, datetime, time, timedelta

DEFAULT_DAYS = (60, 30, 14, 7, 1)


def days_told(wanted: Sequence[int], lifetime: timedelta) -> list[int]:
    """Of the days before its end those that lie in the last third of its life, the earliest first: a
    certificate of a week is told of two days before its end, not on its first day."""
    return sorted({days for days in wanted if 3 * timedelta(days=days) <= lifetime}, reverse=True)


def next_due(days: Sequence[int], not_after: datetime) -> datetime:
    """At the beginning of the day (UTC), so that those of one day are told together; at last its end."""
    if not days:
        return not_after
    day = (not_after.astimezone(UTC) - timedelta(days=days[0])).date()
    return datetime.combine(day, time(), UTC)


def after(days: Sequence[int], not_after: datetime, at: datetime) -> list[int]:
    """What is left to be told once it was told at `at`."""
    left = list(days)
    while left and next_due(left, not_after) <= at:
        left.pop(0)
    return left
