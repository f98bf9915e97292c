"""When to tell somebody that something ends: 60, 30, 14, 7 and 1 days before or as `days` says, each once."""

from collections.abc import Sequence
from datetime import datetime, timedelta

WARNED_DAYS = (60, 30, 14, 7, 1)


def next_days(ends: datetime, at: datetime, days: Sequence[int] = WARNED_DAYS) -> int | None:
    """How many days before its end the next warning is; None: it is too late for any."""
    return next((one for one in days if ends - timedelta(days=one) > at), None)


def next_warning(ends: datetime, at: datetime, days: Sequence[int] = WARNED_DAYS) -> datetime | None:
    """When to tell of the end for the first time after `at`; None: it is too late for any."""
    before = next_days(ends, at, days)
    return None if before is None else ends - timedelta(days=before)


def due_warning(ends: datetime, at: datetime, days: Sequence[int] = WARNED_DAYS) -> int | None:
    """The warning that is due: the last of those whose moment has passed, before the end itself."""
    if ends <= at:
        return None
    passed = [one for one in days if ends - timedelta(days=one) <= at]
    return passed[-1] if passed else None
