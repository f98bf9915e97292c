"""Who else makes something of an event, in the transaction that makes its notice; `wiring.py` says who.

Webhooks lie above the outbox, which therefore cannot call them by name.
"""

from collections.abc import Callable
from datetime import datetime

from hanaper.apps.events.models import Event

Follower = Callable[[Event, datetime], None]

_followers: list[Follower] = []


def connect(*following: Follower) -> None:
    """Called once, by `wiring.py`."""
    _followers[:] = following


def follow(event: Event, system_at: datetime) -> None:
    for follower in _followers:
        follower(event, system_at)
