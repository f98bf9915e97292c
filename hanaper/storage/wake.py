"""Wake-ups: a job says "look at this row", the truth lies in the tables.

A pursuit is a function that looks at one row and takes the next step with it. It is woken in the transaction
of the change that calls for it; a lost wake-up costs time only, for the sweep finds what is due and not done.
"""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.tasks import Task, task

from hanaper import clock

# Primary key of the row, business time, system time.
Pursuit = Callable[[int, datetime, datetime], None]

_pursuits: dict[str, Pursuit] = {}


def pursuit(name: str) -> Callable[[Pursuit], Pursuit]:
    """Register the decorated function under `name`, such as `payments.return`."""

    def register(function: Pursuit) -> Pursuit:
        if name in _pursuits:
            raise ValueError(f"two pursuits are called {name!r}")
        _pursuits[name] = function
        return function

    return register


@task()
def pursue(name: str, pk: int) -> None:
    """The one job: look at one row now."""
    run_pursuit(name, pk, clock.now(), clock.system_now())


def run_pursuit(name: str, pk: int, at: datetime, system_at: datetime) -> None:
    _pursuits[name](pk, at, system_at)


def wake_pursuit(name: str, pk: int) -> None:
    """In the current transaction: somebody should look at the row `pk` soon."""
    pursue.enqueue(name=name, pk=pk)


def wake(job: "Task[..., Any]", **arguments: Any) -> None:
    """Enqueue a job of its own kind in the current transaction; the arguments are JSON values."""
    job.enqueue(**arguments)
