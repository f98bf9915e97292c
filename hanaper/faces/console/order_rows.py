"""Orders as lists show them, with whether each can be refunded: decided together."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from hanaper.apps.orders.models import Order
from hanaper.apps.orders.vocabulary import OrderState
from hanaper.apps.refunds.services import decisions_for
from hanaper.core.refund import Verdict


@dataclass(frozen=True, slots=True)
class OrderRow:
    """`refundable`: now, or once something is done first; `closes_at`: when its window closes, while that is
    open and matters."""

    order: Order
    refundable: bool = False
    closes_at: datetime | None = None


def order_rows(orders: Sequence[Order], at: datetime) -> list[OrderRow]:
    """The same queries for a page of orders as for one."""
    decided = decisions_for([one for one in orders if one.state == OrderState.PAID], at)
    rows = []
    for one in orders:
        decision = decided.get(one.pk)
        if decision is None:
            rows.append(OrderRow(one))
            continue
        refundable, closes_at = decision.verdict is not Verdict.REFUSED, decision.closes_at
        is_open = refundable and closes_at is not None and closes_at > at
        rows.append(OrderRow(one, refundable, closes_at if is_open else None))
    return rows
