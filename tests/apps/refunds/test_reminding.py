"""One reminder an order, about two days before its window closes, while something is unused and refundable."""

from datetime import timedelta

import pytest

from hanaper import clock
from hanaper.apps.events.models import Event
from hanaper.apps.orders.models import Order
from hanaper.apps.refunds.services import decision_for, reminding, request_refund
from hanaper.apps.refunds.services.reminding import remind
from hanaper.apps.refunds.sweep import sweep
from tests.shop import buy, place

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("issuer")]
DAY, SECOND = timedelta(days=1), timedelta(seconds=1)
DV = "hanaper-dv-single-1y"


def told() -> list[str]:
    events = Event.objects.filter(kind="refund.window_closing").order_by("pk")
    return [event.subject for event in events]


def closing(order, at):
    return decision_for(order, at)[1].closes_at


@pytest.mark.parametrize("product", [DV, "https-gateway-1m", "domain-monitoring-12m"])
def test_an_unused_order_is_reminded_of_once(owner, catalogue, at, product):
    order = buy(owner, product, at=at)
    closes_at = closing(order, at)
    sweep(at, clock.system_now())
    assert Order.objects.get(pk=order.pk).refund_look_at == closes_at - 2 * DAY
    remind(closes_at - 2 * DAY - SECOND, 100)
    assert told() == []
    remind(closes_at - 2 * DAY, 100)
    remind(closes_at - DAY, 100)
    assert told() == [order.public_id]
    assert Order.objects.get(pk=order.pk).refund_look_at is None
    event = Event.objects.get(kind="refund.window_closing")
    assert event.account == owner.account and event.data["price"].endswith(" USD")


def test_a_certificate_that_was_issued_is_used(owner, issued, at):
    certificate = issued()
    closes_at = closing(certificate.order, at)
    remind(at, 100)
    remind(closes_at - 2 * DAY, 100)
    assert told() == []


def test_one_of_two_that_waits_is_unused(owner, pending, at):
    certificate = pending()
    closes_at = closing(certificate.order, at)
    remind(at, 100)
    remind(closes_at - DAY, 100)
    assert told() == [certificate.order.public_id]


def test_what_is_refunded_unpaid_or_too_late_is_not_told(owner, catalogue, at):
    refunded, late = buy(owner, DV, at=at), buy(owner, DV, at=at)
    unpaid = place(owner, DV, at=at)
    closes_at = closing(late, at)
    remind(at, 100)
    request_refund(owner.actor, refunded, at=at)
    Order.objects.filter(pk=late.pk).update(refund_look_at=closes_at)
    remind(closes_at, 100)
    assert told() == []
    assert Order.objects.get(pk=unpaid.pk).refund_look_at is None
    assert not Order.objects.exclude(refund_look_at=None).exists()


def test_a_short_window_is_told_at_its_half(owner, make_promotion, at):
    promotion = make_promotion(refund_days=1)
    order = buy(owner, DV, at=at, promotion_id=promotion.public_id)
    remind(at, 100)
    half = order.paid_at + (closing(order, at) - order.paid_at) / 2
    assert Order.objects.get(pk=order.pk).refund_look_at == half
    remind(half, 100)
    assert told() == [order.public_id]


def test_one_that_breaks_holds_up_no_other_and_a_batch_is_bounded(owner, catalogue, at, monkeypatch):
    first, second, third = (buy(owner, DV, at=at) for _ in range(3))
    real = reminding.decision_for

    def broken(order, at):
        if order.pk == first.pk:
            raise ValueError("no facts")
        return real(order, at)

    monkeypatch.setattr(reminding, "decision_for", broken)
    assert remind(at, 2) == 2
    assert Order.objects.get(pk=first.pk).refund_look_at == at + reminding.LATER
    assert Order.objects.get(pk=second.pk).refund_look_at > at + DAY
    assert Order.objects.get(pk=third.pk).refund_look_at == at
