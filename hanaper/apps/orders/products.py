"""The registry of products: what each product area offers to orders and refunds.

`wiring.py` registers one `Product` per kind. It lives low so that `orders` can fulfil and `refunds` can
gather evidence and carry out steps without either importing a product. A fourth product is a new folder
and one line of wiring.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from hanaper.core.actor import Actor
from hanaper.core.errors import Refusal

if TYPE_CHECKING:
    from hanaper.apps.orders.models import Order


class StepState(StrEnum):
    DONE = "done"  # the thing has left the state the step was about
    WAITING = "waiting"  # begun; the CA, an operator or a check decides; ask again later


@dataclass(frozen=True, slots=True)
class StepOutcome:
    """How carrying out one step of a plan went. A step that is refused raises its `Refusal` instead."""

    state: StepState
    note: str = ""


@dataclass(frozen=True, slots=True)
class UnderWay:
    """A step that was begun and goes on by itself. `sentence`: for the customer, how far it is; `part`: the
    product's part of the facts as it will be."""

    sentence: str
    part: Mapping[str, Any]


def _nothing_under_way(order: "Order") -> UnderWay | None:
    del order
    return None


def _nothing_foreseen(order: "Order", action: str, target: str) -> None:
    del order, action, target


def _nothing_taken(order: "Order", action: str, target: str) -> str:
    del order, action, target
    return ""


@dataclass(frozen=True, slots=True)
class Product:
    """What a product area offers for the kinds of product it sells.

    `kinds`: values of the facts' `order.product`, the last resort `*` for any other service.
    `fulfil(order, at)`: the order was paid: create what was bought, in the caller's transaction.
    `evidence(orders, at)`: by each order's pk the product's part of the facts of SPEC section 7, as JSON
        values, for example `{"certificates": [...]}`; reads only, in a fixed number of queries.
    `undo(actor, order, action, target, at)`: carry out one customer's step of a plan (`cancel_apply`,
        `withdraw`, `modify`, `submit`, `revoke`, `cancel`, `reset`) on the thing with public id `target`;
        idempotent: a step already done answers DONE. `approve_revocation` is an operator's and only
        reports whether it has happened. Runs its own transactions.
    `foresee(order, action, target)`: raises the refusal that `undo` would meet, whatever was done before.
    `takes_with_it(order, action, target)`: what else a step of a plan would take from the customer, in
        sentences for them; empty for nothing.
    `under_way(order)`: the last step that was begun and is not done, None if there is none.
    `refunded(order, at)`: the money is back (R6, R7): put an end to what the order paid for, in the
        caller's transaction.
    """

    kinds: frozenset[str]
    fulfil: Callable[["Order", datetime], None]
    evidence: Callable[[Sequence["Order"], datetime], Mapping[int, Mapping[str, Any]]]
    undo: Callable[[Actor, "Order", str, str, datetime], StepOutcome]
    refunded: Callable[["Order", datetime], None]
    foresee: Callable[["Order", str, str], None] = _nothing_foreseen
    takes_with_it: Callable[["Order", str, str], str] = _nothing_taken
    under_way: Callable[["Order"], UnderWay | None] = _nothing_under_way


_by_kind: dict[str, Product] = {}


def register(products: Sequence[Product]) -> None:
    """Called once, by `wiring.py`."""
    _by_kind.clear()
    for product in products:
        for kind in product.kinds:
            if kind in _by_kind:
                raise ValueError(f"two products claim the kind {kind!r}")
            _by_kind[kind] = product


def product_for(kind: str) -> Product:
    """The product area that answers for `kind`; the one registered for `*` takes any other service."""
    product = _by_kind.get(kind) or _by_kind.get("*")
    if product is None:
        raise Refusal(f"Nobody here sells {kind!r}.", code="unknown_product")
    return product
