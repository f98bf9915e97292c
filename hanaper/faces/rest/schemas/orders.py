"""Quotes, orders and receipts as the API writes them. Amounts are minor units, tax included."""

from datetime import datetime
from typing import Any

import ninja
from pydantic import Field

from hanaper.apps.orders.models import Order, OrderLine
from hanaper.apps.orders.services import OrderQuote, Receipt
from hanaper.apps.orders.terms import refund_terms
from hanaper.apps.orders.vocabulary import LABELS, OrderOrigin, OrderState
from hanaper.apps.payments.models import PaymentPart


class RefundTermsOut(ninja.Schema):
    """R1, R2: what will hold for a refund of the order."""

    policy: str
    refundable: bool
    days: int
    zone: str


class SharesOut(ninja.Schema):
    """subtotal = discount + coupon + voucher + money."""

    subtotal: int
    discount: int = Field(description="Of the promotion.")
    coupon: int
    voucher: int
    money: int = Field(description="To be paid by balance or card.")
    tax: int = Field(description="Contained in what the promotion and the coupon leave.")


class QuoteLineOut(SharesOut):
    product: str
    name: str
    quantity: int
    unit_price: int
    tax_rate_basis_points: int


class VoucherShareOut(ninja.Schema):
    voucher: str
    amount: int = Field(description="Zero if it is not needed; then it is not touched.")


class PromotionTermsOut(ninja.Schema):
    id: str
    name: str
    percent: int
    refundable: bool
    refund_days: int


class QuoteOut(SharesOut):
    currency: str
    product: str = Field(description="Kind of product.")
    years: int
    total: int = Field(description="What it costs: subtotal less discount.")
    lines: list[QuoteLineOut]
    coupon_code: str | None
    vouchers: list[VoucherShareOut]
    promotion: PromotionTermsOut | None
    refund_terms: RefundTermsOut
    expires_at: datetime = Field(description="When an order placed now would end, if unpaid.")


class OrderLineOut(QuoteLineOut):
    id: str
    quota_available: int = Field(description="How many certificates can still be applied for.")


class PaymentPartOut(ninja.Schema):
    means: str
    state: str
    amount: int
    captured: int
    reserved: int
    refunded: int
    last_four: str | None = Field(None, description="Of the card.")


class PaymentOut(ninja.Schema):
    id: str
    state: str
    problem: str | None = Field(None, description="Why the last try failed.")
    parts: list[PaymentPartOut]


class OrderOut(SharesOut):
    id: str
    account: str
    state: OrderState
    state_label: str = Field(description="As people read it.", examples=["Refund successfully"])
    product: str = Field(description="Kind of product.")
    years: int
    origin: OrderOrigin
    renews: str | None = Field(None, description="The certificate or private CA renewed.")
    region: str | None = Field(None, description="Where the private CAs of it are.")
    combined: bool = Field(description="Gave quota to a several-wildcard or hybrid certificate (R9).")
    currency: str
    total: int
    lines: list[OrderLineOut]
    promotion: PromotionTermsOut | None
    refund_terms: RefundTermsOut
    placed_at: datetime
    expires_at: datetime | None = Field(None, description="When it ends, while it is unpaid.")
    paid_at: datetime | None = None
    cancelled_at: datetime | None = None
    cancelled_because: str | None = None
    refunded_at: datetime | None = None
    payment: PaymentOut | None


class ReceiptOut(SharesOut):
    order: str
    account: str
    account_name: str
    placed_at: datetime
    paid_at: datetime
    currency: str
    total: int
    lines: list[QuoteLineOut]
    payments: list[PaymentPartOut]
    refunded_at: datetime | None = None


def quote_out(quote: OrderQuote) -> QuoteOut:
    quoted, priced = quote.catalogue, quote.catalogue.priced
    return QuoteOut(
        currency=quoted.currency,
        product=quoted.product_kind,
        years=quoted.years,
        subtotal=priced.subtotal,
        discount=priced.discount,
        total=priced.total,
        coupon=priced.coupon_share,
        voucher=priced.voucher_share,
        money=priced.money,
        tax=priced.tax_amount,
        lines=[
            QuoteLineOut(
                product=product.code,
                name=product.name,
                quantity=line.quantity,
                unit_price=line.unit_price,
                subtotal=line.subtotal,
                discount=line.discount_share,
                coupon=line.coupon_share,
                voucher=line.voucher_share,
                money=line.paid_share,
                tax=line.tax_amount,
                tax_rate_basis_points=quoted.tax_basis_points,
            )
            for product, line in zip(quoted.products, priced.lines, strict=True)
        ],
        coupon_code=quoted.coupon.code if quoted.coupon else None,
        vouchers=[
            VoucherShareOut(voucher=voucher.public_id, amount=amount)
            for voucher, amount in zip(quoted.vouchers, priced.voucher_shares, strict=True)
        ],
        promotion=_promotion_out(quote.promotion),
        refund_terms=RefundTermsOut(
            policy=quote.policy,
            refundable=quote.refund_terms.refundable,
            days=quote.refund_terms.days,
            zone=quote.zone,
        ),
        expires_at=quote.expires_at,
    )


def order_out(order: Order) -> OrderOut:
    """An order that was read whole (`queries.orders`, `queries.order`): no query from here."""
    state = OrderState(order.state)
    terms = refund_terms(order)
    return OrderOut(
        id=order.public_id,
        account=order.account.public_id,
        state=state,
        state_label=LABELS[state],
        product=order.product_kind,
        years=order.years,
        origin=OrderOrigin(order.origin),
        renews=order.renews or None,
        region=order.region or None,
        combined=order.combined,
        currency=order.currency,
        **_shares(order),
        total=order.total,
        lines=[_line_out(line) for line in order.lines.all()],
        promotion=_promotion_out(order.promotion),
        refund_terms=RefundTermsOut(
            policy=order.policy, refundable=terms.refundable, days=terms.days, zone=order.zone
        ),
        placed_at=order.placed_at,
        expires_at=order.expires_at if state is OrderState.UNPAID else None,
        paid_at=order.paid_at,
        cancelled_at=order.cancelled_at,
        cancelled_because=order.cancelled_because or None,
        refunded_at=order.refunded_at,
        payment=_payment_out(order),
    )


def receipt_out(receipt: Receipt) -> ReceiptOut:
    order = receipt.order
    return ReceiptOut(
        order=order.public_id,
        account=order.account.public_id,
        account_name=order.account.name,
        placed_at=order.placed_at,
        paid_at=receipt.paid_at,
        currency=order.currency,
        **_shares(order),
        total=order.total,
        lines=[_line_out(line) for line in order.lines.all()],
        payments=[_part_out(part) for part in receipt.parts],
        refunded_at=order.refunded_at,
    )


def _shares(order: Order) -> dict[str, int]:
    return {
        "subtotal": order.subtotal,
        "discount": order.discount,
        "coupon": order.coupon_share,
        "voucher": order.voucher_share,
        "money": order.money,
        "tax": order.tax_amount,
    }


def _line_out(line: OrderLine) -> OrderLineOut:
    return OrderLineOut(
        id=line.public_id,
        product=line.product.code,
        name=line.product.name,
        quantity=line.quantity,
        unit_price=line.unit_price,
        subtotal=line.subtotal,
        discount=line.discount_share,
        coupon=line.coupon_share,
        voucher=line.voucher_share,
        money=line.paid_share,
        tax=line.tax_amount,
        tax_rate_basis_points=line.tax_rate_basis_points,
        quota_available=line.quota_available,
    )


def _promotion_out(kept: dict[str, Any] | None) -> PromotionTermsOut | None:
    if kept is None:
        return None
    return PromotionTermsOut(
        id=kept["id"],
        name=kept["name"],
        percent=kept["percent"],
        refundable=kept["policy"]["refundable"],
        refund_days=kept["policy"]["days"],
    )


def _part_out(part: PaymentPart) -> PaymentPartOut:
    return PaymentPartOut(
        means=part.means,
        state=part.state,
        amount=part.amount,
        captured=part.captured,
        reserved=part.reserved,
        refunded=part.refunded,
        last_four=part.last_four or None,
    )


def _payment_out(order: Order) -> PaymentOut | None:
    payment = order.payment
    if payment is None:
        return None
    parts = sorted(payment.parts.all(), key=lambda part: part.position)
    return PaymentOut(
        id=payment.public_id,
        state=payment.state,
        problem=payment.problem or None,
        parts=[_part_out(part) for part in parts],
    )
