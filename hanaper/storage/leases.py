"""Who looks at a row that is due: its column of system time says when, and serves as the lease.

Whoever looks claims the row by moving that column a lease ahead, so that two never look at once and one who
died is followed by another.
"""

from datetime import datetime, timedelta
from typing import Any

from django.db.models import QuerySet

# Longer than a look at a domain (10 s) or a call to an issuer; what died is taken up after it.
LEASE = timedelta(seconds=30)


def claim(rows: QuerySet[Any], pk: int, system_at: datetime, *, column: str = "due_at") -> bool:
    """Whether the row is due and now ours for the length of a lease."""
    due = rows.filter(pk=pk, **{f"{column}__lte": system_at})
    return due.update(**{column: system_at + LEASE}) == 1


def back_off(tries: int, *, first: timedelta, longest: timedelta) -> timedelta:
    """How long to wait after the `tries`-th try: doubled each time."""
    doublings = min(max(tries - 1, 0), 30)
    return min(first * (1 << doublings), longest)
