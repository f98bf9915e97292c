"""Whether a promotion, a coupon or a voucher may be used for a purchase; a refusal names field and reason."""

from collections.abc import Sequence
from datetime import datetime

from hanaper.apps.catalog.models import Coupon, CouponUse, Promotion, Voucher
from hanaper.apps.catalog.vocabulary import UseState
from hanaper.core.errors import InvalidInput, NotFound
from hanaper.core.money import format_amount

MAX_VOUCHERS = 10  # of one order


def promotion(public_id: str, *, kind: str, at: datetime) -> Promotion:
    """The promotion if it runs at `at` for products of `kind`."""
    found = Promotion.objects.filter(public_id=public_id).first()
    if found is None:
        raise InvalidInput(
            f"There is no promotion {public_id!r}.", field="promotion", code="promotion_unknown"
        )
    if found.withdrawn_at is not None or at >= found.ends_at:
        raise InvalidInput(f"The promotion {found.name!r} is over.", field="promotion", code="promotion_over")
    if at < found.starts_at:
        raise InvalidInput(
            f"The promotion {found.name!r} has not begun.", field="promotion", code="promotion_not_yet"
        )
    if found.kinds and kind not in found.kinds:
        raise InvalidInput(
            f"The promotion {found.name!r} is not for this kind of product.",
            field="promotion",
            code="promotion_wrong_product",
        )
    return found


def coupon(code: str, *, account_id: int, kind: str, currency: str, total: int, at: datetime) -> Coupon:
    """The coupon with `code` if this account may use it for an order of `total` (after the promotion)."""
    found = Coupon.objects.filter(code__iexact=code.strip()).first()
    if found is None or found.withdrawn_at is not None:
        raise coupon_refusal("coupon_unknown", f"There is no coupon {code!r}.")
    if at < found.starts_at:
        raise coupon_refusal("coupon_not_yet", "This coupon is not valid yet.")
    if at >= found.ends_at:
        raise coupon_refusal("coupon_over", "This coupon is no longer valid.")
    if found.kinds and kind not in found.kinds:
        raise coupon_refusal("coupon_wrong_product", "This coupon is not for this kind of product.")
    if found.currency and found.currency != currency:
        raise coupon_refusal("coupon_wrong_currency", f"This coupon is for orders in {found.currency}.")
    if total < found.minimum:
        least = format_amount(found.minimum, found.currency)
        raise coupon_refusal("coupon_minimum", f"This coupon is for orders of at least {least}.")
    refuse_used_up(found)
    refuse_used_by_account(found, so_far=uses_by_account(found, account_id))
    return found


def refuse_used_up(found: Coupon) -> None:
    if found.uses_allowed is not None and found.uses_taken >= found.uses_allowed:
        raise coupon_refusal("coupon_used_up", "This coupon was used as often as it may be.")


def refuse_used_by_account(found: Coupon, *, so_far: int) -> None:
    """`so_far`: how often the account holds or spent it, the use in question not counted."""
    if found.uses_per_account is not None and so_far >= found.uses_per_account:
        raise coupon_refusal("coupon_used_by_account", "This account used this coupon as often as it may.")


def uses_by_account(found: Coupon, account_id: int) -> int:
    return (
        CouponUse.objects.filter(coupon=found, account_id=account_id).exclude(state=UseState.RELEASED).count()
    )


def coupon_refusal(code: str, message: str) -> InvalidInput:
    return InvalidInput(message, field="coupon", code=code)


def vouchers(
    public_ids: Sequence[str], *, account_id: int, kind: str, currency: str, at: datetime
) -> tuple[Voucher, ...]:
    """The account's vouchers in the order given, each of which can be spent on `kind` in `currency`.

    Another account's voucher is refused exactly as one that does not exist.
    """
    if len(public_ids) > MAX_VOUCHERS:
        raise InvalidInput(
            f"An order takes at most {MAX_VOUCHERS} vouchers.", field="vouchers", code="out_of_range"
        )
    known = {
        voucher.public_id: voucher
        for voucher in Voucher.objects.filter(account_id=account_id, public_id__in=list(public_ids))
    }
    chosen: list[Voucher] = []
    for index, public_id in enumerate(public_ids):
        field = f"vouchers.{index}"
        voucher = known.get(public_id)
        if voucher is None:
            raise NotFound(
                f"There is no voucher {public_id!r} in this account.", field=field, code="voucher_not_found"
            )
        if voucher in chosen:
            raise InvalidInput("This voucher is named twice.", field=field, code="voucher_twice")
        _check_voucher(voucher, field, kind=kind, currency=currency, at=at)
        chosen.append(voucher)
    return tuple(chosen)


def _check_voucher(voucher: Voucher, field: str, *, kind: str, currency: str, at: datetime) -> None:
    if voucher.withdrawn_at is not None:
        raise InvalidInput("This voucher was withdrawn.", field=field, code="voucher_withdrawn")
    if at >= voucher.expires_at:
        raise InvalidInput("This voucher has expired.", field=field, code="voucher_expired")
    if voucher.currency != currency:
        raise InvalidInput(
            f"This voucher is in {voucher.currency}.", field=field, code="voucher_wrong_currency"
        )
    if voucher.kinds and kind not in voucher.kinds:
        raise InvalidInput(
            "This voucher is not for this kind of product.", field=field, code="voucher_wrong_product"
        )
    if voucher.balance <= 0:
        raise voucher_used_up(field)


def voucher_used_up(field: str) -> InvalidInput:
    return InvalidInput("Nothing is left of this voucher.", field=field, code="voucher_used_up")
