"""Quota: how many certificates the lines of an order still give (SPEC section 6).

An append-only list of movements, and their sum on the line, never below zero by constraint. Every function
locks the order first and runs in the caller's transaction; doing the same thing for the same reference
twice does it once.
"""

from datetime import datetime

from django.db.models import F, Sum

from hanaper.apps.orders.locks import lock_order, refuse_unless_paid
from hanaper.apps.orders.models import Order, OrderLine, QuotaMovement
from hanaper.apps.orders.vocabulary import CHANGES, MovementKind, OrderState
from hanaper.core.errors import Refusal


def grant(order: Order, at: datetime) -> None:
    """The order was paid: as many as certificates bought; several years of one are one (SPEC section 6)."""
    lock_order(order.pk)
    for line in order.lines.order_by("position"):
        _move(line, MovementKind.GRANT, line.quantity, order.public_id, at)


def take(line: OrderLine, reference: str, at: datetime) -> QuotaMovement:
    """One certificate `reference` is applied for. Refused: `quota_used_up`, and an order not in use."""
    order = lock_order(line.order_id)
    refuse_unless_paid(order)
    return _move(line, MovementKind.TAKE, 1, reference, at)


def restore(line: OrderLine, reference: str, at: datetime) -> QuotaMovement | None:
    """Give back what `reference` took: its application was cancelled, or it was revoked in time.

    A combined certificate gives back to each line what that line gave to it. None when the order was
    refunded: a refund takes the quota away for good. Refused: `quota_not_taken`.
    """
    order = lock_order(line.order_id)
    if order.state == OrderState.REFUNDED:
        return None
    gave = (
        QuotaMovement.objects.filter(
            line=line, reference=reference, kind__in=(MovementKind.TAKE, MovementKind.COMBINE)
        )
        .order_by("-pk")
        .first()
    )
    if gave is None:
        raise _not_taken(line, reference)
    done = QuotaMovement.objects.filter(line=line, reference=reference, kind=MovementKind.RESTORE).first()
    if done is not None:
        return done
    # What went into a combined certificate could otherwise come back twice: by it and by its sources.
    if _sum(line, MovementKind.TAKE) - _sum(line, MovementKind.RESTORE) < gave.amount:
        raise _not_taken(line, reference)
    return _move(line, MovementKind.RESTORE, gave.amount, reference, at)


def combine(
    line: OrderLine, reference: str, at: datetime, *, amount: int = 1, bars_refund: bool = False
) -> QuotaMovement:
    """`amount` quotas that this line's certificates took went into the combined certificate `reference`.

    `bars_refund`: it is a several-wildcard or hybrid one, which ends the right to a refund of every order
    that gave quota to it, for good (R9, D4).
    """
    order = lock_order(line.order_id)
    refuse_unless_paid(order)
    if _sum(line, MovementKind.TAKE) - _sum(line, MovementKind.RESTORE) < amount:
        raise _not_taken(line, reference)
    if bars_refund:
        Order.objects.filter(pk=order.pk).update(combined=True)
    return _move(line, MovementKind.COMBINE, amount, reference, at)


def forfeit(order: Order, reference: str, at: datetime) -> int:
    """The order was refunded (`reference`): what is left of its quota is gone for good; how many."""
    lock_order(order.pk)
    lost = 0
    for line in order.lines.filter(quota_available__gt=0).order_by("position"):
        _move(line, MovementKind.FORFEIT, line.quota_available, reference, at)
        lost += line.quota_available
    return lost


def _move(line: OrderLine, kind: MovementKind, amount: int, reference: str, at: datetime) -> QuotaMovement:
    done = QuotaMovement.objects.filter(line=line, kind=kind, reference=reference).first()
    if done is not None:
        return done
    change = CHANGES[kind] * amount
    enough = OrderLine.objects.filter(pk=line.pk, quota_available__gte=-change)
    if enough.update(quota_available=F("quota_available") + change) != 1:
        raise Refusal(
            "The quota of this order is used up.",
            code="quota_used_up",
            next_steps=["Buy another certificate, or cancel an application that is not needed."],
            details={"line": line.public_id},
        )
    return QuotaMovement.objects.create(line=line, kind=kind, amount=amount, reference=reference, at=at)


def _sum(line: OrderLine, kind: MovementKind) -> int:
    moved = QuotaMovement.objects.filter(line=line, kind=kind).aggregate(sum=Sum("amount"))["sum"]
    return int(moved or 0)


def _not_taken(line: OrderLine, reference: str) -> Refusal:
    return Refusal(
        f"{reference} holds no quota of this order.",
        code="quota_not_taken",
        details={"line": line.public_id},
    )
