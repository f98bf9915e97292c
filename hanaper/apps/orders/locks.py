"""The first lock of every change: whoever changes anything that an order paid for locks its row first.

Order, then thing, payment part, balance; several orders in pk order. A conditional update on one row does
not protect a rule across rows under PostgreSQL's READ COMMITTED; on SQLite the transaction itself is the
lock (BEGIN IMMEDIATE).
"""

from collections.abc import Iterable

from django.db import transaction
from django.db.models import QuerySet

from hanaper.apps.orders.models import Order
from hanaper.apps.orders.vocabulary import OrderState
from hanaper.core.errors import NotFound, Refusal
from hanaper.storage.composed import composed


def lock_order(order_pk: int) -> Order:
    """The order as it is now, locked until the transaction ends. RuntimeError outside a transaction."""
    return lock_orders([order_pk])[0]


def lock_orders(pks: Iterable[int]) -> list[Order]:
    """The orders as they are now, locked in pk order, so that two callers cannot wait for each other."""
    if not transaction.get_connection().in_atomic_block:
        raise RuntimeError("an order is locked inside transaction.atomic()")
    wanted = sorted(set(pks))
    found = _locked.all(wanted)
    if len(found) != len(wanted):
        raise NotFound("There is no such order.", code="order_not_found")
    return found


@composed
def _locked(pks: list[int]) -> QuerySet[Order]:
    return Order.objects.select_for_update().filter(pk__in=pks).order_by("pk")


def refuse_if_locked(order: Order) -> None:
    """D11: while a refund is under way nothing that the order paid for may change."""
    if order.state == OrderState.REFUND_IN_PROGRESS:
        raise Refusal(
            f"A refund of the order {order.public_id} is under way: nothing it paid for can be changed until"
            " the refund has succeeded or was given up.",
            code="order_locked",
            clause="D11",
            next_steps=[f"Look at the refund of the order {order.public_id}."],
            details={"order": order.public_id},
        )


def refuse_unless_paid(order: Order) -> None:
    """Only what is paid and not refunded can be used."""
    refuse_if_locked(order)
    if order.state == OrderState.REFUNDED:
        raise Refusal(
            f"The order {order.public_id} was refunded: nothing of it can be used.",
            code="order_refunded",
            clause="R6",
            details={"order": order.public_id},
        )
    if order.state != OrderState.PAID:
        raise Refusal(
            f"The order {order.public_id} is {order.state}: only a paid order can be used.",
            code="order_not_paid",
            next_steps=["Pay the order first."] if order.state == OrderState.UNPAID else ["Order again."],
            details={"order": order.public_id, "state": order.state},
        )
