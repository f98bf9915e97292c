"""Renewing the subscription of a private CA: an order of the same product prolongs the term (R14).

Within the last 30 days, so always ahead of the end: it cannot be refunded by self-service. What an operator
refunds by hand takes its part of the term and of the quota back.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import F

from hanaper.apps.catalog.quotes import LineDraft
from hanaper.apps.orders import services as orders
from hanaper.apps.orders.locks import lock_order
from hanaper.apps.orders.models import Order
from hanaper.apps.orders.vocabulary import OrderOrigin, OrderState
from hanaper.apps.private_ca.locks import lock_usable
from hanaper.apps.private_ca.models.cas import PrivateCA, Prolongation
from hanaper.apps.private_ca.states import PrivateCaKind, PrivateCaState
from hanaper.core.actor import Actor
from hanaper.core.calendar import add_months
from hanaper.core.ending_soon import next_warning
from hanaper.core.errors import Refusal
from hanaper.storage.walls import require_write

AHEAD = timedelta(days=30)
LIVE = (OrderState.UNPAID, OrderState.PAID, OrderState.REFUND_IN_PROGRESS)


def renew_subscription(
    actor: Actor,
    ca: PrivateCA,
    *,
    currency: str | None = None,
    voucher_ids: Sequence[str] = (),
    coupon_code: str = "",
    promotion_id: str = "",
    at: datetime,
) -> Order:
    """An unpaid renewal order for everything that was bought with `ca`: a root and its intermediate together.

    Refused: `term_ended`, `too_early`, `already_renewed`, `ca_refunded`, a quote's, and as the lock refuses.
    """
    require_write(actor)
    with transaction.atomic():
        ca = lock_usable(ca)
        _refuse_time(ca, at)
        bought = ca.order.lines.select_related("product").get().product
        names = PrivateCA.objects.filter(order=ca.order_id).values_list("public_id", flat=True)
        _refuse_a_second(ca, list(names), at)
        return orders.place_order(
            actor,
            account=ca.account,
            lines=[LineDraft(bought.code, 1)],
            currency=currency or ca.order.currency,
            voucher_ids=voucher_ids,
            coupon_code=coupon_code,
            promotion_id=promotion_id,
            origin=OrderOrigin.EARLY_RENEWAL,
            renews=ca.public_id,
            at=at,
        )


def prolong(order: Order, at: datetime) -> None:
    """The renewal was paid: a term more, and the quota of one. Paid after the end, the CA is as it was but
    issues only when it is let to again. In the caller's transaction; twice changes nothing."""
    named = PrivateCA.objects.filter(account_id=order.account_id, public_id=order.renews).get()
    lock_order(named.order_id)
    if Prolongation.objects.filter(order=order).exists():
        return
    product = order.lines.select_related("product").get().product
    for ca in PrivateCA.objects.filter(order=named.order_id).exclude(state=PrivateCaState.REFUNDED):
        before = ca.term_ends_at
        ca.term_ends_at = add_months(max(before, at), product.term_months)
        ca.warn_at = next_warning(ca.term_ends_at, at)
        if ca.state == PrivateCaState.EXPIRED:
            running = PrivateCaState.ENABLED if ca.has_keys else PrivateCaState.NOT_ENABLED
            ca.state = running
        more = product.certificates_included if ca.kind == PrivateCaKind.INTERMEDIATE else 0
        ca.quota = F("quota") + more
        ca.save(update_fields=["term_ends_at", "warn_at", "state", "quota"])
        Prolongation.objects.create(
            order=order, ca=ca, term_before=before, term_after=ca.term_ends_at, quota=more
        )


def take_back(order: Order, at: datetime) -> None:
    """The money of a renewal is back: its part of the term goes, and what is left of its quota."""
    for done in Prolongation.objects.filter(order=order).select_related("ca").order_by("pk"):
        lock_order(done.ca.order_id)
        ca = PrivateCA.objects.get(pk=done.ca_id)
        if ca.state != PrivateCaState.REFUNDED:
            ca.term_ends_at -= done.term_after - done.term_before
            ca.warn_at = next_warning(ca.term_ends_at, at)
            ca.quota = max(ca.quota_used, ca.quota - done.quota)
            ca.save(update_fields=["term_ends_at", "warn_at", "quota"])
        done.delete()


def _refuse_time(ca: PrivateCA, at: datetime) -> None:
    if ca.state == PrivateCaState.REFUNDED:
        raise Refusal(
            "This private CA was refunded.",
            code="ca_refunded",
            clause="R7",
            next_steps=["Buy another one."],
        )
    if ca.term_ends_at <= at:
        raise Refusal(
            "The term of this private CA has ended.", code="term_ended", next_steps=["Buy another one."]
        )
    opens = ca.term_ends_at - AHEAD
    if at < opens:
        raise Refusal(
            f"The subscription is renewed within its last 30 days, from {opens:%Y-%m-%d} on.",
            code="too_early",
            details={"from": opens.isoformat()},
        )


def _refuse_a_second(ca: PrivateCA, names: list[str], at: datetime) -> None:
    """Of the term that runs now; the one before it may have been renewed too."""
    live = Order.objects.filter(account_id=ca.account_id, renews__in=names, state__in=LIVE)
    order = live.filter(placed_at__gte=ca.term_ends_at - AHEAD, placed_at__lte=at).order_by("pk").first()
    if order is not None:
        raise Refusal(
            f"This private CA is renewed by the order {order.public_id} already.",
            code="already_renewed",
            details={"order": order.public_id},
            next_steps=["Pay that order, or cancel it first."],
        )
