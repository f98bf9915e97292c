"""The receipt of an order: what was paid, by which means, for what."""

from dataclasses import dataclass
from datetime import datetime

from hanaper.apps.orders.evidence import paid_parts
from hanaper.apps.orders.models import Order
from hanaper.apps.payments.models import PaymentPart
from hanaper.core.actor import Actor
from hanaper.core.errors import Refusal


@dataclass(frozen=True, slots=True)
class Receipt:
    """`parts` are those that were captured, vouchers and coupon included."""

    order: Order
    paid_at: datetime
    parts: list[PaymentPart]


def receipt_of(actor: Actor, order: Order) -> Receipt:
    """Refused (`order_not_paid`) until it is paid; a refunded order keeps its receipt."""
    del actor  # whoever sees the order sees its receipt
    if order.paid_at is None:
        raise Refusal(
            f"The order {order.public_id} was not paid: there is no receipt.",
            code="order_not_paid",
            details={"order": order.public_id, "state": order.state},
        )
    return Receipt(order, order.paid_at, paid_parts(order))
