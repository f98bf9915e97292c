"""What is on sale in tests of catalogue and orders; each conftest of them imports it."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest

from hanaper.apps.catalog import services as catalog_services
from hanaper.apps.catalog.models import Coupon, Promotion, Voucher
from hanaper.apps.catalog.quotes import LineDraft
from hanaper.apps.catalog.services import seed_catalogue
from hanaper.apps.ledger.services import credit_balance
from hanaper.apps.orders import services as order_services
from hanaper.apps.orders.models import Order
from hanaper.apps.payments.services import MeansChoice
from hanaper.apps.payments.vocabulary import Means
from tests.people import SETUP, Person

WEEK = timedelta(days=7)
SINGLE = "chancery-dv-single-1y"  # 90.00 USD
WILDCARD = "chancery-dv-wildcard-1y"  # 240.00 USD
Make = Callable[..., Any]


@pytest.fixture
def catalogue(db: None, at: datetime) -> None:
    """What the program comes with, on sale since before `at`."""
    seed_catalogue(at - WEEK)


@pytest.fixture
def make_voucher(owner: Person, catalogue: None, at: datetime) -> Any:
    def make(**columns: Any) -> Voucher:
        given = {"account": owner.account, "currency": "USD", "amount": 5000, "expires_at": at + WEEK}
        return catalog_services.create_voucher(
            SETUP, **{**given, "reason": "goodwill", "at": at - WEEK, **columns}
        )

    return make


@pytest.fixture
def make_coupon(catalogue: None, at: datetime) -> Any:
    def make(**columns: Any) -> Coupon:
        given = {"code": "SPRING", "starts_at": at - WEEK, "ends_at": at + WEEK}
        if "amount" not in columns:
            given["percent"] = 10
        return catalog_services.create_coupon(SETUP, **{**given, "at": at - WEEK, **columns})

    return make


@pytest.fixture
def make_promotion(catalogue: None, at: datetime) -> Any:
    def make(**columns: Any) -> Promotion:
        given = {
            "name": "Spring event",
            "percent": 20,
            "starts_at": at - WEEK,
            "ends_at": at + WEEK,
            "refundable": True,
            "refund_days": 3,
        }
        return catalog_services.create_promotion(SETUP, **{**given, "at": at - WEEK, **columns})

    return make


def give_balance(person: Person, amount: int, at: datetime, currency: str = "USD") -> None:
    assert person.account is not None
    credit_balance(SETUP, person.account, amount=amount, currency=currency, reason="tests", at=at)


def place(person: Person, *products: str | tuple[str, int], at: datetime, **choices: Any) -> Order:
    """An order of `person`: codes, or codes with quantities."""
    assert person.account is not None
    pairs = [product if isinstance(product, tuple) else (product, 1) for product in products]
    given = {"account": person.account, "currency": "USD", **choices}
    return order_services.place_order(
        person.actor, lines=[LineDraft(*pair) for pair in pairs], **given, at=at
    )


def pay_by_balance(person: Person, order: Order, at: datetime) -> Order:
    """Pay what is left of `order` from a balance that is filled for it."""
    if order.money:
        give_balance(person, order.money, at, order.currency)
    return order_services.pay_order(person.actor, order, means=[MeansChoice(Means.BALANCE)], at=at)


def buy(person: Person, *products: str | tuple[str, int], at: datetime, **choices: Any) -> Order:
    """A paid order."""
    order = place(person, *products, at=at, **choices)
    return order if order.paid_at else pay_by_balance(person, order, at)
