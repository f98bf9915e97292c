"""Vouchers and coupons are held, spent and released; two orders never get the same thing."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from hanaper.apps.catalog import uses
from hanaper.apps.catalog.models import Coupon, CouponUse, Voucher, VoucherUse
from hanaper.core.errors import InvalidInput
from tests.people import Person

Make = Callable[..., Any]


def hold(voucher: Voucher, amount: int, reference: str, at: datetime) -> VoucherUse:
    with transaction.atomic():
        return uses.hold_voucher(voucher, amount, reference=reference, field="voucher_ids.0", at=at)


def balance(voucher: Voucher) -> int:
    voucher.refresh_from_db()
    return voucher.balance


def test_held_then_released(make_voucher: Make, at: datetime) -> None:
    voucher = make_voucher(amount=5000)
    hold(voucher, 3000, "ord_a", at)
    assert balance(voucher) == 2000
    uses.release("ord_a")
    uses.release("ord_a")
    assert balance(voucher) == 5000


def test_what_is_spent_stays_spent(make_voucher: Make, at: datetime) -> None:
    # D6
    voucher = make_voucher(amount=5000)
    hold(voucher, 3000, "ord_a", at)
    uses.spend("ord_a")
    uses.release("ord_a")
    assert balance(voucher) == 2000


def test_the_second_of_two_that_saw_the_same_balance_is_refused(make_voucher: Make, at: datetime) -> None:
    voucher = make_voucher(amount=5000)
    seen_by_both = Voucher.objects.get(pk=voucher.pk)
    hold(voucher, 3000, "ord_a", at)
    with pytest.raises(InvalidInput) as refused:
        hold(seen_by_both, 3000, "ord_b", at)
    assert refused.value.code == "voucher_used_up"
    assert balance(voucher) == 2000
    assert VoucherUse.objects.count() == 1


def test_withdrawn_or_expired_in_between(make_voucher: Make, at: datetime) -> None:
    voucher = make_voucher(amount=5000)
    with pytest.raises(InvalidInput):
        hold(voucher, 1, "ord_a", voucher.expires_at)
    Voucher.objects.update(withdrawn_at=at)
    with pytest.raises(InvalidInput):
        hold(voucher, 1, "ord_a", at)
    assert balance(voucher) == 5000


def test_the_last_use_of_a_coupon_goes_once(make_coupon: Make, owner: Person, at: datetime) -> None:
    coupon = make_coupon(uses_allowed=1)
    assert owner.account is not None
    uses.hold_coupon(coupon, owner.account.pk, 100, reference="ord_a", at=at)
    with pytest.raises(InvalidInput) as refused:
        uses.hold_coupon(coupon, owner.account.pk, 100, reference="ord_b", at=at)
    assert refused.value.code == "coupon_used_up"
    uses.release("ord_a")
    uses.release("ord_a")
    coupon.refresh_from_db()
    assert coupon.uses_taken == 0
    uses.hold_coupon(coupon, owner.account.pk, 100, reference="ord_b", at=at)


def test_uses_are_counted_by_account(
    make_coupon: Make, owner: Person, stranger: Person, at: datetime
) -> None:
    coupon = make_coupon(uses_per_account=1)
    assert owner.account is not None and stranger.account is not None
    uses.hold_coupon(coupon, owner.account.pk, 100, reference="ord_a", at=at)
    with pytest.raises(InvalidInput) as refused, transaction.atomic():
        uses.hold_coupon(coupon, owner.account.pk, 100, reference="ord_b", at=at)
    assert refused.value.code == "coupon_used_by_account"
    uses.hold_coupon(coupon, stranger.account.pk, 100, reference="ord_c", at=at)
    coupon.refresh_from_db()
    assert coupon.uses_taken == 2 == CouponUse.objects.count()


@pytest.mark.parametrize(
    "columns",
    [
        {"balance": -1},
        {"balance": 5001},
        {"amount": 0, "balance": 0},
    ],
)
def test_the_database_refuses_a_voucher_out_of_bounds(make_voucher: Make, columns: dict[str, int]) -> None:
    voucher = make_voucher(amount=5000)
    with pytest.raises(IntegrityError), transaction.atomic():
        Voucher.objects.filter(pk=voucher.pk).update(**columns)
    assert balance(voucher) == 5000


@pytest.mark.parametrize(
    "columns",
    [
        {"percent": None, "amount": None},
        {"percent": 10, "amount": 10, "currency": "USD"},
        {"percent": 0},
        {"percent": 101},
        {"percent": None, "amount": 10, "currency": ""},
        {"minimum": 1, "currency": ""},
        {"uses_allowed": 1, "uses_taken": 2},
        {"ends_at": datetime(2020, 1, 1).astimezone()},
    ],
)
def test_the_database_refuses_a_coupon_out_of_bounds(make_coupon: Make, columns: dict[str, Any]) -> None:
    coupon = make_coupon()
    with pytest.raises(IntegrityError), transaction.atomic():
        Coupon.objects.filter(pk=coupon.pk).update(**columns)


def test_one_use_an_order(make_voucher: Make, at: datetime) -> None:
    voucher = make_voucher(amount=5000)
    hold(voucher, 1, "ord_a", at)
    with pytest.raises(IntegrityError):
        hold(voucher, 1, "ord_a", at + timedelta(seconds=1))
    assert balance(voucher) == 4999
