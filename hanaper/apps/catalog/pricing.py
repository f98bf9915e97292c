"""What a purchase costs, in plain arithmetic: no tables, no clock. Amounts are minor units, tax included.

The promotion lowers the price; a coupon, then vouchers, cover part of what is left; money pays the rest.
Every share is split over the lines by largest remainder, so the lines always sum to the whole.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from hanaper.core.money import allocate


@dataclass(frozen=True, slots=True)
class PricedLine:
    """subtotal = discount_share + coupon_share + voucher_share + paid_share."""

    unit_price: int
    quantity: int
    subtotal: int
    discount_share: int
    coupon_share: int
    voucher_share: int
    paid_share: int
    tax_amount: int


@dataclass(frozen=True, slots=True)
class Priced:
    """total = subtotal - discount = coupon_share + voucher_share + money."""

    lines: tuple[PricedLine, ...]
    subtotal: int
    discount: int
    total: int
    coupon_share: int
    voucher_shares: tuple[int, ...]  # of each voucher, in the order given; zero if not needed
    money: int
    tax_amount: int

    @property
    def voucher_share(self) -> int:
        return sum(self.voucher_shares)


def percent_of(amount: int, percent: int) -> int:
    """So many percent, rounded down."""
    return amount * percent // 100


def tax_contained(amount: int, basis_points: int) -> int:
    """The tax in an amount that includes it, rounded half up; 1900 basis points are 19 %."""
    whole = 10_000 + basis_points
    return (2 * amount * basis_points + whole) // (2 * whole)


def price(
    items: Sequence[tuple[int, int]],
    *,
    promotion_percent: int = 0,
    coupon_percent: int | None = None,
    coupon_amount: int | None = None,
    voucher_balances: Sequence[int] = (),
    tax_basis_points: int = 0,
) -> Priced:
    """Price `items`, each a unit price and a quantity. A coupon is a percentage or an amount, or neither."""
    subtotals = [unit_price * quantity for unit_price, quantity in items]
    subtotal = sum(subtotals)
    discounts = allocate(percent_of(subtotal, promotion_percent), subtotals)
    left = [whole - share for whole, share in zip(subtotals, discounts, strict=True)]
    total = sum(left)

    coupon = percent_of(total, coupon_percent) if coupon_percent is not None else (coupon_amount or 0)
    coupon = min(coupon, total)
    coupons = allocate(coupon, left)
    left = [whole - share for whole, share in zip(left, coupons, strict=True)]
    taxes = [tax_contained(amount, tax_basis_points) for amount in left]

    uncovered = sum(left)
    voucher_shares = []
    for balance in voucher_balances:
        voucher_shares.append(min(balance, uncovered))
        uncovered -= voucher_shares[-1]
    vouchers = allocate(sum(voucher_shares), left)
    paid = [whole - share for whole, share in zip(left, vouchers, strict=True)]

    lines = tuple(
        PricedLine(
            unit_price=unit_price,
            quantity=quantity,
            subtotal=subtotals[index],
            discount_share=discounts[index],
            coupon_share=coupons[index],
            voucher_share=vouchers[index],
            paid_share=paid[index],
            tax_amount=taxes[index],
        )
        for index, (unit_price, quantity) in enumerate(items)
    )
    return Priced(
        lines=lines,
        subtotal=subtotal,
        discount=sum(discounts),
        total=total,
        coupon_share=coupon,
        voucher_shares=tuple(voucher_shares),
        money=sum(paid),
        tax_amount=sum(taxes),
    )
