"""The words of trials."""

from datetime import timedelta
from enum import StrEnum


class TrialState(StrEnum):
    RUNNING = "running"  # we look at orders
    DONE = "done"
    CANCELLED = "cancelled"  # by an operator; what was found until then stays
    REMOVED = "removed"  # shown no more; the sweep deletes it


class Subject(StrEnum):
    """What is judged twice."""

    ORDER = "order"  # as if its refund were asked for
    REFUND = "refund"  # one that was paid, as it was asked for


BATCH = 200  # things judged for one commit
SECONDS = 4.0  # of one look; then others have their turn
STALLED = timedelta(seconds=30)  # system time without a commit: whoever was at it is gone
MOST_DAYS = 1000
TOP = 20  # accounts that gain or lose most
DELETED_AT_ONCE = 2000
