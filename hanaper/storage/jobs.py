"""The queue of jobs. A job is only a wake-up: the sweep does what a lost one would do."""

from collections import Counter
from typing import Any

from django_ox.models import OxTask

COUNTED = 1000  # nothing counts a whole table
OPEN = (OxTask.Status.READY, OxTask.Status.RUNNING, OxTask.Status.FAILED, OxTask.Status.LOST)


def failed_jobs() -> Any:
    """Jobs that gave up, the newest first."""
    gave_up = (OxTask.Status.FAILED, OxTask.Status.LOST)
    return OxTask.objects.filter(status__in=gave_up).order_by("-enqueued_at", "-pk")


def jobs_by_state() -> dict[str, int]:
    """How many wait, run or gave up, up to a thousand."""
    states = OxTask.objects.filter(status__in=OPEN).values_list("status", flat=True)
    return dict(Counter(states[:COUNTED]))
