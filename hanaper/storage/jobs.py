"""The queue of jobs. A job is only a wake-up: the sweep does what a lost one would do."""

from collections import Counter
from datetime import datetime, timedelta
from typing import Any

from django_ox.models import OxTask

COUNTED = 1000  # nothing counts a whole table
FORGOTTEN_AT_ONCE = 500  # rows of one round of a sweep
KEPT = {
    OxTask.Status.SUCCESSFUL: timedelta(days=7),
    OxTask.Status.FAILED: timedelta(days=90),
    OxTask.Status.LOST: timedelta(days=90),
}
OPEN = (OxTask.Status.READY, OxTask.Status.RUNNING, OxTask.Status.FAILED, OxTask.Status.LOST)


def failed_jobs() -> Any:
    """Jobs that gave up, the newest first."""
    gave_up = (OxTask.Status.FAILED, OxTask.Status.LOST)
    return OxTask.objects.filter(status__in=gave_up).order_by("-enqueued_at", "-pk")


def jobs_by_state() -> dict[str, int]:
    """How many wait, run or gave up, up to a thousand."""
    states = OxTask.objects.filter(status__in=OPEN).values_list("status", flat=True)
    return dict(Counter(states[:COUNTED]))


def sweep(at: datetime, system_at: datetime) -> int:  # noqa: ARG001 - the form of every sweep
    """Forget jobs that ended long ago, in bounded batches; how many."""
    return sum(_forget(status, system_at - kept) for status, kept in KEPT.items())


def _forget(status: str, before: datetime) -> int:
    # With its priority, which is always the default, the queue's own index leads to the oldest.
    rows = OxTask.objects.filter(status=status, priority=0, enqueued_at__lt=before).order_by("enqueued_at")
    keys = list(rows.values_list("pk", flat=True)[:FORGOTTEN_AT_ONCE])
    return OxTask.objects.filter(pk__in=keys).delete()[0] if keys else 0
