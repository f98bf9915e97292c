"""Placing an order: what was quoted becomes a row, with its price, policy and working days pinned."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction

from hanaper.apps.accounts.models import Account
from hanaper.apps.audit.services import record
from hanaper.apps.audit.vocabulary import AuditAction
from hanaper.apps.catalog import uses
from hanaper.apps.catalog.quotes import LineDraft, Quote
from hanaper.apps.catalog.vocabulary import PRIVATE_CAS
from hanaper.apps.events.services import emit
from hanaper.apps.events.vocabulary import EventKind
from hanaper.apps.orders import terms
from hanaper.apps.orders.models import Order, OrderLine
from hanaper.apps.orders.services.quoting import quote_for
from hanaper.apps.orders.vocabulary import OrderOrigin
from hanaper.apps.payments import services as payments
from hanaper.apps.payments.services import PartDraft
from hanaper.apps.payments.vocabulary import Means
from hanaper.apps.policies.queries import policy_in_force
from hanaper.core.actor import Actor
from hanaper.core.errors import InvalidInput, Refusal
from hanaper.core.money import format_amount
from hanaper.core.refund.canonical import write_moment
from hanaper.storage.crashpoints import crashpoint
from hanaper.storage.walls import require_write


def place_order(
    actor: Actor,
    *,
    account: Account,
    lines: Sequence[LineDraft],
    currency: str,
    voucher_ids: Sequence[str] = (),
    coupon_code: str = "",
    promotion_id: str = "",
    origin: OrderOrigin = OrderOrigin.PURCHASE,
    renews: str = "",
    region: str = "",
    expected_money: int | None = None,
    at: datetime,
) -> Order:
    """An unpaid order, its prices frozen; paid at once if vouchers and coupon cover everything.

    `renews`: the public id of the certificate or private CA that a renewal is for; `region`: where a private
    CA is to be; refused with `unknown_region`, and `no_region` for anything else. `expected_money`: what the
    customer was told to pay; refused with `price_changed` if that is something else by now. Other refusals: a
    quote's.
    """
    require_write(actor)
    if (origin != OrderOrigin.PURCHASE) != bool(renews):
        raise InvalidInput("A renewal names what it renews, a purchase nothing.", field="renews")
    with transaction.atomic():
        quoted = quote_for(
            actor,
            account=account,
            lines=lines,
            currency=currency,
            voucher_ids=voucher_ids,
            coupon_code=coupon_code,
            promotion_id=promotion_id,
            at=at,
        ).catalogue
        _refuse_another_price(quoted, expected_money)
        region = "" if renews else _region_for(quoted.product_kind, region)
        order = _create(account, quoted, origin=origin, renews=renews, region=region, at=at)
        _hold(order, quoted, at)
        payment = payments.open_payment(
            actor, account=account, currency=currency, parts=_covered(quoted), total=order.total, at=at
        )
        Order.objects.filter(pk=order.pk).update(payment=payment)
        order.refresh_from_db()
        _tell(actor, order, at)
        crashpoint("orders.place.before_commit")
        if order.money == 0:
            payments.pay_nothing(actor, payment, at=at)
    order.refresh_from_db()
    return order


def _refuse_another_price(quoted: Quote, expected_money: int | None) -> None:
    money = quoted.priced.money
    if expected_money is not None and expected_money != money:
        raise Refusal(
            f"This order now costs {format_amount(money, quoted.currency)}, not"
            f" {format_amount(expected_money, quoted.currency)}.",
            code="price_changed",
            field="expected_money",
            next_steps=["Ask for a quote again, and place the order at its price."],
            details={"money": money},
        )


def _region_for(product_kind: str, wanted: str) -> str:
    """Where a private CA is to be: one of the service's regions, by default its first; others have none."""
    if product_kind not in PRIVATE_CAS:
        if wanted:
            raise InvalidInput("Only private CAs have a region.", field="region", code="no_region")
        return ""
    if wanted and wanted not in settings.REGIONS:
        known = ", ".join(settings.REGIONS)
        raise InvalidInput(
            f"There is no such region. Choose one of: {known}.", field="region", code="unknown_region"
        )
    return wanted or str(settings.REGIONS[0])


def _create(
    account: Account, quoted: Quote, *, origin: OrderOrigin, renews: str, region: str, at: datetime
) -> Order:
    priced = quoted.priced
    order = Order.objects.create(
        account=account,
        product_kind=quoted.product_kind,
        years=quoted.years,
        origin=origin,
        renews=renews,
        region=region,
        currency=quoted.currency,
        subtotal=priced.subtotal,
        discount=priced.discount,
        total=priced.total,
        coupon_share=priced.coupon_share,
        voucher_share=priced.voucher_share,
        money=priced.money,
        tax_amount=priced.tax_amount,
        placed_at=at,
        expires_at=at + timedelta(hours=settings.UNPAID_ORDER_HOURS),
        policy=policy_in_force(at),
        zone=settings.ZONE,
        calendar=terms.calendar_for(at),
        promotion=terms.promotion_terms(quoted.promotion),
    )
    OrderLine.objects.bulk_create(
        OrderLine(
            order=order,
            position=position,
            product=product,
            quantity=line.quantity,
            unit_price=line.unit_price,
            subtotal=line.subtotal,
            discount_share=line.discount_share,
            coupon_share=line.coupon_share,
            voucher_share=line.voucher_share,
            paid_share=line.paid_share,
            tax_rate_basis_points=quoted.tax_basis_points,
            tax_amount=line.tax_amount,
        )
        for position, (product, line) in enumerate(zip(quoted.products, priced.lines, strict=True))
    )
    return order


def _hold(order: Order, quoted: Quote, at: datetime) -> None:
    """Take what vouchers and coupon cover; whoever was faster with the last of it wins."""
    reference = order.public_id
    if quoted.coupon is not None and quoted.priced.coupon_share:
        uses.hold_coupon(
            quoted.coupon, order.account_id, quoted.priced.coupon_share, reference=reference, at=at
        )
    # In pk order, so that two orders with the same vouchers cannot wait for each other.
    shares = enumerate(zip(quoted.vouchers, quoted.priced.voucher_shares, strict=True))
    for index, (voucher, amount) in sorted(shares, key=lambda share: share[1][0].pk):
        if amount:
            uses.hold_voucher(voucher, amount, reference=reference, field=f"vouchers.{index}", at=at)


def _covered(quoted: Quote) -> list[PartDraft]:
    """What is paid without money, by which coupon and vouchers (R3)."""
    parts = []
    if quoted.coupon is not None:
        parts.append(PartDraft(Means.COUPON, quoted.priced.coupon_share, quoted.coupon.public_id))
    for voucher, amount in zip(quoted.vouchers, quoted.priced.voucher_shares, strict=True):
        parts.append(PartDraft(Means.VOUCHER, amount, voucher.public_id))
    return [part for part in parts if part.amount]


def _tell(actor: Actor, order: Order, at: datetime) -> None:
    record(
        actor,
        AuditAction.ORDER_PLACED,
        order.public_id,
        at=at,
        account_id=order.account_id,
        after={
            "product": order.product_kind,
            "origin": order.origin,
            "total": order.total,
            "money": order.money,
            "currency": order.currency,
            "policy": order.policy,
        },
    )
    emit(
        EventKind.ORDER_PLACED,
        account_id=order.account_id,
        subject=order.public_id,
        at=at,
        dedupe=f"order.placed:{order.public_id}",
        data={
            "price": format_amount(order.total, order.currency),
            "expires_at": write_moment(order.expires_at),
        },
    )
