"""Placing: what was quoted is frozen, what it takes is held, and a refusal leaves nothing behind."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.conf import settings

from hanaper.apps.audit.models import AuditEntry
from hanaper.apps.catalog import services as catalog
from hanaper.apps.catalog.models import Coupon, CouponUse, Product, Promotion, Voucher, VoucherUse
from hanaper.apps.events.models import Event
from hanaper.apps.orders import services
from hanaper.apps.orders.models import Order, OrderLine, QuotaMovement
from hanaper.apps.orders.vocabulary import OrderOrigin
from hanaper.apps.payments.models import Payment, PaymentPart
from hanaper.core.errors import Forbidden, InvalidInput, NotFound, Refusal
from tests.people import SETUP, Person
from tests.shop import SINGLE, WILDCARD, Make, place

TABLES = (Order, OrderLine, Payment, PaymentPart, VoucherUse, CouponUse, QuotaMovement, AuditEntry, Event)


def everything() -> tuple[Any, ...]:
    """What an order could change, as values."""
    return (
        [table.objects.count() for table in TABLES],
        list(Voucher.objects.order_by("pk").values_list("balance", flat=True)),
        list(Coupon.objects.order_by("pk").values_list("uses_taken", flat=True)),
    )


def test_everything_is_pinned(
    owner: Person, make_voucher: Make, make_coupon: Make, make_promotion: Make, at: datetime
) -> None:
    voucher, coupon, promotion = make_voucher(), make_coupon(), make_promotion()
    order = place(
        owner,
        (SINGLE, 2),
        WILDCARD,
        at=at,
        voucher_ids=[voucher.public_id],
        coupon_code="SPRING",
        promotion_id=promotion.public_id,
    )
    assert (order.state, order.product_kind, order.years, order.origin) == (
        "unpaid",
        "ssl_certificate",
        1,
        "purchase",
    )
    assert (order.subtotal, order.discount, order.total) == (42_000, 8400, 33_600)
    assert (order.coupon_share, order.voucher_share, order.money) == (3360, 5000, 25_240)
    assert (order.placed_at, order.expires_at) == (at, at + timedelta(hours=settings.UNPAID_ORDER_HOURS))
    assert (order.policy, order.zone) == ("2024-10-25", "UTC")
    assert order.calendar == {"name": "none", "closed": [], "open": [], "day_ends": "18:00"}
    assert order.promotion == {
        "id": promotion.public_id,
        "name": "Spring event",
        "percent": 20,
        "policy": {"refundable": True, "days": 3},
    }
    voucher.refresh_from_db()
    coupon.refresh_from_db()
    assert (voucher.balance, coupon.uses_taken) == (0, 1)
    assert order.payment is not None
    parts = order.payment.parts.order_by("position").values_list("means", "amount", "captured")
    assert list(parts) == [("coupon", 3360, 0), ("voucher", 5000, 0)]
    assert AuditEntry.objects.filter(action="order.placed", target=order.public_id).count() == 1
    assert Event.objects.filter(kind="order.placed", subject=order.public_id).count() == 1


def test_the_lines_sum_to_the_order(
    owner: Person, make_voucher: Make, make_coupon: Make, make_promotion: Make, at: datetime
) -> None:
    choices = {
        "voucher_ids": [make_voucher(amount=777).public_id, make_voucher(amount=1234).public_id],
        "promotion_id": make_promotion(percent=7).public_id,
    }
    make_coupon(percent=13)
    order = place(
        owner, (SINGLE, 3), WILDCARD, "chancery-dv-multi-1y", at=at, coupon_code="SPRING", **choices
    )
    lines = list(order.lines.order_by("position"))
    assert [line.position for line in lines] == [0, 1, 2]
    for whole, share in (
        (order.subtotal, "subtotal"),
        (order.discount, "discount_share"),
        (order.coupon_share, "coupon_share"),
        (order.voucher_share, "voucher_share"),
        (order.money, "paid_share"),
        (order.tax_amount, "tax_amount"),
    ):
        assert whole == sum(getattr(line, share) for line in lines)


def test_prices_are_frozen(owner: Person, catalogue: None, at: datetime) -> None:
    order = place(owner, SINGLE, at=at)
    product = Product.objects.get(code=SINGLE)
    catalog.set_price(SETUP, product, currency="USD", amount=1, valid_from=at, at=at)
    catalog.withdraw_product(SETUP, product, at=at)
    order.refresh_from_db()
    assert order.money == 9000


def test_a_promotions_terms_are_frozen(owner: Person, make_promotion: Make, at: datetime) -> None:
    # D9
    promotion = make_promotion(refundable=True, refund_days=3)
    order = place(owner, SINGLE, at=at, promotion_id=promotion.public_id)
    Promotion.objects.update(refundable=False, refund_days=0)
    order.refresh_from_db()
    assert order.promotion is not None
    assert order.promotion["policy"] == {"refundable": True, "days": 3}


def test_tax_is_contained(owner: Person, catalogue: None, at: datetime, settings: Any) -> None:
    settings.TAX_BASIS_POINTS = 1900
    order = place(owner, SINGLE, at=at)
    assert (order.money, order.tax_amount) == (9000, 1437)
    assert order.lines.get().tax_rate_basis_points == 1900


@pytest.mark.parametrize("amount", [9000, 20_000])
def test_covered_by_a_voucher_is_paid_at_once(
    owner: Person, make_voucher: Make, at: datetime, amount: int
) -> None:
    # D6
    voucher = make_voucher(amount=amount)
    order = place(owner, SINGLE, at=at, voucher_ids=[voucher.public_id])
    voucher.refresh_from_db()
    assert (order.state, order.paid_at, order.money) == ("paid", at, 0)
    assert voucher.balance == amount - 9000
    assert VoucherUse.objects.get().state == "spent"
    assert order.lines.get().quota_available == 1


def test_covered_by_a_coupon_is_paid_at_once(owner: Person, make_coupon: Make, at: datetime) -> None:
    make_coupon(percent=100)
    order = place(owner, SINGLE, at=at, coupon_code="SPRING")
    assert (order.state, order.money, order.coupon_share) == ("paid", 0, 9000)
    assert CouponUse.objects.get().state == "spent"


def test_free_by_promotion_is_paid_at_once(owner: Person, make_promotion: Make, at: datetime) -> None:
    order = place(owner, SINGLE, at=at, promotion_id=make_promotion(percent=100).public_id)
    assert (order.state, order.total, order.money) == ("paid", 0, 0)


def test_a_voucher_that_is_not_needed_is_not_touched(owner: Person, make_voucher: Make, at: datetime) -> None:
    first, second = make_voucher(amount=9000), make_voucher(amount=500)
    place(owner, SINGLE, at=at, voucher_ids=[first.public_id, second.public_id])
    second.refresh_from_db()
    assert second.balance == 500
    assert VoucherUse.objects.count() == 1


@pytest.mark.parametrize(
    ("products", "choices", "code"),
    [
        ([(SINGLE, 0)], {}, "out_of_range"),
        (["nothing"], {}, "unknown_product"),
        ([SINGLE, "private-root-ca"], {}, "mixed_kinds"),
        ([SINGLE], {"currency": "ABC"}, "unknown_currency"),
        ([SINGLE], {"currency": "CHF"}, "not_sold_in_currency"),
        ([SINGLE], {"coupon_code": "NONE"}, "coupon_unknown"),
        ([SINGLE], {"voucher_ids": ["vch_none"]}, "voucher_not_found"),
        ([SINGLE], {"promotion_id": "prm_none"}, "promotion_unknown"),
        ([SINGLE], {"expected_money": 8999}, "price_changed"),
        ([SINGLE], {"origin": OrderOrigin.RENEWAL}, "invalid_input"),
        ([SINGLE], {"renews": "crt_x"}, "invalid_input"),
    ],
)
def test_a_refusal_changes_nothing(
    owner: Person,
    make_voucher: Make,
    make_coupon: Make,
    at: datetime,
    products: list[Any],
    choices: dict[str, Any],
    code: str,
) -> None:
    voucher = make_voucher()
    make_coupon()
    before = everything()
    given = {"voucher_ids": [voucher.public_id], "coupon_code": "SPRING", **choices}
    with pytest.raises(Refusal) as refused:
        place(owner, *products, at=at, **given)
    assert refused.value.code == code
    assert everything() == before


def test_somebody_faster_with_the_voucher(
    owner: Person, make_voucher: Make, make_coupon: Make, at: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Between our quote and our claim another order spends it: nothing of ours stays."""
    voucher = make_voucher()
    make_coupon()
    real = services.placing._create

    def create(*arguments: Any, **named: Any) -> Order:
        Voucher.objects.update(balance=4999)
        return real(*arguments, **named)

    monkeypatch.setattr(services.placing, "_create", create)
    with pytest.raises(InvalidInput) as refused:
        place(owner, SINGLE, at=at, voucher_ids=[voucher.public_id], coupon_code="SPRING")
    assert (refused.value.code, refused.value.field) == ("voucher_used_up", "vouchers.0")
    assert Order.objects.count() == VoucherUse.objects.count() == CouponUse.objects.count() == 0


def test_renewals_say_what_they_renew(owner: Person, catalogue: None, at: datetime) -> None:
    # R14
    order = place(owner, SINGLE, at=at, origin=OrderOrigin.EARLY_RENEWAL, renews="crt_x")
    assert (order.origin, order.renews) == ("early_renewal", "crt_x")


def test_who_may(
    owner: Person,
    colleague: Person,
    reader: Person,
    stranger: Person,
    administrator: Person,
    catalogue: None,
    at: datetime,
) -> None:
    for person in (owner, colleague):
        assert place(person, SINGLE, at=at).account == owner.account
    before = everything()
    with pytest.raises(Forbidden):
        place(reader, SINGLE, at=at)
    with pytest.raises(Forbidden):
        place(administrator.__class__(administrator.user, administrator.actor, owner.account,
                                      administrator.access_key, ""), SINGLE, at=at)  # fmt: skip
    with pytest.raises(NotFound):
        place(stranger, SINGLE, at=at, account=owner.account)
    assert everything() == before
