"""What orders take from vouchers and coupons: held when placed, spent when paid, released if never paid.

Each runs in the caller's transaction. Two orders cannot take the same thing: the row is claimed by a
conditional update, and the count of rows says who was faster.
"""

from datetime import datetime

from django.db.models import F, Q

from hanaper.apps.catalog import checks
from hanaper.apps.catalog.models import Coupon, CouponUse, Voucher, VoucherUse
from hanaper.apps.catalog.vocabulary import UseState


def hold_voucher(voucher: Voucher, amount: int, *, reference: str, field: str, at: datetime) -> VoucherUse:
    """Take `amount` from what is left of the voucher for the order `reference`."""
    claimed = Voucher.objects.filter(
        pk=voucher.pk, balance__gte=amount, withdrawn_at=None, expires_at__gt=at
    ).update(balance=F("balance") - amount)
    if claimed != 1:
        raise checks.voucher_used_up(field)
    return VoucherUse.objects.create(
        voucher=voucher, reference=reference, amount=amount, state=UseState.HELD, at=at
    )


def hold_coupon(coupon: Coupon, account_id: int, amount: int, *, reference: str, at: datetime) -> CouponUse:
    """Take one use of the coupon for the order `reference`."""
    claimed = Coupon.objects.filter(
        Q(uses_allowed=None) | Q(uses_taken__lt=F("uses_allowed")), pk=coupon.pk, withdrawn_at=None
    ).update(uses_taken=F("uses_taken") + 1)
    if claimed != 1:
        raise checks.coupon_refusal("coupon_used_up", "This coupon was used as often as it may be.")
    # The update holds the coupon's row until we commit: nobody else can be counting at the same time.
    checks.refuse_used_by_account(coupon, so_far=checks.uses_by_account(coupon, account_id))
    return CouponUse.objects.create(
        coupon=coupon, account_id=account_id, reference=reference, amount=amount, state=UseState.HELD, at=at
    )


def spend(reference: str) -> None:
    """The order was paid: what it holds is spent, for good (D6)."""
    VoucherUse.objects.filter(reference=reference, state=UseState.HELD).update(state=UseState.SPENT)
    CouponUse.objects.filter(reference=reference, state=UseState.HELD).update(state=UseState.SPENT)


def release(reference: str) -> None:
    """The order was never paid: give back what it holds. What is spent is never given back."""
    held = {"reference": reference, "state": UseState.HELD}
    for voucher_use in VoucherUse.objects.filter(**held).order_by("voucher_id"):
        if VoucherUse.objects.filter(pk=voucher_use.pk, **held).update(state=UseState.RELEASED) == 1:
            Voucher.objects.filter(pk=voucher_use.voucher_id).update(
                balance=F("balance") + voucher_use.amount
            )
    for coupon_use in CouponUse.objects.filter(**held):
        if CouponUse.objects.filter(pk=coupon_use.pk, **held).update(state=UseState.RELEASED) == 1:
            Coupon.objects.filter(pk=coupon_use.coupon_id).update(uses_taken=F("uses_taken") - 1)
