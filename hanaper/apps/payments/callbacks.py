"""Who is told when money has moved: registered by `wiring.py`, called in the transaction of the outcome."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from hanaper.apps.payments.models import Payment


@dataclass(frozen=True, slots=True)
class Callbacks:
    """`lock(payment)` locks what the payment pays for before payments locks its own rows (DESIGN, Locks).

    `paid(payment, at)`: completed. `returns_settled(reference, at)`: every return of the refund `reference`
    has found its destination. `return_bounced(reference, at)`: one that had succeeded failed later, and its
    money is in the customer's balance now (R4).
    """

    lock: Callable[["Payment"], None]
    paid: Callable[["Payment", datetime], None]
    lock_refund: Callable[[str], None]
    returns_settled: Callable[[str, datetime], None]
    return_bounced: Callable[[str, datetime], None]


def _nothing(*_arguments: object) -> None:
    """Until wiring connects somebody."""


_connected = Callbacks(_nothing, _nothing, _nothing, _nothing, _nothing)


def connect(callbacks: Callbacks) -> None:
    """Called once, by `wiring.py`."""
    global _connected
    _connected = callbacks


def connected() -> Callbacks:
    return _connected
