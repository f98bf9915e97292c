"""Where money goes back to (R3, R4), card by card: never lost, never twice."""

from collections.abc import Callable
from datetime import datetime

import pytest
from django.db import IntegrityError, connection, transaction

from hanaper import clock
from hanaper.apps.events.models import Event
from hanaper.apps.ledger.models import Transfer
from hanaper.apps.orders.models import Order
from hanaper.apps.payments import services
from hanaper.apps.payments.models import Payment, PaymentPart, RefundAttempt, Return
from hanaper.apps.payments.providers import CARD, provider
from hanaper.apps.payments.services.refunding import observe_refund
from hanaper.apps.refunds.models import Refund
from hanaper.apps.refunds.services import request_refund
from hanaper.core.errors import Refusal
from tests.apps.payments.conftest import balance, books, settle
from tests.fixtures_card import CardProvider
from tests.people import SETUP, Person

pytestmark = pytest.mark.django_db(transaction=True)

Pay = Callable[[str], Order]


def refund(owner: Person, order: Order, at: datetime) -> Refund:
    made = request_refund(owner.actor, Order.objects.get(pk=order.pk), at=at)
    settle(at)
    made.refresh_from_db()
    return made


@pytest.mark.parametrize(
    "card",
    [
        "success", "refund_pending", "refund_timeout_before", "refund_timeout_after", "refund_error_500",
        "refund_busy", "webhooks_unordered",
    ],
)  # fmt: skip
def test_back_to_the_card_once(
    card: str, pay_by_card: Pay, owner: Person, card_provider: CardProvider, at: datetime
) -> None:
    made = refund(owner, pay_by_card(card), at)
    assert made.state == "succeeded"
    gone = [one for one in card_provider.refunds() if one["status"] == "succeeded"]
    assert [one["amount"] for one in gone] == [made.amount]
    assert Return.objects.get().destination == "original"
    assert balance(owner) == 0
    assert Event.objects.filter(kind="refund.succeeded").count() == 1
    assert books() == []


@pytest.mark.parametrize("card", ["refund_fails", "refund_fails_later"])
def test_what_the_card_cannot_take_goes_to_the_balance(
    card: str, pay_by_card: Pay, owner: Person, at: datetime
) -> None:
    made = refund(owner, pay_by_card(card), at)
    assert made.state == "succeeded"
    assert Return.objects.get().destination == "balance"
    assert balance(owner) == made.amount
    assert books() == []


def test_failed_after_having_succeeded(pay_by_card: Pay, owner: Person, at: datetime) -> None:
    made = refund(owner, pay_by_card("refund_bounces"), at)
    assert Return.objects.get().destination == "original"
    look_until(at, lambda: Return.objects.get().destination == "balance")
    assert balance(owner) == made.amount
    assert Event.objects.filter(kind="refund.to_balance").count() == 1
    # Told again, nothing happens again.
    look(at)
    assert balance(owner) == made.amount
    assert Transfer.objects.filter(kind="refund.bounced").count() == 1
    assert books() == []


@pytest.mark.parametrize("spent", [False, True])
def test_arrived_after_all(spent: bool, pay_by_card: Pay, owner: Person, at: datetime) -> None:
    made = refund(owner, pay_by_card("refund_arrives_after_all"), at)
    assert balance(owner) == made.amount
    if spent:
        from_balance = Payment.objects.get()
        spend_everything(owner, from_balance, at)
    look_until(at, lambda: Transfer.objects.filter(kind="refund.bounce_undone").exists())
    assert balance(owner) == 0
    debit = Transfer.objects.get(kind="refund.bounce_undone").debit
    assert (debit == "receivable/returned-twice") == spent
    assert Event.objects.filter(kind="return.needs_operator", account=None).count() == 1
    look(at)
    assert Transfer.objects.filter(kind="refund.bounce_undone").count() == 1
    assert books() == []


def test_less_than_asked_for(pay_by_card: Pay, owner: Person, at: datetime) -> None:
    made = refund(owner, pay_by_card("refund_partial"), at)
    assert balance(owner) == made.amount - made.amount // 2
    assert books() == []


def test_waiting_for_somebody_is_shown_to_the_operators(
    pay_by_card: Pay, owner: Person, card_provider: CardProvider, at: datetime
) -> None:
    order = pay_by_card("refund_requires_action")
    made = request_refund(owner.actor, Order.objects.get(pk=order.pk), at=at)
    services.pursue_return(Return.objects.get().pk, at, clock.system_now())
    assert Event.objects.filter(kind="return.needs_operator").count() == 1
    card_provider.resolve(card_provider.refunds()[0]["id"], "failed")
    settle(at)
    made.refresh_from_db()
    assert made.state == "succeeded"
    assert balance(owner) == made.amount
    assert books() == []


def test_given_back_behind_our_back(
    pay_by_card: Pay, owner: Person, card_provider: CardProvider, at: datetime
) -> None:
    order = pay_by_card("success")
    outside = card_provider.refund_in_dashboard(card_provider.charges()[0]["id"], 300)
    found = provider(CARD).get_refund(outside["id"])
    assert found is not None
    for _ in range(2):
        services.adopt_external(found, at, clock.system_now())
    assert books() == []
    with pytest.raises(Refusal) as refused:
        request_refund(owner.actor, Order.objects.get(pk=order.pk), at=at)
    assert refused.value.code == "payment_disputed"
    assert not Refund.objects.exists()
    assert Order.objects.get().state == "paid"


def test_a_provider_that_is_away_delays_and_loses_nothing(
    pay_by_card: Pay, owner: Person, card_provider: CardProvider, at: datetime
) -> None:
    order = pay_by_card("success")
    card_provider.stop()
    made = request_refund(owner.actor, Order.objects.get(pk=order.pk), at=at)
    settle(at, seconds=1)
    made.refresh_from_db()
    assert made.state == "paying"
    card_provider.start()
    settle(at)
    made.refresh_from_db()
    assert made.state == "succeeded"
    assert len(card_provider.refunds()) == 1
    assert books() == []


def test_the_constraint_holds_even_if_the_code_is_wrong(pay_by_card: Pay, at: datetime) -> None:
    pay_by_card("success")
    part = PaymentPart.objects.get()
    for columns in ({"reserved": part.captured + 1}, {"refunded": part.captured + 1}, {"reserved": -1}):
        with pytest.raises(IntegrityError), transaction.atomic():
            PaymentPart.objects.filter(pk=part.pk).update(**columns)
    with pytest.raises(IntegrityError), transaction.atomic():
        PaymentPart.objects.filter(pk=part.pk).update(means="voucher", reserved=1)


def test_more_than_was_captured_is_never_reserved(pay_by_card: Pay, at: datetime) -> None:
    order = pay_by_card("success")
    payment = Payment.objects.get()
    position = payment.parts.get().position
    for amount in (order.money + 1, 10**15):
        with pytest.raises(Refusal) as refused, transaction.atomic():
            services.reserve_returns(SETUP, payment, amounts={position: amount}, reference="rfd_x", at=at)
        assert refused.value.code == "over_refund"
        assert refused.value.clause == "R3"
    assert not Return.objects.exists()
    assert books() == []


def test_transfers_are_never_changed(pay_by_card: Pay) -> None:
    pay_by_card("success")
    for statement in ("UPDATE ledger_transfer SET amount = 1", "DELETE FROM ledger_transfer"):
        with (
            pytest.raises(Exception, match="never changed"),
            transaction.atomic(),
            connection.cursor() as cursor,
        ):
            cursor.execute(statement)


def look(at: datetime) -> None:
    """What a webhook makes us do: look at each refund as the provider has it now."""
    for attempt in RefundAttempt.objects.exclude(provider_refund=""):
        found = provider(CARD).get_refund(attempt.provider_refund)
        if found is not None:
            observe_refund(attempt, found, at=at)


def look_until(at: datetime, condition: Callable[[], bool]) -> None:
    for _ in range(200):
        look(at)
        if condition():
            return
    raise AssertionError("it did not come about")


def spend_everything(owner: Person, payment: Payment, at: datetime) -> None:
    """Move the customer's balance away, as paying for something would."""
    from_here = balance(owner)
    services_ledger = __import__("hanaper.apps.ledger.services", fromlist=["transfer"])
    services_ledger.transfer(
        "payment.hold",
        debit=f"customer/{payment.account.public_id}",
        credit="payments/held",
        currency="USD",
        amount=from_here,
        at=at,
        reference="pap_test",
        account=payment.account,
    )
