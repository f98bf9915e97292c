"""The order's part of the facts is what SPEC section 7 says, and the core can read it."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.conf import LazySettings

from hanaper.apps.orders import quota, services
from hanaper.apps.orders.evidence import order_facts
from hanaper.apps.orders.models import Order
from hanaper.apps.orders.products import product_for
from hanaper.apps.orders.vocabulary import OrderOrigin
from hanaper.core.refund import decide, read_facts
from hanaper.core.refund.policy import SHIPPED_POLICIES
from tests.people import Person
from tests.shop import SINGLE, Make, buy, pay_by_balance, place

OTHERS = ["private-root-ca", "private-intermediate-ca", "https-gateway-1m", "message-1000"]


def facts_of(order: Order, at: datetime) -> dict[str, Any]:
    order.refresh_from_db()
    return {"order": order_facts(order), **product_for(order.product_kind).evidence([order], at)[order.pk]}


def test_every_field(owner: Person, make_voucher: Make, make_promotion: Make, at: datetime) -> None:
    voucher, promotion = make_voucher(), make_promotion()
    later = at + timedelta(seconds=1, microseconds=5)
    order = place(owner, SINGLE, at=at, voucher_ids=[voucher.public_id], promotion_id=promotion.public_id)
    order = pay_by_balance(owner, order, later)
    assert order_facts(order) == {
        "id": order.public_id,
        "product": "ssl_certificate",
        "origin": "purchase",
        "placed_at": "2026-03-02T09:00:00Z",
        "paid_at": "2026-03-02T09:00:01.000005Z",
        "currency": "USD",
        "years": 1,
        "combined": False,
        "payments": [{"means": "voucher", "amount": 5000}, {"means": "balance", "amount": 2200}],
        "promotion": {"id": promotion.public_id, "policy": {"refundable": True, "days": 3}},
        "policy": "2024-10-25",
        "zone": "UTC",
        "calendar": {"name": "none", "closed": [], "open": [], "day_ends": "18:00"},
        "refund": None,
    }


def test_refund_is_told(owner: Person, catalogue: None, at: datetime) -> None:
    order = buy(owner, SINGLE, at=at)
    order = services.begin_refund(owner.actor, order, reference="rfd_x", at=at)
    assert order_facts(order)["refund"] == "in_progress"
    order = services.give_up_refund(owner.actor, order, reference="rfd_x", at=at)
    assert order_facts(order)["refund"] is None
    order = services.begin_refund(owner.actor, order, reference="rfd_y", at=at)
    order = services.finish_refund(owner.actor, order, reference="rfd_y", at=at)
    assert order_facts(order)["refund"] == "succeeded"


def test_origin_years_and_combining(owner: Person, catalogue: None, at: datetime) -> None:
    order = buy(owner, "chancery-dv-single-3y", at=at, origin=OrderOrigin.EARLY_RENEWAL, renews="crt_x")
    line = order.lines.get()
    quota.take(line, "crt_a", at)
    quota.combine(line, "crt_b", at, bars_refund=True)
    order.refresh_from_db()
    told = order_facts(order)
    assert (told["origin"], told["years"], told["combined"]) == ("early_renewal", 3, True)


@pytest.mark.parametrize("code", OTHERS)
def test_unused_products_are_refundable(owner: Person, catalogue: None, at: datetime, code: str) -> None:
    order = buy(owner, code, at=at)
    facts = read_facts(facts_of(order, at))
    decision = decide(facts, SHIPPED_POLICIES[order.policy], at)
    assert (decision.verdict, decision.amount.total) == ("refundable", order.money)


@pytest.mark.parametrize("code", OTHERS)
def test_unpaid_orders_make_sense_and_are_refused(
    owner: Person, catalogue: None, at: datetime, code: str
) -> None:
    order = place(owner, code, at=at)
    told = facts_of(order, at)
    assert (told["order"]["paid_at"], told["order"]["payments"]) == (None, [])
    decision = decide(read_facts(told), SHIPPED_POLICIES[order.policy], at)
    assert (decision.verdict, decision.reasons[0].clause) == ("refused", "R3")


@pytest.mark.parametrize("code", OTHERS)
def test_refunded_products_say_so(owner: Person, catalogue: None, at: datetime, code: str) -> None:
    order = services.begin_refund(owner.actor, buy(owner, code, at=at), reference="rfd_x", at=at)
    order = services.finish_refund(owner.actor, order, reference="rfd_x", at=at)
    decision = decide(read_facts(facts_of(order, at)), SHIPPED_POLICIES[order.policy], at)
    assert (decision.verdict, decision.reasons[0].clause) == ("refused", "R6")


def test_a_holiday_calendar_is_pinned(
    owner: Person, catalogue: None, at: datetime, settings: LazySettings
) -> None:
    # D10: make-up working Saturdays included
    settings.COUNTRY, settings.ZONE = "CN", "Asia/Shanghai"
    order = buy(owner, "message-1000", at=at)
    settings.COUNTRY, settings.ZONE = "none", "UTC"
    told = order_facts(order)
    assert (told["zone"], told["calendar"]["name"]) == ("Asia/Shanghai", "CN")
    assert "2026-10-10" in told["calendar"]["open"]
    assert "2026-10-01" in told["calendar"]["closed"]
    read_facts(facts_of(order, at))
