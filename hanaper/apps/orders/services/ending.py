"""How an unpaid order ends without being paid: the customer cancels it, or its time runs out."""

from datetime import datetime

from django.db import transaction

from hanaper.apps.audit.services import record
from hanaper.apps.audit.vocabulary import AuditAction
from hanaper.apps.catalog import uses
from hanaper.apps.events.services import emit
from hanaper.apps.events.vocabulary import EventKind
from hanaper.apps.orders.locks import lock_order
from hanaper.apps.orders.models import Order
from hanaper.apps.orders.moves import move
from hanaper.apps.orders.vocabulary import LABELS, CancelReason, OrderState
from hanaper.apps.payments import services as payments
from hanaper.core.actor import Actor, system
from hanaper.core.errors import Refusal
from hanaper.core.refund.canonical import write_moment
from hanaper.storage.crashpoints import crashpoint
from hanaper.storage.sweeping import each
from hanaper.storage.walls import require_write

BATCH = 200
SWEEP = system("orders.sweep")


def cancel_order(actor: Actor, order: Order, *, at: datetime) -> Order:
    """Cancel an unpaid order; vouchers and coupon are free again. Refused once it is paid: refund it.

    Money that is already on its way comes to the account's balance.
    """
    require_write(actor)
    with transaction.atomic():
        order = lock_order(order.pk)
        if order.state != OrderState.UNPAID:
            paid = order.state == OrderState.PAID
            raise Refusal(
                f"The order {order.public_id} is {LABELS[OrderState(order.state)].lower()}:"
                " only an unpaid order can be cancelled.",
                code="order_not_unpaid",
                next_steps=["Ask for a refund of the order."] if paid else [],
                details={"order": order.public_id, "state": order.state},
            )
        _end(actor, order, CancelReason.CUSTOMER, at)
    order.refresh_from_db()
    return order


def expire_unpaid(at: datetime) -> int:
    """End the orders that were not paid in time, each in a transaction of its own; how many."""
    due = Order.objects.filter(state=OrderState.UNPAID, expires_at__lte=at).order_by("expires_at", "pk")
    return each(due.values_list("pk", flat=True)[:BATCH], lambda pk: _expire(pk, at))


def _expire(pk: int, at: datetime) -> bool:
    with transaction.atomic():
        order = lock_order(pk)
        if order.state != OrderState.UNPAID or order.expires_at > at:
            return False
        _end(SWEEP, order, CancelReason.EXPIRED, at)
        crashpoint("orders.expire.before_commit")
    return True


def _end(actor: Actor, order: Order, reason: CancelReason, at: datetime) -> None:
    expired = reason is CancelReason.EXPIRED
    move(order, OrderState.CANCELLED, cancelled_at=at, cancelled_because=reason)
    uses.release(order.public_id)
    if order.payment is not None:
        payments.cancel_payment(actor, order.payment, at=at)
    record(
        actor,
        AuditAction.ORDER_EXPIRED if expired else AuditAction.ORDER_CANCELLED,
        order.public_id,
        at=at,
        account_id=order.account_id,
        before={"state": OrderState.UNPAID},
        after={"state": OrderState.CANCELLED},
    )
    emit(
        EventKind.ORDER_EXPIRED if expired else EventKind.ORDER_CANCELLED,
        account_id=order.account_id,
        subject=order.public_id,
        at=at,
        dedupe=f"order.cancelled:{order.public_id}",
        data={"expired_at": write_moment(order.expires_at)} if expired else {},
    )
