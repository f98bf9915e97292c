"""When to tell somebody that something ends: 60, 30, 14, 7 and 1 days before, each once."""

from datetime import datetime, timedelta

WARNED_DAYS = (60, 30, 14, 7, 1)


def next_days(ends: datetime, at: datetime) -> int | None:
    """How many days before its end the next warning is; None: it is too late for any."""
    return next((days for days in WARNED_DAYS if ends - timedelta(days=days) > at), None)


def next_warning(ends: datetime, at: datetime) -> datetime | None:
    """When to tell of the end for the first time after `at`; None: it is too late for any."""
    days = next_days(ends, at)
    return None if days is None else ends - timedelta(days=days)


def due_warning(ends: datetime, at: datetime) -> int | None:
    """The warning that is due: the last of those whose moment has passed, before the end itself."""
    if ends <= at:
        return None
    passed = [days for days in WARNED_DAYS if ends - timedelta(days=days) <= at]
    return passed[-1] if passed else None
