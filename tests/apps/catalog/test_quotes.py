"""What may be bought with what: a table of rules and refusals."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from hanaper.apps.catalog import services
from hanaper.apps.catalog.models import Coupon, Price, Product, Voucher
from hanaper.apps.catalog.quotes import MAX_LINES, MAX_QUANTITY, LineDraft, Quote, quote
from hanaper.core.errors import InvalidInput, NotFound, Refusal
from tests.people import SETUP, Person

SINGLE = "chancery-dv-single-1y"  # 90.00 USD
WILDCARD = "chancery-dv-wildcard-1y"  # 240.00 USD
WEEK = timedelta(days=7)

Make = Callable[..., Any]


@pytest.fixture
def ask(owner: Person, catalogue: None, at: datetime) -> Callable[..., Quote]:
    def ask(*lines: LineDraft, **choices: Any) -> Quote:
        assert owner.account is not None
        chosen = {"currency": "USD", "at": at, **choices}
        return quote(owner.account.pk, lines=lines or [LineDraft(SINGLE)], **chosen)

    return ask


def test_several_lines_with_everything(
    ask: Make, make_voucher: Make, make_coupon: Make, make_promotion: Make
) -> None:
    voucher, promotion = make_voucher(), make_promotion()
    make_coupon()
    quoted = ask(
        LineDraft(SINGLE, 2),
        LineDraft(WILDCARD),
        voucher_ids=[voucher.public_id],
        coupon_code="spring",
        promotion_id=promotion.public_id,
    )
    priced = quoted.priced
    assert (quoted.product_kind, quoted.years) == ("ssl_certificate", 1)
    # 420.00, less 20 %, is 336.00; the coupon covers 10 % of that, the voucher 50.00.
    assert (priced.subtotal, priced.discount, priced.total) == (42_000, 8400, 33_600)
    assert (priced.coupon_share, priced.voucher_share, priced.money) == (3360, 5000, 25_240)


@pytest.mark.parametrize(
    ("currency", "amount"), [("USD", 9000), ("JPY", 13_500), ("KWD", 27_900), ("CNY", 64_800)]
)
def test_currencies_with_none_two_and_three_decimals(ask: Make, currency: str, amount: int) -> None:
    assert ask(currency=currency).priced.money == amount


@pytest.mark.parametrize(
    ("lines", "choices", "field", "code"),
    [
        ([(SINGLE, 0)], {}, "lines.0.quantity", "out_of_range"),
        ([(SINGLE, -1)], {}, "lines.0.quantity", "out_of_range"),
        ([(SINGLE, True)], {}, "lines.0.quantity", "out_of_range"),
        ([(SINGLE, MAX_QUANTITY + 1)], {}, "lines.0.quantity", "out_of_range"),
        ([(SINGLE, 10**30)], {}, "lines.0.quantity", "out_of_range"),
        ([("no-such-thing", 1)], {}, "lines.0.product", "unknown_product"),
        ([(SINGLE, 1), ("no-such-thing", 1)], {}, "lines.1.product", "unknown_product"),
        ([(SINGLE, 1)] * (MAX_LINES + 1), {}, "lines", "out_of_range"),
        ([(SINGLE, 1)], {"currency": "XXX"}, "currency", "unknown_currency"),
        ([(SINGLE, 1)], {"currency": "usd"}, "currency", "unknown_currency"),
        ([(SINGLE, 1)], {"currency": ""}, "currency", "unknown_currency"),
        ([(SINGLE, 1)], {"currency": "CHF"}, "lines.0.product", "not_sold_in_currency"),
        ([(SINGLE, 1), ("private-root-ca", 1)], {}, "lines.1.product", "mixed_kinds"),
        ([(SINGLE, 1), ("chancery-dv-single-2y", 1)], {}, "lines.1.product", "mixed_years"),
        ([("private-root-ca", 2)], {}, "lines.0.quantity", "one_at_a_time"),
        ([("https-gateway-1m", 1)] * 2, {}, "lines.1.product", "one_at_a_time"),
        ([(SINGLE, 1)], {"promotion_id": "prm_x"}, "promotion", "promotion_unknown"),
        ([(SINGLE, 1)], {"coupon_code": "NONE"}, "coupon", "coupon_unknown"),
        ([(SINGLE, 1)], {"voucher_ids": ["vch_x"] * 11}, "vouchers", "out_of_range"),
    ],
)
def test_bad_input_names_its_field(
    ask: Make, lines: list[tuple[str, Any]], choices: dict[str, Any], field: str, code: str
) -> None:
    with pytest.raises(InvalidInput) as refused:
        ask(*(LineDraft(product, quantity) for product, quantity in lines), **choices)
    assert (refused.value.field, refused.value.code) == (field, code)


def test_no_lines_at_all(owner: Person, catalogue: None, at: datetime) -> None:
    assert owner.account is not None
    with pytest.raises(InvalidInput) as refused:
        quote(owner.account.pk, lines=[], currency="USD", at=at)
    assert refused.value.field == "lines"


def test_every_line_at_fault_is_named_at_once(ask: Make) -> None:
    with pytest.raises(InvalidInput) as refused:
        ask(LineDraft("a", 0), LineDraft(SINGLE, 0), LineDraft("b"))
    assert [fault.field for fault in refused.value.faults] == [
        "lines.0.quantity",
        "lines.0.product",
        "lines.1.quantity",
        "lines.2.product",
    ]


def test_more_than_can_be_counted_exactly(ask: Make, at: datetime) -> None:
    product = Product.objects.get(code=SINGLE)
    Price.objects.create(product=product, currency="USD", amount=2**53 - 1, valid_from=at)
    assert ask().priced.money == 2**53 - 1
    with pytest.raises(InvalidInput) as refused:
        ask(LineDraft(SINGLE, 2))
    assert refused.value.code == "total_too_large"


def test_withdrawn_and_superseded(ask: Make, at: datetime) -> None:
    product = Product.objects.get(code=SINGLE)
    services.set_price(SETUP, product, currency="USD", amount=8000, valid_from=at, at=at)
    services.set_price(SETUP, product, currency="USD", amount=7000, valid_from=at + WEEK, at=at)
    services.set_price(SETUP, product, currency="EUR", amount=None, valid_from=at, at=at)
    just_before = at - timedelta(microseconds=1)
    assert ask(at=just_before).priced.money == 9000
    assert ask(at=at).priced.money == 8000
    assert ask(at=at + WEEK).priced.money == 7000
    assert ask(at=just_before, currency="EUR").priced.money == 8300
    with pytest.raises(InvalidInput, match="not sold in EUR"):
        ask(at=at, currency="EUR")
    services.withdraw_product(SETUP, product, at=at)
    with pytest.raises(InvalidInput) as refused:
        ask()
    assert refused.value.code == "product_withdrawn"


@pytest.mark.parametrize(
    ("columns", "code"),
    [
        ({"expires_at": "at"}, "voucher_expired"),
        ({"currency": "EUR"}, "voucher_wrong_currency"),
        ({"kinds": ["https_gateway"]}, "voucher_wrong_product"),
        ({"balance": 0}, "voucher_used_up"),
        ({"withdrawn_at": "at"}, "voucher_withdrawn"),
    ],
)
def test_vouchers_that_cannot_be_spent(
    ask: Make, make_voucher: Make, at: datetime, columns: dict[str, Any], code: str
) -> None:
    voucher = make_voucher()
    Voucher.objects.update(**{name: at if value == "at" else value for name, value in columns.items()})
    with pytest.raises(InvalidInput) as refused:
        ask(voucher_ids=[voucher.public_id])
    assert (refused.value.code, refused.value.field) == (code, "vouchers.0")


def test_a_voucher_named_twice(ask: Make, make_voucher: Make) -> None:
    voucher = make_voucher()
    with pytest.raises(InvalidInput) as refused:
        ask(voucher_ids=[voucher.public_id] * 2)
    assert (refused.value.code, refused.value.field) == ("voucher_twice", "vouchers.1")


def test_anothers_voucher_looks_like_none(ask: Make, make_voucher: Make, stranger: Person) -> None:
    voucher = make_voucher(account=stranger.account)
    answers = []
    for public_id in (voucher.public_id, "vch_" + "0" * 24):
        with pytest.raises(NotFound) as refused:
            ask(voucher_ids=[public_id])
        answers.append(
            (refused.value.code, refused.value.field, refused.value.message.replace(public_id, ""))
        )
    assert answers[0] == answers[1]
    assert answers[0][:2] == ("voucher_not_found", "vouchers.0")


@pytest.mark.parametrize(
    ("columns", "code"),
    [
        ({"starts_at": "later"}, "coupon_not_yet"),
        ({"ends_at": "at"}, "coupon_over"),
        ({"kinds": ["https_gateway"]}, "coupon_wrong_product"),
        ({"currency": "EUR"}, "coupon_wrong_currency"),
        ({"currency": "USD", "minimum": 9001}, "coupon_minimum"),
        ({"uses_allowed": 1, "uses_taken": 1}, "coupon_used_up"),
        ({"withdrawn_at": "at"}, "coupon_unknown"),
    ],
)
def test_coupons_that_cannot_be_used(
    ask: Make, make_coupon: Make, at: datetime, columns: dict[str, Any], code: str
) -> None:
    make_coupon()
    moments = {"at": at, "later": at + timedelta(microseconds=1)}
    Coupon.objects.update(**{name: moments.get(str(value), value) for name, value in columns.items()})
    with pytest.raises(InvalidInput) as refused:
        ask(coupon_code="SPRING")
    assert (refused.value.code, refused.value.field) == (code, "coupon")


def test_a_coupons_minimum_counts_after_the_promotion(
    ask: Make, make_coupon: Make, make_promotion: Make
) -> None:
    make_coupon(minimum=9000, currency="USD")
    assert ask(coupon_code="SPRING").priced.coupon_share == 900
    with pytest.raises(InvalidInput) as refused:
        ask(coupon_code="SPRING", promotion_id=make_promotion().public_id)
    assert refused.value.code == "coupon_minimum"


@pytest.mark.parametrize(
    ("columns", "code"),
    [
        ({"starts_at": "later"}, "promotion_not_yet"),
        ({"ends_at": "at"}, "promotion_over"),
        ({"withdrawn_at": "at"}, "promotion_over"),
        ({"kinds": ["https_gateway"]}, "promotion_wrong_product"),
    ],
)
def test_promotions_that_do_not_run(
    ask: Make, make_promotion: Make, at: datetime, columns: dict[str, Any], code: str
) -> None:
    promotion = make_promotion()
    moments = {"at": at, "later": at + timedelta(microseconds=1)}
    for name, value in columns.items():
        setattr(promotion, name, moments.get(str(value), value))
    promotion.save()
    with pytest.raises(Refusal) as refused:
        ask(promotion_id=promotion.public_id)
    assert (refused.value.code, refused.value.field) == (code, "promotion")


def test_a_longer_order_costs_no_more_queries(ask: Make) -> None:
    def count(*lines: LineDraft) -> int:
        with CaptureQueriesContext(
            connection,
        ) as queries:
            ask(*lines)
        return len(queries)

    assert count(LineDraft(SINGLE)) == count(*[LineDraft(SINGLE), LineDraft(WILDCARD)] * 10)
