"""Paying an order; and what happens once its payment is complete."""

from collections.abc import Sequence
from datetime import datetime

from hanaper.apps.audit.services import record
from hanaper.apps.audit.vocabulary import AuditAction
from hanaper.apps.catalog import uses
from hanaper.apps.catalog.vocabulary import ProductKind
from hanaper.apps.events.services import emit
from hanaper.apps.events.vocabulary import EventKind
from hanaper.apps.orders import quota
from hanaper.apps.orders.locks import lock_order
from hanaper.apps.orders.models import Order
from hanaper.apps.orders.moves import move
from hanaper.apps.orders.products import product_for
from hanaper.apps.orders.vocabulary import LABELS, OrderState
from hanaper.apps.payments import services as payments
from hanaper.apps.payments.models import Payment
from hanaper.apps.payments.services import MeansChoice
from hanaper.core.actor import Actor, system
from hanaper.core.errors import Refusal
from hanaper.core.money import format_amount
from hanaper.storage.crashpoints import crashpoint
from hanaper.storage.walls import require_write

PAYMENTS = system("payments")


def pay_order(actor: Actor, order: Order, *, means: Sequence[MeansChoice], at: datetime) -> Order:
    """Pay what vouchers and coupon left, by balance, card or both; runs its own transactions.

    The provider may answer later: then the order stays unpaid until it does. Refused: `order_not_unpaid`,
    `order_expired`, and what payments refuses.
    """
    require_write(actor)
    order.refresh_from_db()
    if order.state != OrderState.UNPAID or order.payment is None:
        raise Refusal(
            f"The order {order.public_id} is {LABELS[OrderState(order.state)].lower()}:"
            " only an unpaid order can be paid.",
            code="order_not_unpaid",
            details={"order": order.public_id, "state": order.state},
        )
    if at >= order.expires_at:
        raise Refusal(
            f"The order {order.public_id} was not paid in time.",
            code="order_expired",
            next_steps=["Order again."],
            details={"order": order.public_id},
        )
    # Not under the order's lock: the provider is called outside any transaction. Should the order end in
    # between, what was captured goes to the account's balance.
    payments.pay(actor, order.payment, means=list(means), at=at)
    order.refresh_from_db()
    return order


def lock_paid_for(payment: Payment) -> None:
    """Payments lock what they pay for first (DESIGN, Locks); registered by `wiring.py`."""
    pk = Order.objects.filter(payment=payment).values_list("pk", flat=True).first()
    if pk is not None:
        lock_order(pk)


def mark_paid(payment: Payment, at: datetime) -> None:
    """The payment is complete: fulfil its order, in the transaction that says so; registered by `wiring.py`.

    What is given for the money and the money itself stand or fall together. Calling it twice does it once.
    """
    order = lock_order(Order.objects.values_list("pk", flat=True).get(payment=payment))
    if order.state != OrderState.UNPAID:
        if order.paid_at is None:  # payments cancels a payment with its order, so it cannot be complete
            raise RuntimeError(f"the order {order.public_id} had ended before its payment was complete")
        return
    # A sandbox's clock only moves forward, but two machines' clocks may differ.
    at = max(at, order.placed_at)
    move(order, OrderState.PAID, paid_at=at, refund_look_at=at)
    uses.spend(order.public_id)
    if order.product_kind == ProductKind.SSL_CERTIFICATE:
        quota.grant(order, at)
    product_for(order.product_kind).fulfil(order, at)
    record(
        PAYMENTS,
        AuditAction.ORDER_PAID,
        order.public_id,
        at=at,
        account_id=order.account_id,
        before={"state": OrderState.UNPAID},
        after={"state": OrderState.PAID, "payment": payment.public_id},
    )
    emit(
        EventKind.ORDER_PAID,
        account_id=order.account_id,
        subject=order.public_id,
        at=at,
        dedupe=f"order.paid:{order.public_id}",
        data={"price": format_amount(order.total, order.currency)},
    )
    crashpoint("orders.paid.before_commit")
