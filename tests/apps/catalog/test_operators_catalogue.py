"""What operators do to the catalogue: who may, what is refused, and that a refusal changes nothing."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from hanaper.apps.audit.models import AuditEntry
from hanaper.apps.catalog import queries, services
from hanaper.apps.catalog.models import Coupon, Price, Product, Promotion, Voucher
from hanaper.apps.events.models import Event
from hanaper.core.errors import Forbidden, InvalidInput, Refusal
from tests.people import Person

WEEK = timedelta(days=7)
PRODUCT = {"code": "hanaper-new", "name": "New", "kind": "domain_watch"}
CERTIFICATE = {
    **PRODUCT, "kind": "ssl_certificate", "brand": "Hanaper", "level": "dv", "domain_kind": "single",
}  # fmt: skip

Make = Callable[..., Any]
TABLES = (Product, Price, Voucher, Coupon, Promotion, AuditEntry, Event)


def count_all() -> list[int]:
    return [table.objects.count() for table in TABLES]


def test_a_new_product_is_audited(administrator: Person, at: datetime) -> None:
    made = services.create_product(administrator.actor, **CERTIFICATE, years=3, at=at)
    assert (made.kind, made.years, made.is_active) == ("ssl_certificate", 3, True)
    entry = AuditEntry.objects.get(action="product.created")
    assert (entry.target, entry.user) == ("hanaper-new", administrator.user)


@pytest.mark.parametrize(
    ("columns", "field", "code"),
    [
        ({**PRODUCT, "code": "Has Blanks"}, "code", "bad_code"),
        ({**PRODUCT, "code": "x" * 65}, "code", "bad_code"),
        ({**PRODUCT, "name": "  "}, "name", "bad_length"),
        ({**PRODUCT, "kind": "Not A Kind"}, "kind", "bad_kind"),
        ({**PRODUCT, "years": 2}, "years", "not_of_this_kind"),
        ({**PRODUCT, "level": "dv"}, "level", "not_of_this_kind"),
        ({**PRODUCT, "grcq_included": 300}, "grcq_included", "bad_grcq"),
        ({**CERTIFICATE, "level": ""}, "level", "bad_level"),
        ({**CERTIFICATE, "domain_kind": "both"}, "domain_kind", "bad_domain_kind"),
        ({**CERTIFICATE, "brand": ""}, "brand", "brand_missing"),
        ({**CERTIFICATE, "years": 4}, "years", "out_of_range"),
        ({**CERTIFICATE, "grcq_included": 1}, "grcq_included", "bad_grcq"),
        ({**PRODUCT, "kind": "https_gateway"}, "grcq_included", "bad_grcq"),
        ({**PRODUCT, "kind": "https_gateway", "grcq_included": 300}, "term_months", "term_missing"),
        ({**PRODUCT, "code": "private-root-ca"}, "code", "product_exists"),
    ],
)
def test_products_that_make_no_sense(
    administrator: Person, catalogue: None, at: datetime, columns: dict[str, Any], field: str, code: str
) -> None:
    before = count_all()
    with pytest.raises(Refusal) as refused:
        services.create_product(administrator.actor, **columns, at=at)
    assert (refused.value.field, refused.value.code) == (field, code)
    assert count_all() == before


def test_a_price_never_changes(administrator: Person, catalogue: None, at: datetime) -> None:
    product = queries.product("private-root-ca")
    price = {"currency": "USD", "valid_from": at, "at": at}
    services.set_price(administrator.actor, product, amount=100, **price)
    before = count_all()
    for columns, code in (
        ({**price, "amount": 200}, "price_exists"),
        ({**price, "amount": 0}, "out_of_range"),
        ({**price, "amount": -1}, "out_of_range"),
        ({**price, "amount": 2**53}, "out_of_range"),
        ({**price, "amount": 1, "currency": "ABC"}, "unknown_currency"),
        ({**price, "amount": 1, "valid_from": at - timedelta(seconds=1)}, "price_in_the_past"),
    ):
        with pytest.raises(Refusal) as refused:
            services.set_price(administrator.actor, product, **columns)
        assert refused.value.code == code
    assert count_all() == before


def test_a_voucher_is_told_to_its_account(
    finance: Person, owner: Person, catalogue: None, at: datetime
) -> None:
    voucher = services.create_voucher(
        finance.actor,
        account=owner.account,
        currency="JPY",
        amount=5000,
        expires_at=at + WEEK,
        reason="for the trouble",
        kinds=["ssl_certificate"],
        at=at,
    )
    assert (voucher.balance, voucher.kinds) == (5000, ["ssl_certificate"])
    event = Event.objects.get(subject=voucher.public_id)
    assert (event.account, event.data["price"]) == (owner.account, "5000 JPY")
    services.withdraw_voucher(finance.actor, voucher, at=at)
    with pytest.raises(Refusal) as refused:
        services.withdraw_voucher(finance.actor, voucher, at=at)
    assert refused.value.code == "voucher_withdrawn"


@pytest.mark.parametrize(
    ("columns", "code"),
    [
        ({"amount": 0}, "out_of_range"),
        ({"currency": "ABC"}, "unknown_currency"),
        ({"expires_at": "at"}, "in_the_past"),
        ({"reason": " "}, "bad_length"),
        ({"kinds": ["nothing_sold"]}, "unknown_kind"),
    ],
)
def test_vouchers_that_make_no_sense(
    make_voucher: Make, finance: Person, at: datetime, columns: dict[str, Any], code: str
) -> None:
    before = count_all()
    with pytest.raises(Refusal) as refused:
        make_voucher(at=at, **{name: at if value == "at" else value for name, value in columns.items()})
    assert refused.value.code == code
    assert count_all() == before


@pytest.mark.parametrize(
    ("columns", "code"),
    [
        ({"code": "a"}, "bad_code"),
        ({"code": "Spring Sale"}, "bad_code"),
        ({"percent": 0}, "out_of_range"),
        ({"percent": 101}, "out_of_range"),
        ({"percent": 10, "amount": 10}, "percent_or_amount"),
        ({"amount": 10}, "unknown_currency"),
        ({"minimum": 10}, "unknown_currency"),
        ({"minimum": -1}, "out_of_range"),
        ({"uses_allowed": 0}, "out_of_range"),
        ({"uses_per_account": 0}, "out_of_range"),
        ({"ends_at": datetime(2020, 1, 1).astimezone()}, "window_ends_first"),
        ({"code": "taken"}, "coupon_exists"),
    ],
)
def test_coupons_that_make_no_sense(make_coupon: Make, columns: dict[str, Any], code: str) -> None:
    make_coupon(code="TAKEN")
    before = count_all()
    with pytest.raises(Refusal) as refused:
        make_coupon(**columns)
    assert refused.value.code == code
    assert count_all() == before


@pytest.mark.parametrize(
    "columns", [{"percent": -1}, {"percent": 101}, {"refund_days": -1}, {"refund_days": 367}, {"name": ""}]
)
def test_promotions_that_make_no_sense(make_promotion: Make, columns: dict[str, Any]) -> None:
    before = count_all()
    with pytest.raises(InvalidInput):
        make_promotion(**columns)
    assert count_all() == before


@pytest.mark.parametrize("columns", [{"percent": 101}, {"refund_days": 400}])
def test_the_database_refuses_a_senseless_promotion(make_promotion: Make, columns: dict[str, int]) -> None:
    promotion = make_promotion()
    with pytest.raises(IntegrityError), transaction.atomic():
        Promotion.objects.filter(pk=promotion.pk).update(**columns)


@pytest.mark.parametrize(
    "columns",
    [
        {"kind": "ssl_certificate"},
        {"kind": "https_gateway"},
        {"years": 0},
        {"years": 4},
    ],
)
def test_the_database_refuses_an_incomplete_product(catalogue: None, columns: dict[str, Any]) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        Product.objects.filter(code="message-1000").update(**columns)


def test_who_may(
    catalogue: None,
    make_coupon: Make,
    make_voucher: Make,
    make_promotion: Make,
    at: datetime,
    administrator: Person,
    finance: Person,
    reviewer: Person,
    owner: Person,
) -> None:
    product, coupon, voucher, promotion = (
        queries.product("private-root-ca"),
        make_coupon(),
        make_voucher(),
        make_promotion(),
    )
    window = {"starts_at": at, "ends_at": at + WEEK}
    terms = {"name": "x", "percent": 1, "refundable": True, "refund_days": 7}
    grant = {"account": owner.account, "currency": "USD", "amount": 1, "reason": "x", "expires_at": at + WEEK}
    administrators_only: list[Callable[[Any], Any]] = [
        lambda who: services.create_product(who, **PRODUCT, at=at),
        lambda who: services.update_product(who, product, name="x", at=at),
        lambda who: services.withdraw_product(who, product, at=at),
        lambda who: services.set_price(who, product, currency="USD", amount=1, valid_from=at, at=at),
        lambda who: services.create_coupon(who, code="XYZ", percent=1, **window, at=at),
        lambda who: services.withdraw_coupon(who, coupon, at=at),
        lambda who: services.create_promotion(who, **terms, **window, at=at),
        lambda who: services.withdraw_promotion(who, promotion, at=at),
        lambda who: queries.coupons(who),
        lambda who: queries.promotions(who),
    ]
    finance_only: list[Callable[[Any], Any]] = [
        lambda who: services.create_voucher(who, **grant, at=at),
        lambda who: services.withdraw_voucher(who, voucher, at=at),
    ]
    before = count_all()
    for verb in administrators_only:
        for person in (owner, reviewer, finance):
            with pytest.raises(Forbidden):
                verb(person.actor)
    for verb in finance_only:
        for person in (owner, reviewer):
            with pytest.raises(Forbidden):
                verb(person.actor)
    assert count_all() == before
    for verb in administrators_only:
        verb(administrator.actor)
    for verb in finance_only:
        verb(finance.actor)
