"""What a refund does to its order: locks it, ends it, or lets it go on. The money is the refund's own work.

All three run in the caller's transaction.
"""

from datetime import datetime

from hanaper.apps.audit.services import record
from hanaper.apps.audit.vocabulary import AuditAction
from hanaper.apps.orders import quota
from hanaper.apps.orders.locks import lock_order, refuse_unless_paid
from hanaper.apps.orders.models import Order
from hanaper.apps.orders.moves import move
from hanaper.apps.orders.products import product_for
from hanaper.apps.orders.vocabulary import OrderState
from hanaper.core.actor import Actor


def begin_refund(actor: Actor, order: Order, *, reference: str, at: datetime) -> Order:
    """From now on nothing that the order paid for can change (D11). `reference`: the refund's public id."""
    order = lock_order(order.pk)
    refuse_unless_paid(order)
    move(order, OrderState.REFUND_IN_PROGRESS)
    _record(actor, AuditAction.ORDER_REFUND_BEGUN, order, reference, at)
    return order


def give_up_refund(actor: Actor, order: Order, *, reference: str, at: datetime) -> Order:
    """No money went back: the order goes on as it was. Doing it twice changes nothing."""
    order = lock_order(order.pk)
    if order.state == OrderState.PAID:
        return order
    move(order, OrderState.PAID)
    _record(actor, AuditAction.ORDER_REFUND_GIVEN_UP, order, reference, at)
    return order


def finish_refund(actor: Actor, order: Order, *, reference: str, at: datetime) -> Order:
    """R6, R7: the money is back, so what the order paid for ends, and its quota is gone for good.

    Doing it twice changes nothing.
    """
    order = lock_order(order.pk)
    if order.state == OrderState.REFUNDED:
        return order
    quota.forfeit(order, reference, at)
    move(order, OrderState.REFUNDED, refunded_at=at)
    product_for(order.product_kind).refunded(order, at)
    _record(actor, AuditAction.ORDER_REFUNDED, order, reference, at)
    return order


def _record(actor: Actor, action: AuditAction, order: Order, reference: str, at: datetime) -> None:
    record(
        actor,
        action,
        order.public_id,
        at=at,
        account_id=order.account_id,
        after={"state": order.state, "refund": reference},
    )
