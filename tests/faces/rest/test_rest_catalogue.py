"""The catalogue over REST: for whoever is signed in, and for operators by their roles."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from hanaper import clock
from hanaper.apps.catalog.models import Coupon, Price, Product, Promotion, Voucher
from tests.people import Person, Rest
from tests.shop import *  # noqa: F403 - its fixtures
from tests.shop import SINGLE, WEEK, Make

Answer = Any


@pytest.fixture
def at() -> Any:
    """The API reads the clock: what it finds must have happened before."""
    return clock.now() - timedelta(minutes=1)


@pytest.fixture
def window(at: Any) -> dict[str, str]:
    return {"starts_at": (at - WEEK).isoformat(), "ends_at": (at + WEEK).isoformat()}


def test_products(owner: Person, reader: Person, finance: Person, catalogue: None) -> None:
    for person in (owner, reader, finance):
        assert len(person.rest.get("/products", {"limit": 200}).json()["items"]) == Product.objects.count()
    shown = owner.rest.get(f"/products/{SINGLE}").json()
    assert shown == {
        "code": SINGLE,
        "name": "Chancery DV single domain, one year",
        "kind": "ssl_certificate",
        "brand": "Chancery",
        "level": "dv",
        "domain_kind": "single",
        "years": 1,
        "term_months": 12,
        "publicly_trusted": True,
        "needs_id_number": False,
        "grcq_included": None,
        "certificates_included": None,
        "is_active": True,
        "prices": {"CNY": 64_800, "EUR": 8300, "JPY": 13_500, "KWD": 27_900, "USD": 9000},
    }
    missing = owner.rest.get("/products/none")
    assert (missing.status_code, missing.json()["error"]["code"]) == (404, "product_not_found")


@pytest.mark.parametrize(
    ("parameters", "some", "none"),
    [
        ({"kind": "https_gateway"}, "https-gateway-1m", SINGLE),
        ({"brand": "chancery", "level": "dv", "years": 1}, SINGLE, "chancery-dv-single-2y"),
        ({"domain_kind": "wildcard"}, "hanaper-dv-wildcard-3y", SINGLE),
        ({"publicly_trusted": "false"}, "hanaper-dv-single-1y", SINGLE),
        ({"search": "acceleration"}, "https-gateway-36m", SINGLE),
    ],
)
def test_filters(owner: Person, catalogue: None, parameters: dict[str, Any], some: str, none: str) -> None:
    found = owner.rest.get("/products", {**parameters, "limit": 200}).json()["items"]
    codes = {product["code"] for product in found}
    assert some in codes
    assert none not in codes


def test_a_longer_list_costs_no_more_queries(owner: Person, catalogue: None) -> None:
    def cost(limit: int) -> int:
        with CaptureQueriesContext(connection) as counted:
            owner.rest.get("/products", {"limit": limit})
        return len(counted)

    cost(1)  # stamps the key's use
    assert cost(2) == cost(60)


def test_withdrawn_products_are_for_operators(owner: Person, administrator: Person, catalogue: None) -> None:
    answer = administrator.rest.patch(f"/operator/products/{SINGLE}", {"is_active": False})
    assert answer.json()["is_active"] is False
    assert owner.rest.get("/products", {"search": SINGLE}).json()["items"] == []
    assert owner.rest.get(f"/products/{SINGLE}").json()["is_active"] is False
    assert len(administrator.rest.get("/operator/products", {"search": SINGLE}).json()["items"]) == 1


def test_vouchers_stay_inside_their_account(
    owner: Person, colleague: Person, reader: Person, stranger: Person, nobody: Rest, make_voucher: Make
) -> None:
    voucher = make_voucher().public_id
    for person in (owner, colleague, reader):
        assert person.rest.get(f"/vouchers/{voucher}").json()["balance"] == 5000
        assert len(person.rest.get("/vouchers").json()["items"]) == 1
    assert stranger.rest.get("/vouchers").json()["items"] == []
    assert stranger.rest.get(f"/vouchers/{voucher}").status_code == 404
    assert nobody.get(f"/vouchers/{voucher}").status_code == 401


def test_promotions_that_run(owner: Person, make_promotion: Make, at: Any) -> None:
    running = make_promotion()
    make_promotion(starts_at=at + timedelta(hours=1))
    items = owner.rest.get("/promotions").json()["items"]
    assert [(item["id"], item["refund_days"]) for item in items] == [(running.public_id, 3)]


def test_a_product_with_a_price(administrator: Person, owner: Person, catalogue: None, at: Any) -> None:
    made = administrator.rest.post(
        "/operator/products", {"code": "watch-12m", "name": "Watch", "kind": "watch", "term_months": 12}
    )
    assert (made.status_code, made.json()["prices"]) == (201, {})
    price = administrator.rest.post("/operator/products/watch-12m/prices", {"currency": "USD", "amount": 700})
    assert price.status_code == 201
    assert owner.rest.get("/products/watch-12m").json()["prices"] == {"USD": 700}
    late = {"currency": "USD", "amount": 1, "valid_from": at.isoformat()}
    answer = administrator.rest.post("/operator/products/watch-12m/prices", late)
    assert (answer.status_code, answer.json()["error"]["code"]) == (422, "price_in_the_past")
    assert len(administrator.rest.get("/operator/products/watch-12m/prices").json()["items"]) == 1


def test_vouchers_are_finances(finance: Person, owner: Person, catalogue: None, at: Any) -> None:
    assert owner.account is not None
    body = {
        "account": owner.account.public_id,
        "currency": "USD",
        "amount": 500,
        "expires_at": (at + WEEK).isoformat(),
        "reason": "goodwill",
    }
    made = finance.rest.post("/operator/vouchers", body)
    assert made.status_code == 201
    gone = finance.rest.post(f"/operator/vouchers/{made.json()['id']}/withdraw")
    assert gone.json()["withdrawn_at"] is not None
    assert finance.rest.post("/operator/vouchers", {**body, "account": "acc_none"}).status_code == 404
    naive = finance.rest.post("/operator/vouchers", {**body, "expires_at": "2030-01-01T00:00:00"})
    assert naive.json()["error"]["field"] == "expires_at"


def test_coupons_and_promotions(administrator: Person, catalogue: None, window: dict[str, str]) -> None:
    coupon = administrator.rest.post("/operator/coupons", {"code": "may", "percent": 5, **window})
    assert (coupon.status_code, coupon.json()["code"]) == (201, "MAY")
    body = {"name": "May", "percent": 5, "refundable": False, "refund_days": 0, **window}
    promotion = administrator.rest.post("/operator/promotions", body)
    assert promotion.status_code == 201
    for path in (
        f"/operator/coupons/{coupon.json()['id']}",
        f"/operator/promotions/{promotion.json()['id']}",
    ):
        assert administrator.rest.post(path + "/withdraw").status_code == 200
        assert administrator.rest.post(path + "/withdraw").status_code == 409
    for path in ("/operator/coupons/cpn_x/withdraw", "/operator/promotions/prm_x/withdraw"):
        assert administrator.rest.post(path).status_code == 404


def test_who_may(
    owner: Person,
    reviewer: Person,
    finance: Person,
    administrator: Person,
    nobody: Rest,
    make_voucher: Make,
    window: dict[str, str],
) -> None:
    assert owner.account is not None
    voucher = make_voucher().public_id
    grant = {"account": owner.account.public_id, "currency": "USD", "amount": 1, "reason": "x"}
    terms = {"name": "x", "percent": 1, "refundable": True, "refund_days": 7, **window}
    administrators: list[Callable[[Rest], Answer]] = [
        lambda rest: rest.get("/operator/products"),
        lambda rest: rest.post("/operator/products", {"code": "new", "name": "New", "kind": "new"}),
        lambda rest: rest.patch(f"/operator/products/{SINGLE}", {"name": "x"}),
        lambda rest: rest.get(f"/operator/products/{SINGLE}/prices"),
        lambda rest: rest.post(f"/operator/products/{SINGLE}/prices", {"currency": "USD", "amount": 1}),
        lambda rest: rest.get("/operator/coupons"),
        lambda rest: rest.post("/operator/coupons", {"code": "NEW", "percent": 1, **window}),
        lambda rest: rest.get("/operator/promotions"),
        lambda rest: rest.post("/operator/promotions", terms),
    ]
    finances: list[Callable[[Rest], Answer]] = [
        lambda rest: rest.get("/operator/vouchers"),
        lambda rest: rest.post("/operator/vouchers", {**grant, "expires_at": window["ends_at"]}),
        lambda rest: rest.post(f"/operator/vouchers/{voucher}/withdraw"),
    ]
    tables = (Product, Price, Coupon, Promotion, Voucher)
    before = [table.objects.count() for table in tables]
    for ask, refused in [(ask, (owner, reviewer, finance)) for ask in administrators] + [
        (ask, (owner, reviewer)) for ask in finances
    ]:
        assert ask(nobody).status_code == 401
        for person in refused:
            assert ask(person.rest).status_code == 403
    assert [table.objects.count() for table in tables] == before
    for ask in administrators + finances:
        assert ask(administrator.rest).status_code in (200, 201)
