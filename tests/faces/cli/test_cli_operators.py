"""`hanaper offers`, `operators`, `balance credit` and `services`: what operators sell, and to whom."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from hanaper import clock
from tests.people import Person, make_user
from tests.shop import buy, catalogue, place

__all__ = ["catalogue"]

pytestmark = pytest.mark.django_db
As = Callable[..., Any]
FROM, UNTIL = "2026-01-01T00:00:00Z", "2099-01-01T00:00:00Z"
DV = "hanaper-dv-single-1y"


def test_products_and_prices(administrator: Person, catalogue: None, run_as: As, tmp_path: Path) -> None:
    file = tmp_path / "product.json"
    file.write_text(json.dumps({"code": "site-check", "name": "Site check", "kind": "site_check"}))
    assert run_as(administrator, "offers", "add-product", str(file))["code"] == "site-check"
    assert run_as(administrator, "offers", "set-price", "site-check", "usd", "1250")["amount"] == 1250
    run_as(administrator, "offers", "set-price", "site-check", "usd")
    prices = run_as(administrator, "offers", "prices", "site-check")["items"]
    assert sorted([one["amount"] for one in prices], key=str) == [1250, None]
    changed = run_as(administrator, "offers", "change-product", "site-check", "--withdraw")
    assert changed["code"] == "site-check"
    shown = run_as(administrator, "offers", "products", "--limit", "200")["items"]
    assert [one["is_active"] for one in shown if one["code"] == "site-check"] == [False]
    file.write_text("{")
    assert run_as(administrator, "offers", "add-product", str(file))["code"] == "bad_json"


def test_vouchers(owner: Person, finance: Person, catalogue: None, run_as: As) -> None:
    assert owner.account is not None
    given = run_as(
        finance, "offers", "give-voucher", owner.account.public_id, "5000", "USD",
        "--expires", UNTIL, "--reason", "Welcome",
    )  # fmt: skip
    assert [one["id"] for one in run_as(owner, "catalogue", "vouchers")["items"]] == [given["id"]]
    assert run_as(finance, "offers", "withdraw-voucher", given["id"])["withdrawn_at"]
    assert [one["id"] for one in run_as(finance, "offers", "vouchers")["items"]] == [given["id"]]


def test_coupons(owner: Person, administrator: Person, catalogue: None, run_as: As) -> None:
    made = run_as(
        administrator, "offers", "add-coupon", "TENTH", "--percent", "10", "--starts", FROM, "--ends", UNTIL,
        "--uses", "5",
    )  # fmt: skip
    assert run_as(owner, "orders", "quote", DV, "--coupon", "TENTH")["coupon"] > 0
    assert run_as(administrator, "offers", "withdraw-coupon", made["id"])["withdrawn_at"]
    assert run_as(owner, "orders", "quote", DV, "--coupon", "TENTH")["field"] == "coupon"
    assert [one["uses_taken"] for one in run_as(administrator, "offers", "coupons")["items"]] == [0]


def test_promotions(owner: Person, administrator: Person, catalogue: None, run_as: As) -> None:
    made = run_as(
        administrator, "offers", "add-promotion", "Spring", "--percent", "20", "--starts", FROM, "--ends", UNTIL,
        "--not-refundable",
    )  # fmt: skip
    quoted = run_as(owner, "orders", "quote", DV, "--promotion", made["id"])
    assert quoted["refund_terms"]["refundable"] is False
    assert run_as(administrator, "offers", "withdraw-promotion", made["id"])["id"] == made["id"]
    assert run_as(owner, "orders", "quote", DV, "--promotion", made["id"])["field"] == "promotion"
    assert len(run_as(administrator, "offers", "promotions")["items"]) == 1


def test_policies(owner: Person, administrator: Person, catalogue: None, run_as: As) -> None:
    assert run_as(administrator, "policies", "publish", "2026-03-18")["name"] == "2026-03-18"
    assert "2026-03-18" in [one["name"] for one in run_as(administrator, "policies", "published")["items"]]
    assert run_as(owner, "orders", "quote", DV)["refund_terms"]["policy"] == "2026-03-18"
    assert run_as(owner, "policies", "publish", "2026-03-18")["code"] == "staff_role_required"


def test_accounts_and_operators(owner: Person, administrator: Person, run_as: As) -> None:
    assert owner.account is not None
    new = make_user("new@example.org")
    opened = run_as(administrator, "operators", "open-account", "Newcomers", "--owner", new.email)
    known = [one["id"] for one in run_as(administrator, "operators", "accounts")["items"]]
    assert known == [opened["id"], owner.account.public_id]
    assert [one["email"] for one in run_as(administrator, "operators", "members", opened["id"])["items"]] == [
        new.email
    ]
    run_as(administrator, "operators", "grant", new.email, "reviewer")
    staff = {(one["email"], one["role"]) for one in run_as(administrator, "operators", "list")["items"]}
    assert (new.email, "reviewer") in staff
    run_as(administrator, "operators", "withdraw", new.public_id, "reviewer")
    staff = {(one["email"], one["role"]) for one in run_as(administrator, "operators", "list")["items"]}
    assert (new.email, "reviewer") not in staff


def test_orders_of_every_account(owner: Person, reviewer: Person, catalogue: None, run_as: As) -> None:
    order = place(owner, DV, at=clock.now()).public_id
    assert [one["id"] for one in run_as(reviewer, "orders", "list", "--operator")["items"]] == [order]
    assert [one["id"] for one in run_as(reviewer, "orders", "list", "--search", order)["items"]] == [order]
    assert run_as(reviewer, "orders", "show", order, "--operator")["id"] == order


def test_paid_by_balance_unless_told_otherwise(
    owner: Person, finance: Person, catalogue: None, run_as: As
) -> None:
    assert owner.account is not None
    run_as(finance, "balance", "credit", owner.account.public_id, "10000", "usd", "--reason", "Prepaid")
    order = run_as(owner, "orders", "place", DV)["id"]
    assert run_as(owner, "orders", "pay", order)["state"] == "paid"
    assert run_as(owner, "balance", "show") == [{"currency": "USD", "amount": 8100}]


def test_what_was_bought_besides(owner: Person, catalogue: None, run_as: As) -> None:
    for product in ("private-root-ca", "https-gateway-1m", "domain-monitoring-12m"):
        buy(owner, product, at=clock.now())
    assert {one["kind"] for one in run_as(owner, "services", "private-cas")["items"]} == {
        "root",
        "intermediate",
    }
    ca = run_as(owner, "services", "private-cas")["items"][0]["id"]
    gateway = run_as(owner, "services", "gateways")["items"][0]["id"]
    service = run_as(owner, "services", "list")["items"][0]["id"]
    for one in (ca, gateway, service):
        assert run_as(owner, "services", "show", one)["id"] == one
    assert run_as(owner, "services", "use", service)["used_at"]
