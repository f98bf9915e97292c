"""A quote: everything the customer will see and pay, checked and priced, before anything is written."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.conf import settings

from hanaper.apps.catalog import checks, pricing, queries
from hanaper.apps.catalog.models import Coupon, Product, Promotion, Voucher
from hanaper.apps.catalog.vocabulary import ProductKind
from hanaper.core.errors import Fault, InvalidInput
from hanaper.core.money import MAX_AMOUNT, format_amount, is_currency

MAX_LINES = 20
MAX_QUANTITY = 1000  # of one line


@dataclass(frozen=True, slots=True)
class LineDraft:
    """What somebody wants: so many of the product with this code."""

    product: str
    quantity: int = 1


@dataclass(frozen=True, slots=True)
class Quote:
    """`priced.lines` and `products` go together, and so do `vouchers` and `priced.voucher_shares`."""

    currency: str
    product_kind: str
    years: int
    products: tuple[Product, ...]
    priced: pricing.Priced
    tax_basis_points: int
    coupon: Coupon | None
    vouchers: tuple[Voucher, ...]
    promotion: Promotion | None
    valid_at: datetime


def quote(
    account_id: int,
    *,
    lines: Sequence[LineDraft],
    currency: str,
    voucher_ids: Sequence[str] = (),
    coupon_code: str = "",
    promotion_id: str = "",
    at: datetime,
) -> Quote:
    """Price `lines` for an account at `at`. InvalidInput names every line at fault; nothing is written."""
    if not is_currency(currency):
        raise InvalidInput(
            f"Nothing is sold in {currency!r}: it is not a currency.",
            field="currency",
            code="unknown_currency",
            next_steps=["Write the three letters of a currency in which the product has a price."],
        )
    products, unit_prices = _find(lines, currency, at)
    kind, years = products[0].kind, products[0].years
    items = [(unit_price, line.quantity) for unit_price, line in zip(unit_prices, lines, strict=True)]
    if sum(unit_price * quantity for unit_price, quantity in items) > MAX_AMOUNT:
        raise InvalidInput(
            f"An order may cost at most {format_amount(MAX_AMOUNT, currency)}.",
            field="lines",
            code="total_too_large",
        )
    promotion = checks.promotion(promotion_id, kind=kind, at=at) if promotion_id else None
    percent = promotion.percent if promotion else 0
    after_promotion = pricing.price(items, promotion_percent=percent).total
    coupon = (
        checks.coupon(
            coupon_code, account_id=account_id, kind=kind, currency=currency, total=after_promotion, at=at
        )
        if coupon_code
        else None
    )
    vouchers = checks.vouchers(voucher_ids, account_id=account_id, kind=kind, currency=currency, at=at)
    return Quote(
        currency=currency,
        product_kind=kind,
        years=years,
        products=products,
        priced=pricing.price(
            items,
            promotion_percent=percent,
            coupon_percent=coupon.percent if coupon else None,
            coupon_amount=coupon.amount if coupon else None,
            voucher_balances=[voucher.balance for voucher in vouchers],
            tax_basis_points=settings.TAX_BASIS_POINTS,
        ),
        tax_basis_points=settings.TAX_BASIS_POINTS,
        coupon=coupon,
        vouchers=vouchers,
        promotion=promotion,
        valid_at=at,
    )


def _find(lines: Sequence[LineDraft], currency: str, at: datetime) -> tuple[tuple[Product, ...], list[int]]:
    """The products and their unit prices, or everything that is wrong with the lines at once."""
    if not 1 <= len(lines) <= MAX_LINES:
        raise InvalidInput(
            f"An order has between one and {MAX_LINES} lines.", field="lines", code="out_of_range"
        )
    known = queries.products_by_code([line.product for line in lines])
    prices = queries.prices_in_force(known.values(), at, currency=currency)
    faults: list[Fault] = []
    for index, line in enumerate(lines):
        field = f"lines.{index}"
        if isinstance(line.quantity, bool) or not 1 <= line.quantity <= MAX_QUANTITY:
            faults.append(
                Fault(f"{field}.quantity", f"Order between 1 and {MAX_QUANTITY} of it.", "out_of_range")
            )
        product = known.get(line.product)
        if product is None:
            faults.append(
                Fault(f"{field}.product", f"There is no product {line.product!r}.", "unknown_product")
            )
        elif not product.is_active:
            faults.append(
                Fault(f"{field}.product", f"{product.name} is no longer sold.", "product_withdrawn")
            )
        elif (product.pk, currency) not in prices:
            faults.append(
                Fault(
                    f"{field}.product",
                    f"{product.name} is not sold in {currency}.",
                    "not_sold_in_currency",
                )
            )
    if not faults:
        faults = _mixed([known[line.product] for line in lines], lines)
    if faults:
        raise InvalidInput(_summary(faults), code=faults[0].code, faults=faults)
    products = tuple(known[line.product] for line in lines)
    return products, [prices[product.pk, currency] for product in products]


def _mixed(products: Sequence[Product], lines: Sequence[LineDraft]) -> list[Fault]:
    """One order has one kind of product and one number of years; only certificates come in numbers."""
    first = products[0]
    faults = []
    for index, product in enumerate(products):
        field = f"lines.{index}.product"
        if product.kind != first.kind:
            faults.append(
                Fault(field, "An order has one kind of product; order the other apart.", "mixed_kinds")
            )
        elif product.years != first.years:
            faults.append(
                Fault(field, "An order has one number of years; order the other apart.", "mixed_years")
            )
    if not faults and first.kind != ProductKind.SSL_CERTIFICATE:
        if len(lines) > 1:
            faults.append(Fault("lines.1.product", "This is ordered one at a time.", "one_at_a_time"))
        elif lines[0].quantity > 1:
            faults.append(Fault("lines.0.quantity", "This is ordered one at a time.", "one_at_a_time"))
    return faults


def _summary(faults: Sequence[Fault]) -> str:
    return " ".join(["This cannot be ordered.", *dict.fromkeys(fault.message for fault in faults)])
