"""`hanaper catalogue` and `hanaper orders` against the service in this process."""

import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from hanaper import clock
from hanaper.apps.ledger.services import credit_balance
from tests.people import SETUP, Person
from tests.shop import *  # noqa: F403 - its fixtures
from tests.shop import SINGLE

pytestmark = pytest.mark.django_db
Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def at() -> Any:
    """The API reads the clock: what it finds must have happened before."""
    return clock.now() - timedelta(minutes=1)


@pytest.fixture
def run(hanaper: Any, owner: Person, catalogue: None, monkeypatch: pytest.MonkeyPatch) -> Run:
    """As the owner of an account."""
    monkeypatch.setenv("HANAPER_SERVER", "http://127.0.0.1:20999")
    monkeypatch.setenv("HANAPER_KEY", owner.secret)
    return hanaper


def test_catalogue(run: Run, make_promotion: Any, make_voucher: Any) -> None:
    status, out, _ = run("catalogue", "list", "--kind", "https_gateway", "--currency", "jpy")
    assert (status, "2250 JPY" in out, "private-root-ca" in out) == (0, True, False)
    status, out, _ = run("catalogue", "show", SINGLE)
    assert (status, "90.00 USD" in out, "27.900 KWD" in out) == (0, True, True)
    status, out, _ = run("--json", "catalogue", "show", SINGLE)
    assert json.loads(out)["prices"]["USD"] == 9000
    status, _, err = run("catalogue", "show", "nothing")
    assert (status, "no product" in err) == (1, True)
    make_promotion()
    make_voucher()
    assert "Spring event" in run("catalogue", "promotions")[1]
    assert "50.00 USD" in run("catalogue", "vouchers")[1]


def test_quote_place_pay_and_look(run: Run, owner: Person, make_voucher: Any, at: Any) -> None:
    voucher = make_voucher().public_id
    products = (f"{SINGLE}:2", "chancery-dv-wildcard-1y", "--voucher", voucher)
    status, out, _ = run("orders", "quote", *products)
    assert (status, "370.00 USD" in out) == (0, True)
    assert "Refundable within 7 days (policy 2024-10-25, zone UTC)." in out

    assert run("orders", "place", *products, "--expected-money", "1")[0] == 1
    status, out, _ = run("--json", "orders", "place", *products, "--expected-money", "37000")
    order = json.loads(out)["id"]
    assert owner.account is not None
    assert "balance" in run("orders", "pay", order, "--balance", "37000")[2]
    credit_balance(SETUP, owner.account, amount=37_000, currency="USD", reason="tests", at=at)
    status, out, _ = run("orders", "pay", order, "--balance", "37000")
    assert (status, "Paid" in out) == (0, True)
    assert json.loads(run("--json", "orders", "show", order)[1])["state"] == "paid"
    assert "Example Ltd" in run("orders", "receipt", order)[1]
    assert order in run("orders", "list", "--state", "paid")[1]
    assert "Nothing here." in run("orders", "list", "--state", "unpaid")[1]
    assert "only an unpaid order can be cancelled" in run("orders", "cancel", order)[2]


def test_terms_that_do_not_refund(run: Run, make_promotion: Any) -> None:
    promotion = make_promotion(refundable=False).public_id
    status, out, _ = run("orders", "place", SINGLE, "--promotion", promotion)
    assert (status, "Not refundable" in out) == (0, True)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("quote", f"{SINGLE}:many"), "PRODUCT:QUANTITY"),
        (("pay", "ord_x", "--card", "4242424242424242"), "--expiry"),
        (("show", "ord_x"), "no order"),
        (("place", SINGLE, "--currency", "xyz"), "not a currency"),
    ],
)
def test_what_is_wrong_is_said(run: Run, words: tuple[str, ...], said: str) -> None:
    status, _, err = run("orders", *words)
    assert (status, said in err) == (1, True), err


def test_cancel(run: Run) -> None:
    order = json.loads(run("--json", "orders", "place", SINGLE)[1])["id"]
    status, out, _ = run("orders", "cancel", order)
    assert (status, "Cancelled" in out) == (0, True)
