"""One worker at a time at an attempt: a lease on system time, with a fence.

A worker that was paused and wakes after its lease ran out finds a higher fence and writes nothing.
"""

import random
from datetime import datetime, timedelta

from django.db.models import F, Q

from hanaper.apps.payments.models import Attempt
from hanaper.apps.payments.vocabulary import UNFINISHED

LEASE = timedelta(seconds=30)  # longer than the provider's adapter ever waits
SHORTEST_PAUSE = timedelta(seconds=1)
LONGEST_PAUSE = timedelta(hours=1)


def claim[A: Attempt](attempt: A, system_at: datetime) -> A | None:
    """The attempt with a lease and a new fence, or None if it is finished or somebody has it."""
    rows = type(attempt)._default_manager.filter(pk=attempt.pk, state__in=UNFINISHED)
    claimed = rows.filter(Q(leased_until=None) | Q(leased_until__lte=system_at)).update(
        leased_until=system_at + LEASE, fence=F("fence") + 1, tries=F("tries") + 1
    )
    if claimed != 1:
        return None
    attempt.refresh_from_db()
    return attempt


def write(attempt: Attempt, **changes: object) -> bool:
    """Write what this worker found, unless its lease was lost meanwhile; whether it was written."""
    rows = type(attempt)._default_manager.filter(pk=attempt.pk, fence=attempt.fence)
    return rows.update(leased_until=None, **changes) == 1


def next_try(tries: int, system_at: datetime) -> datetime:
    """When to look again: twice as long each time, up to an hour, with a fifth of jitter."""
    pause: timedelta = min(SHORTEST_PAUSE * 2 ** min(tries, 20), LONGEST_PAUSE)
    return system_at + pause * random.uniform(0.8, 1.2)  # noqa: S311 - jitter, not a secret
