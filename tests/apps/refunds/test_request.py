"""Asking for a refund: decided again under the lock, refused without a trace, replayed to the same bytes."""

import json
from datetime import datetime, timedelta

import pytest
from django.db import IntegrityError, transaction

from hanaper import clock
from hanaper.apps.audit.models import AuditEntry
from hanaper.apps.events.models import Event
from hanaper.apps.ledger.models import Transfer
from hanaper.apps.orders.models import Order
from hanaper.apps.payments import sweep as payments
from hanaper.apps.payments.models import Return
from hanaper.apps.refunds.models import Refund
from hanaper.apps.refunds.services import decision_for, give_up, replay, request_refund
from hanaper.core.errors import Forbidden, Refusal
from tests.people import Person
from tests.shop import buy, make_promotion

__all__ = ["make_promotion"]

pytestmark = pytest.mark.django_db(transaction=True)

DV = "hanaper-dv-single-1y"
GATEWAY = "https-gateway-1m"
CA = "private-root-ca"


def settle(at: datetime) -> None:
    payments.sweep(at, clock.system_now() + timedelta(hours=1))


def nothing_happened(order: Order) -> bool:
    """A refusal changes nothing: no row of money, refund, event or audit speaks of it."""
    state = Order.objects.get(pk=order.pk).state
    return (
        state == "paid"
        and not Refund.objects.filter(state__in=["paying", "succeeded"]).exists()
        and not Return.objects.exists()
        and not Transfer.objects.filter(kind__startswith="refund").exists()
        and not Event.objects.filter(kind__startswith="refund").exists()
        and not AuditEntry.objects.filter(action="refund.requested").exists()
    )


def test_a_request_that_waited_for_the_payment(owner: Person, catalogue: None, at: datetime) -> None:
    """Received while the order was being paid, or on a machine whose clock is behind."""
    order = buy(owner, DV, at=at)
    refund = request_refund(owner.actor, order, at=at - timedelta(seconds=3))
    assert refund.requested_at == order.paid_at
    assert replay(refund) == refund.decision.encode()


@pytest.mark.parametrize("product", [DV, GATEWAY, CA, "private-intermediate-ca", "domain-monitoring-12m"])
def test_unused_is_refunded_in_full(product: str, owner: Person, catalogue: None, at: datetime) -> None:
    order = buy(owner, product, at=at)  # R5, R7, D8, D15
    refund = request_refund(owner.actor, order, at=at)
    assert refund.amount == order.money
    assert Order.objects.get().state == "refund_in_progress"  # D11
    settle(at)
    refund.refresh_from_db()
    order.refresh_from_db()
    assert (refund.state, order.state) == ("succeeded", "refunded")  # R6
    assert Event.objects.filter(kind="refund.succeeded", dedupe__contains=refund.public_id).count() == 1
    assert [line.quota_available for line in order.lines.all()] == [0]
    assert replay(refund) == refund.decision.encode()


def test_the_receipt_of_the_request_is_what_counts(owner: Person, catalogue: None, at: datetime) -> None:
    order = buy(owner, DV, at=at)  # D1, D2: paid on the 2nd, the 9th at 23:59:59 is in
    refund = request_refund(owner.actor, order, at=datetime(2026, 3, 9, 23, 59, 59, tzinfo=at.tzinfo))
    settle(at + timedelta(days=20))
    refund.refresh_from_db()
    assert refund.state == "succeeded"
    assert json.loads(replay(refund))["verdict"] == "refundable"


def test_the_first_moment_out_is_refused_and_changes_nothing(
    owner: Person, catalogue: None, at: datetime
) -> None:
    order = buy(owner, DV, at=at)
    with pytest.raises(Refusal) as refused:
        request_refund(owner.actor, order, at=datetime(2026, 3, 10, tzinfo=at.tzinfo))
    assert (refused.value.code, refused.value.clause) == ("refund_refused", "R1")
    assert refused.value.details["decision"]["closes_at"] == "2026-03-10T00:00:00Z"
    assert nothing_happened(order)


def test_bought_in_an_event_that_excludes_refunds(owner: Person, make_promotion, at: datetime) -> None:
    promotion = make_promotion(refundable=False)
    order = buy(owner, DV, at=at, promotion_id=promotion.public_id)
    with pytest.raises(Refusal) as refused:
        request_refund(owner.actor, order, at=at)
    assert refused.value.clause == "R2"
    assert nothing_happened(order)


def test_a_voucher_comes_first_and_never_back(owner: Person, make_voucher, at: datetime) -> None:
    voucher = make_voucher(amount=1000)
    order = buy(owner, DV, at=at, voucher_ids=[voucher.public_id])
    assert request_refund(owner.actor, order, at=at).amount == order.total - 1000  # R3
    voucher.refresh_from_db()
    assert voucher.balance == 0


def test_wholly_covered_has_nothing_to_return(owner: Person, make_voucher, at: datetime) -> None:
    voucher = make_voucher(amount=100_000)
    order = buy(owner, DV, at=at, voucher_ids=[voucher.public_id])  # D6
    with pytest.raises(Refusal) as refused:
        request_refund(owner.actor, order, at=at)
    assert refused.value.clause == "R3"
    assert nothing_happened(order)


def test_a_second_request_shows_the_first(owner: Person, catalogue: None, at: datetime) -> None:
    order = buy(owner, DV, at=at)
    first = request_refund(owner.actor, order, at=at)
    with pytest.raises(Refusal) as refused:
        request_refund(owner.actor, order, at=at)
    assert (refused.value.code, refused.value.clause) == ("refund_in_progress", "D11")
    assert refused.value.details["refund"] == first.public_id
    settle(at)
    with pytest.raises(Refusal) as refused:
        request_refund(owner.actor, order, at=at)
    assert (refused.value.code, refused.value.clause) == ("already_refunded", "R6")
    assert Refund.objects.count() == 1


def test_a_role_that_is_too_small(reader: Person, owner: Person, catalogue: None, at: datetime) -> None:
    order = buy(owner, DV, at=at)
    with pytest.raises(Forbidden):
        request_refund(reader.actor, order, at=at)
    assert nothing_happened(order)


def test_given_up_before_anything_was_paid(
    owner: Person, finance: Person, catalogue: None, at: datetime
) -> None:
    order = buy(owner, DV, at=at)
    refund = request_refund(owner.actor, order, at=at)
    give_up(finance.actor, refund, reason="asked by mistake", at=at)
    order.refresh_from_db()
    assert (refund.state, order.state) == ("given_up", "paid")
    assert decision_for(order, at)[1].verdict == "refundable"
    assert request_refund(owner.actor, order, at=at).state == "paying"
    settle(at)
    with pytest.raises(Refusal) as refused:
        give_up(finance.actor, Refund.objects.get(state="succeeded"), reason="too late", at=at)
    assert refused.value.code == "refund_not_under_way"


def test_one_refund_an_order_by_constraint(owner: Person, catalogue: None, at: datetime) -> None:
    order = buy(owner, DV, at=at)
    first = request_refund(owner.actor, order, at=at)
    with pytest.raises(IntegrityError), transaction.atomic():
        first.pk, first.public_id = None, "rfd_second"
        first.save(force_insert=True)
