"""Orders paid by card, and the sweep that follows money to where it ends."""

import time
from collections.abc import Callable
from datetime import datetime, timedelta

import pytest

from hanaper import clock
from hanaper.apps.ledger.models import CustomerBalance
from hanaper.apps.ledger.verification import LedgerReport, verify_books
from hanaper.apps.orders import services as orders
from hanaper.apps.orders.models import Order
from hanaper.apps.payments import sweep
from hanaper.apps.payments.models import ChargeAttempt, RefundAttempt
from hanaper.apps.payments.providers import CardDetails
from hanaper.apps.payments.services import MeansChoice
from hanaper.apps.payments.verification import verify_parts, verify_provider
from hanaper.apps.payments.vocabulary import UNFINISHED, Means
from hanaper.sandbox_card.cards import BY_NAME
from tests.fixtures_card import CardProvider, card_provider
from tests.people import Person
from tests.shop import catalogue, place

__all__ = ["card_provider", "catalogue"]

PRODUCT = "hanaper-dv-single-1y"  # 19.00 USD


def details(card: str) -> CardDetails:
    return CardDetails(BY_NAME[card].number, "12/30")


@pytest.fixture
def pay_by_card(
    owner: Person, catalogue: None, card_provider: CardProvider, at: datetime
) -> Callable[[str], Order]:
    def pay(card: str) -> Order:
        order = place(owner, PRODUCT, at=at)
        return orders.pay_order(
            owner.actor, order, means=[MeansChoice(Means.CARD, card=details(card))], at=at
        )

    return pay


def settle(at: datetime, *, seconds: float = 15) -> None:
    """Sweep until no attempt is open, as the worker would, without its pauses."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        for model in (ChargeAttempt, RefundAttempt):
            model.objects.filter(state__in=UNFINISHED).update(
                next_try_at=clock.system_now() - timedelta(seconds=5)
            )
        sweep.sweep(at, clock.system_now())
        if not any(
            model.objects.filter(state__in=UNFINISHED).exists() for model in (ChargeAttempt, RefundAttempt)
        ):
            return
        time.sleep(0.05)


def books() -> list[str]:
    """Every discrepancy of ledger, parts and provider."""
    report = LedgerReport()
    verify_books(report)
    verify_parts(report)
    verify_provider(report)
    return report.problems


def balance(person: Person, currency: str = "USD") -> int:
    row = CustomerBalance.objects.filter(account=person.account, currency=currency).first()
    return row.amount if row else 0
