"""What becomes of a charge, card by card; the books agree with the provider whatever it does."""

from collections.abc import Callable
from datetime import datetime

import pytest

from hanaper.apps.events.models import Event
from hanaper.apps.orders import services as orders
from hanaper.apps.orders.models import Order
from hanaper.apps.payments.models import PaymentPart
from hanaper.apps.payments.services import MeansChoice
from hanaper.apps.payments.vocabulary import Means, PartState, PaymentState
from hanaper.core.errors import InvalidInput, Refusal
from tests.apps.payments.conftest import PRODUCT, balance, books, details, settle
from tests.fixtures_card import CardProvider
from tests.people import Person
from tests.shop import give_balance, place

pytestmark = pytest.mark.django_db(transaction=True)

Pay = Callable[[str], Order]


@pytest.mark.parametrize(
    "card",
    [
        "success",
        "charge_late",
        "charge_timeout_before",
        "charge_timeout_after",
        "charge_error_500",
        "charge_busy",
    ],
)
def test_a_charge_that_comes_about_is_made_once(
    card: str, pay_by_card: Pay, card_provider: CardProvider, at: datetime
) -> None:
    order = pay_by_card(card)
    settle(at)
    order.refresh_from_db()
    assert order.state == "paid"
    made = [charge for charge in card_provider.charges() if charge["status"] == "succeeded"]
    assert [charge["amount"] for charge in made] == [order.money]
    assert books() == []


@pytest.mark.parametrize("card", ["declined", "insufficient_funds", "charge_pending_fails"])
def test_a_charge_that_does_not_leaves_the_order_to_be_paid_again(
    card: str, pay_by_card: Pay, owner: Person, at: datetime
) -> None:
    order = pay_by_card(card)
    settle(at)
    order.refresh_from_db()
    assert order.state == "unpaid"
    assert order.payment is not None
    assert order.payment.state == PaymentState.OPEN
    assert order.payment.problem
    assert Event.objects.filter(kind="payment.failed").count() == 1
    orders.pay_order(owner.actor, order, means=[MeansChoice(Means.CARD, card=details("success"))], at=at)
    order.refresh_from_db()
    assert order.state == "paid"
    assert books() == []


def test_balance_held_for_a_declined_card_is_let_go(
    owner: Person, catalogue: None, card_provider: CardProvider, at: datetime
) -> None:
    give_balance(owner, 500, at)
    order = place(owner, PRODUCT, at=at)
    means = [MeansChoice(Means.BALANCE, 500), MeansChoice(Means.CARD, card=details("declined"))]
    orders.pay_order(owner.actor, order, means=means, at=at)
    assert balance(owner) == 500
    means = [MeansChoice(Means.BALANCE, 500), MeansChoice(Means.CARD, card=details("success"))]
    orders.pay_order(owner.actor, order, means=means, at=at)
    order.refresh_from_db()
    assert order.state == "paid"
    assert balance(owner) == 0
    captured = PaymentPart.objects.filter(state=PartState.CAPTURED).order_by("position")
    assert [(part.means, part.captured) for part in captured] == [
        ("balance", 500),
        ("card", order.money - 500),
    ]
    assert books() == []


def test_paid_after_the_order_had_ended_is_the_customers_balance(
    pay_by_card: Pay, owner: Person, at: datetime
) -> None:
    order = pay_by_card("charge_late")
    assert order.state == "unpaid"
    orders.cancel_order(owner.actor, order, at=at)
    settle(at)
    order.refresh_from_db()
    assert order.state == "cancelled"
    assert balance(owner) == order.money
    assert books() == []


def test_paying_twice_at_once_is_refused(pay_by_card: Pay, owner: Person, at: datetime) -> None:
    order = pay_by_card("charge_late")
    with pytest.raises(Refusal) as refused:
        orders.pay_order(owner.actor, order, means=[MeansChoice(Means.CARD, card=details("success"))], at=at)
    assert refused.value.code == "payment_in_progress"
    settle(at)
    with pytest.raises(Refusal) as refused:
        orders.pay_order(owner.actor, order, means=[MeansChoice(Means.BALANCE)], at=at)
    assert refused.value.code == "order_not_unpaid"
    assert books() == []


def test_only_the_sandboxs_own_cards_are_taken(
    owner: Person, catalogue: None, card_provider: CardProvider, at: datetime
) -> None:
    order = place(owner, PRODUCT, at=at)
    real = details("success").__class__("4111111111111111", "12/30")
    with pytest.raises(InvalidInput) as refused:
        orders.pay_order(owner.actor, order, means=[MeansChoice(Means.CARD, card=real)], at=at)
    assert refused.value.field == "means.card"
    assert not PaymentPart.objects.exists()
    assert "4111111111111111" not in repr(real)


@pytest.mark.parametrize(
    ("means", "code"),
    [
        ([], "required"),
        ([MeansChoice(Means.VOUCHER, 100)], "invalid"),
        ([MeansChoice(Means.BALANCE, 100), MeansChoice(Means.BALANCE, 100)], "invalid"),
        ([MeansChoice(Means.BALANCE, -5)], "out_of_range"),
        ([MeansChoice(Means.BALANCE, 10**15)], "out_of_range"),
        ([MeansChoice(Means.CARD, 100)], "invalid"),
        ([MeansChoice(Means.BALANCE, 100)], "wrong_sum"),
    ],
)
def test_means_that_do_not_fit_are_refused_and_change_nothing(
    means: list[MeansChoice], code: str, owner: Person, catalogue: None, at: datetime
) -> None:
    give_balance(owner, 10_000, at)
    order = place(owner, PRODUCT, at=at)
    with pytest.raises(InvalidInput) as refused:
        orders.pay_order(owner.actor, order, means=means, at=at)
    assert code in {refused.value.code, *(fault.code for fault in refused.value.faults)}
    assert not PaymentPart.objects.exists()
    assert balance(owner) == 10_000
