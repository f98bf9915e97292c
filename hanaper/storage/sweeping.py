"""One round of a sweep: whatever is due, one by one, so that one that breaks holds up no other."""

import threading
import time
from collections.abc import Callable, Iterable
from typing import Any

from hanaper.storage.logs import logger

log = logger(__name__)

_broken = threading.Event()  # something broke in a round of this process, and nobody was told yet

# Looking outside takes seconds; the rest waits for the next round, two seconds later.
SECONDS = 10.0


def round_ends() -> float:
    """Until when a round may begin with another thing, by `time.monotonic`."""
    return time.monotonic() + SECONDS


def each(due: Iterable[Any], work: Callable[[Any], bool | None], *, until: float | None = None) -> int:
    """`work` on each key of what is `due`; on how many, without those that it answers False for.

    An exception is logged: the thing stays due, and what has a lease is looked at again after it.
    """
    done = 0
    for key in list(due):
        if until is not None and time.monotonic() > until:
            break
        try:
            done += work(key) is not False
        except Exception:
            tell_broken()
            log.exception("sweep_item_failed", work=work.__qualname__, key=key)
    return done


def tell_broken() -> None:
    _broken.set()


def some_broke() -> bool:
    """Whether anything broke since this was asked last."""
    broke = _broken.is_set()
    _broken.clear()
    return broke
