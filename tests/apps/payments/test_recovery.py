"""After an older backup: what the card provider did since is found, booked, and never paid a second time."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import astuple
from datetime import datetime

import pytest
from django.db import transaction

from hanaper import clock
from hanaper.apps.events.models import Event
from hanaper.apps.orders.models import Order
from hanaper.apps.payments.models import ChargeAttempt, Payment, RefundAttempt, Return
from hanaper.apps.payments.providers import CARD
from hanaper.apps.payments.recovery import reconcile
from hanaper.apps.payments.services import pursue_return, receive_webhook, returning
from hanaper.apps.recovery.services import begin_recovery, finish_recovery
from hanaper.apps.refunds.models import Refund
from hanaper.apps.refunds.services import approve_refund, propose_refund, request_refund
from hanaper.core.errors import Refusal
from tests.apps.payments.conftest import balance, books, settle
from tests.fixtures_card import CardProvider
from tests.people import Person

pytestmark = pytest.mark.django_db(transaction=True)

Pay = Callable[[str], Order]


@contextmanager
def forgotten() -> Iterator[None]:
    """What is done here is done for the provider, and our database is older than it."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


def recover(at: datetime) -> tuple[int, ...]:
    """Nothing is paid while it lasts; `charges_recovered`, `charges_unclaimed`, `refunds_adopted`, and
    `refunds_external`."""
    begin_recovery(backup_at=at, system_at=clock.system_now())
    found = astuple(reconcile(at, clock.system_now()))
    assert astuple(reconcile(at, clock.system_now()))[:3] == (0, found[1], 0)  # twice is once
    finish_recovery(system_at=clock.system_now())
    settle(at)
    return found


def fresh(order: Order) -> Order:
    return Order.objects.get(pk=order.pk)


def test_paid_for_an_order_that_is_lost(pay_by_card: Pay, owner: Person, at: datetime) -> None:
    with forgotten():
        order = pay_by_card("success")
    assert not Order.objects.filter(pk=order.pk).exists()
    assert recover(at) == (1, 0, 0, 0)
    assert balance(owner) == order.total
    assert Event.objects.filter(kind="balance.credited", account=owner.account).count() == 1
    assert books() == []


def test_paid_for_a_lost_order_and_not_captured_yet(pay_by_card: Pay, owner: Person, at: datetime) -> None:
    with forgotten():
        order = pay_by_card("charge_late")
    assert recover(at) == (1, 0, 0, 0)
    assert balance(owner) == order.total
    assert books() == []


@pytest.mark.parametrize(("back", "card"), [(None, "success"), (None, "refund_pending"), (300, "success")])
def test_paid_and_refunded_since(
    back: int | None, card: str, pay_by_card: Pay, owner: Person, card_provider: CardProvider, at: datetime
) -> None:
    """What went back to the card does not come to the balance as well."""
    with forgotten():
        order = pay_by_card(card)
        if back is None:
            ask(owner, order, at)
        else:
            card_provider.refund_in_dashboard(card_provider.charges()[0]["id"], back)
    assert recover(at)[0] == 1
    assert balance(owner) == order.total - (order.total if back is None else back)
    news(card_provider, at)
    assert balance(owner) == order.total - (order.total if back is None else back)
    assert books() == []


def test_a_card_that_was_declined_since_is_nothing(pay_by_card: Pay, owner: Person, at: datetime) -> None:
    with forgotten():
        pay_by_card("declined")
    assert recover(at) == (0, 0, 0, 0)
    assert not Payment.objects.exists()
    assert books() == []


def test_paid_by_somebody_who_is_lost(
    pay_by_card: Pay, owner: Person, card_provider: CardProvider, at: datetime
) -> None:
    with forgotten():
        owner.account.public_id = "acc_of_the_time_since"
        owner.account.save()
        pay_by_card("success")
    assert recover(at) == (0, 1, 0, 0)
    assert Event.objects.get(kind="payment.recovery_found").subject == card_provider.charges()[0]["id"]
    assert [problem for problem in books() if "is in no payment" in problem]


def test_a_charge_that_was_under_way_is_not_made_again(
    pay_by_card: Pay, card_provider: CardProvider, at: datetime
) -> None:
    """The backup was made between the intention and the call; the provider's keys are forgotten since."""
    order = pay_by_card("charge_timeout_after")
    attempt = ChargeAttempt.objects.get()
    ChargeAttempt.objects.filter(pk=attempt.pk).update(state="prepared", provider_charge="")
    card_provider.forget_keys()
    recover(at)
    assert fresh(order).state == "paid"
    assert len(card_provider.charges()) == 1
    assert books() == []


@pytest.mark.parametrize("card", ["success", "refund_pending"])
def test_refunded_since(
    card: str, pay_by_card: Pay, owner: Person, finance: Person, administrator: Person,
    card_provider: CardProvider, at: datetime,
) -> None:  # fmt: skip
    """Whatever became of it, no second refund goes out; operators end the order."""
    order = pay_by_card(card)
    with forgotten():
        ask(owner, order, at)
    assert not Refund.objects.exists()
    assert recover(at) == (0, 0, 0, 1)
    with pytest.raises(Refusal) as refused:
        request_refund(owner.actor, fresh(order), at=at)
    assert refused.value.code == "payment_disputed"
    news(card_provider, at)
    assert books() == []

    proposed = propose_refund(finance.actor, fresh(order), reason="refunded before the restore", at=at)
    assert proposed.amount == 0
    approve_refund(administrator.actor, proposed, at=at)
    proposed.refresh_from_db()
    assert (proposed.state, fresh(order).state) == ("succeeded", "refunded")
    assert balance(owner) == 0
    assert books() == []


def test_refunded_in_part_since(
    pay_by_card: Pay, owner: Person, finance: Person, administrator: Person, card_provider: CardProvider,
    at: datetime,
) -> None:  # fmt: skip
    order = pay_by_card("success")
    card_provider.refund_in_dashboard(card_provider.charges()[0]["id"], 300)
    assert recover(at) == (0, 0, 0, 1)
    proposed = propose_refund(finance.actor, fresh(order), reason="the rest", at=at)
    approve_refund(administrator.actor, proposed, at=at)
    settle(at)
    assert sum(one["amount"] for one in card_provider.refunds()) == order.total
    assert fresh(order).state == "refunded"
    assert books() == []


def test_sent_once_more_since(
    pay_by_card: Pay, owner: Person, card_provider: CardProvider, at: datetime
) -> None:
    """The backup knows the refund under the key that failed; the one that followed is gone on with."""
    order = pay_by_card("success")
    made = request_refund(owner.actor, fresh(order), at=at)
    attempt = RefundAttempt.objects.get()
    with forgotten():
        returning.start_anew(attempt, "a fault", clock.system_now())
        settle(at)
    assert len(card_provider.refunds()) == 1
    assert recover(at) == (0, 0, 1, 0)
    made.refresh_from_db()
    assert made.state == "succeeded"
    assert len(card_provider.refunds()) == 1
    assert balance(owner) == 0
    assert books() == []


def test_a_refund_that_was_under_way_is_not_made_again(
    pay_by_card: Pay, owner: Person, card_provider: CardProvider, at: datetime
) -> None:
    order = pay_by_card("success")
    made = request_refund(owner.actor, fresh(order), at=at)
    with forgotten():
        settle(at)
    card_provider.forget_keys()
    assert recover(at) == (0, 0, 0, 0)
    made.refresh_from_db()
    assert made.state == "succeeded"
    assert len(card_provider.refunds()) == 1
    assert books() == []


def test_it_does_not_end_while_the_provider_is_away(
    pay_by_card: Pay, card_provider: CardProvider, at: datetime
) -> None:
    card_provider.stop()
    with pytest.raises(Refusal) as refused:
        reconcile(at, clock.system_now())
    assert refused.value.code == "provider_unavailable"


def ask(owner: Person, order: Order, at: datetime) -> None:
    request_refund(owner.actor, fresh(order), at=at)
    pursue_return(Return.objects.get().pk, at, clock.system_now())


def news(card_provider: CardProvider, at: datetime) -> None:
    """The provider's webhooks, once it has made up its mind."""
    for one in card_provider.refunds():
        card_provider.wait_for(one["id"], "succeeded")
        receive_webhook(CARD, "evt_1", "refund.updated", {"id": one["id"]}, at, clock.system_now())
