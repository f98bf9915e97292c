"""Renew: an order for the same kind of certificate, from an issued or an expired one (R14)."""

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction

from hanaper.apps.catalog.models import Product
from hanaper.apps.catalog.quotes import LineDraft
from hanaper.apps.catalog.vocabulary import ProductKind
from hanaper.apps.certificates.models.certificates import Certificate
from hanaper.apps.certificates.services.claims import lock_for_change, move
from hanaper.apps.orders import services as orders
from hanaper.apps.orders.models import Order
from hanaper.apps.orders.vocabulary import OrderOrigin, OrderState
from hanaper.core.actor import Actor
from hanaper.core.certificate.states import Action, CertificateState
from hanaper.core.errors import Refusal
from hanaper.storage.walls import require_write

LIVE = (OrderState.UNPAID, OrderState.PAID, OrderState.REFUND_IN_PROGRESS)


def renew(
    actor: Actor,
    certificate: Certificate,
    *,
    years: int = 1,
    currency: str | None = None,
    voucher_ids: Sequence[str] = (),
    coupon_code: str = "",
    promotion_id: str = "",
    at: datetime,
) -> Order:
    """An unpaid renewal order. From `Issued` it is an early renewal, whose term begins at the old end (D18)
    and which cannot be refunded by self-service (R14); from `Expired` it is refundable like a purchase.

    Refused: `not_in_this_state`, `order_locked`, `already_renewed`, `product_not_sold`.
    """
    require_write(actor)
    with transaction.atomic():
        certificate, locked = lock_for_change(certificate.pk)
        early = certificate.state == CertificateState.ISSUED
        _refuse_a_second(certificate)
        product = _product(certificate, years)
        order = orders.place_order(
            actor,
            account=certificate.account,
            lines=[LineDraft(product.code, 1)],
            currency=currency or locked[0].currency,
            voucher_ids=voucher_ids,
            coupon_code=coupon_code,
            promotion_id=promotion_id,
            origin=OrderOrigin.EARLY_RENEWAL if early else OrderOrigin.RENEWAL,
            renews=certificate.public_id,
            at=at,
        )
        move(actor, certificate, Action.RENEW, at=at, told={"order": order.public_id})
    return order


def _refuse_a_second(certificate: Certificate) -> None:
    live = Order.objects.filter(
        account_id=certificate.account_id, renews=certificate.public_id, state__in=LIVE
    )
    order = live.order_by("pk").first()
    if order is not None:
        raise Refusal(
            f"This certificate is renewed by the order {order.public_id} already.",
            code="already_renewed",
            details={"order": order.public_id},
            next_steps=["Pay that order, or cancel it first."],
        )


def _product(certificate: Certificate, years: int) -> Product:
    """The same product for so many years; for a combined one, what is sold outright of its kind."""
    sold = Product.objects.filter(
        kind=ProductKind.SSL_CERTIFICATE,
        brand=certificate.brand,
        level=certificate.level,
        domain_kind=certificate.domain_kind,
        years=years,
        is_active=True,
    )
    product = sold.order_by("pk").first()
    if product is None:
        raise Refusal(
            "This kind of certificate is not sold for that many years any more.",
            code="product_not_sold",
            next_steps=["Buy another kind of certificate."],
        )
    return product
