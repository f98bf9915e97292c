"""`ledger verify` finds what was done to the tables behind its back: each tampering, and nothing else."""

from collections.abc import Callable
from datetime import datetime

import pytest
from django.db import connection

from hanaper.apps.ledger.models import Transfer
from hanaper.apps.ledger.verification import LedgerReport, verify_books
from hanaper.apps.orders.models import Order
from hanaper.apps.payments.models import PaymentPart, Return
from hanaper.apps.payments.providers import CARD, provider
from hanaper.apps.payments.verification import verify_parts, verify_provider
from hanaper.apps.refunds.services import request_refund
from tests.apps.payments.conftest import card_provider, catalogue, pay_by_card, settle
from tests.people import Person
from tests.shop import buy

__all__ = ["card_provider", "catalogue", "pay_by_card"]

pytestmark = pytest.mark.django_db(transaction=True)
Pay = Callable[[str], Order]


def problems() -> list[str]:
    report = LedgerReport()
    verify_books(report)
    verify_parts(report)
    verify_provider(report)
    assert report.checked["transfers"] == Transfer.objects.count()
    return report.problems


@pytest.fixture
def books(owner: Person, pay_by_card: Pay, at: datetime) -> Order:
    """An order paid by balance and refunded, one paid by card and refunded, one paid by card and kept."""
    request_refund(owner.actor, buy(owner, "hanaper-dv-single-1y", at=at), at=at)
    request_refund(owner.actor, pay_by_card("success"), at=at)
    kept = pay_by_card("success")
    settle(at)
    assert problems() == []
    return kept


def tamper(statement: str) -> None:
    """Change rows that nobody may change, as somebody with the database in hand could."""
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("ALTER TABLE ledger_transfer DISABLE TRIGGER USER")
            cursor.execute(statement)
            cursor.execute("ALTER TABLE ledger_transfer ENABLE TRIGGER USER")
            return
        cursor.execute(
            "SELECT name, sql FROM sqlite_master WHERE type='trigger' AND tbl_name='ledger_transfer'"
        )
        triggers = cursor.fetchall()
        for name, _ in triggers:
            cursor.execute(f"DROP TRIGGER {name}")
        cursor.execute(statement)
        for _, made in triggers:
            cursor.execute(made)


TAMPERED = {
    "a balance raised": (
        "UPDATE ledger_customerbalance SET amount = amount + 100",
        "but its transfers sum to",
    ),
    "a balance forgotten": ("DELETE FROM ledger_customerbalance", "but its transfers sum to"),
    "a capture made smaller": (
        "UPDATE ledger_transfer SET amount = amount - 1 WHERE kind = 'payment.card_captured'",
        "captured, but the ledger says",
    ),
    "an account made up": (
        "UPDATE ledger_transfer SET debit = 'my/pocket' WHERE kind = 'refund.to_card'",
        "'my/pocket' is not one of the ledger's",
    ),
    "a refund made smaller": (
        "UPDATE ledger_transfer SET amount = amount - 1 WHERE kind = 'refund.to_card'",
        "with another amount",
    ),
    "a reservation posted as something else": (
        "UPDATE ledger_transfer SET kind = 'payment.hold_posted' WHERE kind = 'refund.to_card'",
        "cannot resolve",
    ),
    "a part said to be refunded": (
        "UPDATE payments_paymentpart SET refunded = captured WHERE refunded = 0 AND means = 'card'",
        "refunded, but the ledger says",
    ),
    "a part said to be reserved": (
        "UPDATE payments_paymentpart SET reserved = captured WHERE refunded = 0 AND means = 'card'",
        "reserved, but its returns say",
    ),
    "a return raised": ("UPDATE payments_return SET amount = amount + 1", "refunded beyond what was paid"),
    "another charge": (
        "UPDATE payments_paymentpart SET provider_charge = 'x' || provider_charge WHERE means = 'card'",
        "the provider knows no such charge",
    ),
    "another refund": (
        "UPDATE payments_refundattempt SET provider_refund = 'x' || provider_refund WHERE provider_refund <> ''",
        "the provider knows no such refund",
    ),
}


@pytest.mark.parametrize(("statement", "found"), TAMPERED.values(), ids=TAMPERED)
def test_tampering_is_found(statement: str, found: str, books: Order) -> None:
    tamper(statement)
    assert any(found in problem for problem in problems()), problems()


def test_money_taken_at_the_provider_that_we_know_nothing_of(books: Order) -> None:
    PaymentPart.objects.filter(means="card").update(provider_charge="")
    assert any("is in no payment" in problem for problem in problems())


def test_money_given_back_at_the_provider_that_we_know_nothing_of(books: Order) -> None:
    part = PaymentPart.objects.get(payment__order=books)
    provider(CARD).refund(key="behind-our-back", charge=part.provider_charge, amount=500, reference="x")
    assert any("is in no return of ours" in problem for problem in problems())
    assert any("the provider holds" in problem for problem in problems())


def test_the_books_tell_of_every_return(books: Order) -> None:
    assert Return.objects.filter(state="returned").count() == 2
