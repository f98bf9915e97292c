"""Shares always sum, whatever is bought with whatever: R3 rests on it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hanaper.apps.catalog.pricing import price, tax_contained
from hanaper.core.money import MAX_AMOUNT

amounts = st.integers(1, 10**9)
items = st.lists(st.tuples(amounts, st.integers(1, 1000)), min_size=1, max_size=20)
percents = st.integers(0, 100)
coupons = st.one_of(
    st.just({}),
    st.fixed_dictionaries({"coupon_percent": st.integers(1, 100)}),
    st.fixed_dictionaries({"coupon_amount": st.integers(1, MAX_AMOUNT)}),
)
vouchers = st.lists(st.integers(1, MAX_AMOUNT), max_size=10)


@given(items, percents, coupons, vouchers, st.integers(0, 10_000))
def test_shares_sum_on_every_line_and_over_all_lines(bought, percent, coupon, balances, rate) -> None:
    priced = price(
        bought, promotion_percent=percent, **coupon, voucher_balances=balances, tax_basis_points=rate
    )
    for line, (unit_price, quantity) in zip(priced.lines, bought, strict=True):
        shares = (line.discount_share, line.coupon_share, line.voucher_share, line.paid_share)
        assert min(shares) >= 0
        assert sum(shares) == line.subtotal == unit_price * quantity
        assert 0 <= line.tax_amount <= line.subtotal - line.discount_share - line.coupon_share
    for whole, share in (
        (priced.subtotal, "subtotal"),
        (priced.discount, "discount_share"),
        (priced.coupon_share, "coupon_share"),
        (priced.voucher_share, "voucher_share"),
        (priced.money, "paid_share"),
        (priced.tax_amount, "tax_amount"),
    ):
        assert whole == sum(getattr(line, share) for line in priced.lines)
    assert priced.total == priced.subtotal - priced.discount
    assert priced.total == priced.coupon_share + priced.voucher_share + priced.money
    assert all(0 <= share <= balance for share, balance in zip(priced.voucher_shares, balances, strict=True))


@given(items, percents, coupons, vouchers)
def test_vouchers_are_spent_in_order_and_only_as_far_as_needed(bought, percent, coupon, balances) -> None:
    priced = price(bought, promotion_percent=percent, **coupon, voucher_balances=balances)
    for index, share in enumerate(priced.voucher_shares):
        if share < balances[index]:
            assert priced.money == 0
            assert sum(priced.voucher_shares[index + 1 :]) == 0


@pytest.mark.parametrize(
    ("amount", "basis_points", "tax"),
    [
        (11_900, 1900, 1900),
        (100, 0, 0),
        (0, 1900, 0),
        (1, 1900, 0),  # 0.16
        (3, 2000, 1),  # exactly half: up
        (1190, 1900, 190),
        (MAX_AMOUNT, 10_000, (MAX_AMOUNT + 1) // 2),
    ],
)
def test_tax_is_the_part_that_the_price_contains(amount: int, basis_points: int, tax: int) -> None:
    assert tax_contained(amount, basis_points) == tax


def test_largest_remainder_by_hand() -> None:
    # 3 x 33 = 99 less 10 % (9, rounded down), less a voucher of 50, is 40 in money.
    priced = price([(33, 1), (33, 1), (33, 1)], promotion_percent=10, voucher_balances=[50])
    assert [line.discount_share for line in priced.lines] == [3, 3, 3]
    assert [line.voucher_share for line in priced.lines] == [17, 17, 16]
    assert [line.paid_share for line in priced.lines] == [13, 13, 14]
    assert (priced.discount, priced.total, priced.voucher_share, priced.money) == (9, 90, 50, 40)


def test_a_coupon_never_covers_more_than_there_is() -> None:
    priced = price([(900, 1)], coupon_amount=10_000, voucher_balances=[500])
    assert (priced.coupon_share, priced.voucher_shares, priced.money) == (900, (0,), 0)
