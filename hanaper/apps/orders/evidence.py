"""The order's part of the facts of a refund decision (SPEC section 7)."""

from typing import Any

from hanaper.apps.orders.models import Order
from hanaper.apps.orders.vocabulary import OrderState
from hanaper.apps.payments.models import PaymentPart
from hanaper.core.refund.canonical import write_moment

# A refund that was given up leaves the order paid, and nothing here.
_REFUND = {OrderState.REFUND_IN_PROGRESS: "in_progress", OrderState.REFUNDED: "succeeded"}


def order_facts(order: Order) -> dict[str, Any]:
    """The object `order` of the facts: what was placed, pinned and paid, in the parts in which it was paid.

    `payments` has every part that was captured, vouchers and coupon included, in the order of the payment's
    parts; an order that was not paid has none.
    """
    promotion = order.promotion
    return {
        "id": order.public_id,
        "product": order.product_kind,
        "origin": order.origin,
        "placed_at": write_moment(order.placed_at),
        "paid_at": None if order.paid_at is None else write_moment(order.paid_at),
        "currency": order.currency,
        "years": order.years,
        "combined": order.combined,
        "payments": [{"means": part.means, "amount": part.captured} for part in paid_parts(order)],
        "promotion": promotion and {"id": promotion["id"], "policy": promotion["policy"]},
        "policy": order.policy,
        "zone": order.zone,
        "calendar": order.calendar,
        "refund": _REFUND.get(OrderState(order.state)),
    }


def paid_parts(order: Order) -> list[PaymentPart]:
    """The captured parts of the order's payment by position; the facts' `payments` are in this order."""
    if order.paid_at is None or order.payment is None:
        return []
    # In Python: whoever reads many orders has prefetched them.
    parts = sorted(order.payment.parts.all(), key=lambda part: part.position)
    return [part for part in parts if part.captured > 0]
