"""Orders: quoted, placed, paid or ended, and what a refund does to them. One function a verb."""

from hanaper.apps.orders.services.ending import cancel_order, expire_unpaid
from hanaper.apps.orders.services.paying import lock_paid_for, mark_paid, pay_order
from hanaper.apps.orders.services.placing import place_order
from hanaper.apps.orders.services.quoting import OrderQuote, quote_for
from hanaper.apps.orders.services.receipts import Receipt, receipt_of
from hanaper.apps.orders.services.refunding import begin_refund, finish_refund, give_up_refund

__all__ = [
    "OrderQuote",
    "Receipt",
    "begin_refund",
    "cancel_order",
    "expire_unpaid",
    "finish_refund",
    "give_up_refund",
    "lock_paid_for",
    "mark_paid",
    "pay_order",
    "place_order",
    "quote_for",
    "receipt_of",
]
