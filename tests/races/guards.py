"""What a race test takes away or slows down in a process of the service, told by environment variables.

`RACE_WITHOUT` names a guard to take away, so that a test can show that it would fail without it.
`RACE_PAUSE` names a place between reading and writing where the process waits at the gate of `RACE_GATE`, so
that the race is run by the worst order of events and not by luck.
"""

import os
import time
import uuid
from collections.abc import Callable
from functools import wraps
from pathlib import Path
from typing import Any

from django.db.models.query import QuerySet

from hanaper.apps.accounts import idempotency
from hanaper.apps.certificates.services import issuing
from hanaper.apps.orders import quota
from hanaper.apps.refunds.services import requesting

LONGEST = 30.0  # seconds


class Gate:
    """A folder: whoever comes leaves a file there and waits until the gate is opened."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._opened = folder / "opened"

    def pass_through(self) -> None:
        (self._folder / uuid.uuid4().hex).touch()
        _wait_for(self._opened.exists)

    def wait_for(self, number: int) -> None:
        """Until so many have come."""
        _wait_for(lambda: len(list(self._folder.iterdir())) >= number)

    def open(self) -> None:
        self._opened.touch()


def _wait_for(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + LONGEST
    while not condition():
        if time.monotonic() > deadline:
            raise RuntimeError("nobody came to the gate, or nobody opened it")
        time.sleep(0.01)


def arm() -> None:
    """Once Django is set up, before anything is asked of the process."""
    for name in filter(None, os.environ.get("RACE_WITHOUT", "").split(",")):
        WITHOUT[name]()
    for name in filter(None, os.environ.get("RACE_PAUSE", "").split(",")):
        PAUSES[name]()


def _without_row_locks() -> None:
    QuerySet.select_for_update = lambda rows, **_options: rows.all()  # type: ignore[assignment, method-assign]


def _without_idempotency() -> None:
    real = idempotency.reserve

    def forgetful(*, key: str, request_id: str, **given: Any) -> Any:
        return real(key=f"{key}-{request_id}", request_id=request_id, **given)

    idempotency.reserve = forgetful  # type: ignore[assignment]


def _after(module: Any, name: str) -> None:
    """Wait after `name` of `module` has answered."""
    real: Callable[..., Any] = getattr(module, name)

    @wraps(real)
    def slow(*arguments: Any, **named: Any) -> Any:
        answer = real(*arguments, **named)
        Gate(Path(os.environ["RACE_GATE"])).pass_through()
        return answer

    setattr(module, name, slow)


def _pause_decided() -> None:
    """A refund was found allowed, and nothing is written yet."""
    _after(requesting, "refuse_unless_refundable")


def _pause_wanted() -> None:
    """What an issuer made was found wanted, and does not count yet."""
    _after(issuing, "_still_wanted")


def _pause_taking() -> None:
    """The order was found in use, and no quota is taken yet."""
    _after(quota, "refuse_unless_paid")


WITHOUT = {"row_locks": _without_row_locks, "idempotency": _without_idempotency}
PAUSES = {"decided": _pause_decided, "wanted": _pause_wanted, "taking": _pause_taking}
