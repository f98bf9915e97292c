"""Wake-ups: a job says "look at this", the truth lies in the tables.

Enqueued in the transaction of the change that calls for it. A lost wake-up costs time only: the sweep
finds what is due and not done.
"""

from typing import Any

from django.tasks import Task


def wake(task: Task[..., Any], **arguments: Any) -> None:
    """Enqueue `task` in the current transaction; the arguments are JSON values, usually one key."""
    task.enqueue(**arguments)
