"""What is on sale in tests of catalogue and orders; each conftest of them imports it."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from hanaper.apps.catalog import services
from hanaper.apps.catalog.models import Coupon, Promotion, Voucher
from hanaper.apps.catalog.services import seed_catalogue
from tests.people import SETUP, Person

WEEK = timedelta(days=7)


@pytest.fixture
def catalogue(db: None, at: datetime) -> None:
    """What the program comes with, on sale since before `at`."""
    seed_catalogue(at - WEEK)


@pytest.fixture
def make_voucher(owner: Person, catalogue: None, at: datetime) -> Any:
    def make(**columns: Any) -> Voucher:
        given = {"account": owner.account, "currency": "USD", "amount": 5000, "expires_at": at + WEEK}
        return services.create_voucher(SETUP, **{**given, "reason": "goodwill", "at": at - WEEK, **columns})

    return make


@pytest.fixture
def make_coupon(catalogue: None, at: datetime) -> Any:
    def make(**columns: Any) -> Coupon:
        given = {"code": "SPRING", "starts_at": at - WEEK, "ends_at": at + WEEK}
        if "amount" not in columns:
            given["percent"] = 10
        return services.create_coupon(SETUP, **{**given, "at": at - WEEK, **columns})

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
        return services.create_promotion(SETUP, **{**given, "at": at - WEEK, **columns})

    return make
