"""Limits that change at known dates, and the one that both issuing and linting obey."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

DatedLimits = Sequence[tuple[datetime, timedelta]]

ALWAYS = datetime.min.replace(tzinfo=UTC)


def since(year: int, month: int, day: int) -> datetime:
    """The first instant at which a rule of that date holds."""
    return datetime(year, month, day, tzinfo=UTC)


# Baseline Requirements 6.3.2 (ballot SC-081v3): the longest validity of a TLS subscriber certificate,
# by the date of its issue.
MAX_VALIDITY: DatedLimits = (
    (ALWAYS, timedelta(days=398)),
    (since(2026, 3, 15), timedelta(days=200)),
    (since(2027, 3, 15), timedelta(days=100)),
    (since(2029, 3, 15), timedelta(days=47)),
)


def limit_at(limits: DatedLimits, at: datetime) -> timedelta:
    """The limit in force at `at`: the last one whose date has come."""
    return next(limit for first, limit in reversed(limits) if first <= at)
