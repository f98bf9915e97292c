"""The plan's page before it is confirmed, a refund's timeline, and what the overview says was spent."""

import re
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.test import Client

from hanaper import clock
from hanaper.apps.certificates.models.certificates import Certificate
from hanaper.apps.orders.models import Order
from hanaper.apps.orders.terms import window_closes_at
from hanaper.apps.payments.models import PaymentPart
from hanaper.apps.refunds import services
from hanaper.apps.refunds.models import RefundPlan
from hanaper.core.calendar import Counting
from hanaper.core.refund.words import deadline
from tests.apps.certificates.conftest import *  # noqa: F403 - certificates in every state
from tests.people import Person
from tests.shop import *  # noqa: F403 - promotions
from tests.shop import buy, place

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("issuer")]


@pytest.fixture
def read(owner: Person) -> Callable[[str], str]:
    client = Client()
    client.force_login(owner.user)

    def page(path: str) -> str:
        answer = client.get(f"/a/{owner.account.public_id}/{path}")  # type: ignore[union-attr]
        assert answer.status_code == 200
        return re.sub(r"\s+", " ", re.sub("<[^>]+>", " ", answer.content.decode()))

    return page


def test_a_plan_says_what_goes_back_and_until_when(
    owner: Person, issued: Callable[..., Certificate], read: Callable[[str], str]
) -> None:
    """Before the first irreversible step: the dates of D12, and the certificates by their names."""
    one = issued(domains=["planned.example.com"], at=clock.now())
    plan = services.prepare_plan(owner.actor, one.order, at=clock.now())
    page = read(f"plans/{plan.public_id}/")
    assert "Revoke planned.example.com" in page
    assert (
        "What goes back" in page and "Too late from" in page and "Revoke by, to be reviewed in time" in page
    )
    assert re.search(r"Revoke by, to be reviewed in time [^<]*? \(UTC\)", page)
    RefundPlan.objects.update(decision={**plan.decision, "revoke_by": "2020-01-01"})
    assert "has passed" in read(f"plans/{plan.public_id}/")


def test_later_years_go_by_the_names_of_the_first(
    owner: Person, issued: Callable[..., Certificate], read: Callable[[str], str]
) -> None:
    one = issued("hanaper-dv-single-3y", domains=["years.example.com"], at=clock.now())
    plan = services.prepare_plan(owner.actor, one.order, at=clock.now())
    page = read(f"plans/{plan.public_id}/")
    assert "Cancel years.example.com, year 2" in page and "Cancel years.example.com, year 3" in page
    assert "Revoke years.example.com crt_" in page


def test_a_refund_is_told_from_its_order_to_the_ledger(
    owner: Person, catalogue: None, read: Callable[[str], str], at: datetime
) -> None:
    order = buy(owner, "hanaper-dv-single-1y", at=at)
    refund = services.request_refund(owner.actor, order, at=at + timedelta(hours=1))
    page = read(f"refunds/{refund.public_id}/")
    told = ["Order placed", "Order paid", "Refund asked for", "Sent on its way", "Refund reserved"]
    assert [page.find(what) for what in told] == sorted(page.find(what) for what in told)
    assert all(what in page for what in told) and "what was paid → set aside for the refund" in page


def test_a_proposal_is_approved_by_somebody_else(
    owner: Person, finance: Person, administrator: Person, catalogue: None, at: datetime
) -> None:
    """Whoever proposed a refund by hand is offered no Approve, and nobody is told that nothing was paid (R14)."""
    order = buy(owner, "hanaper-dv-single-1y", at=at)
    refund = services.propose_refund(finance.actor, order, reason="goodwill", at=at)
    for person, approves in ((finance, False), (administrator, True)):
        client = Client()
        client.force_login(person.user)
        page = client.get(f"/operator/refunds/{refund.public_id}/").content.decode()
        assert (">Approve<" in page) is approves and ("You proposed it" in page) is not approves
        assert ">Decline<" in page and "Nothing goes back before a second person approves it." in page
        assert "Nothing was paid in money" not in page
    services.decline_refund(administrator.actor, refund, reason="no", at=at)
    page = client.get(f"/operator/refunds/{refund.public_id}/").content.decode()
    assert "Nothing went back." in page and ">Decline<" not in page


def test_what_applying_means_for_a_refund_is_said_where_one_is_possible(
    owner: Person, catalogue: None, make_promotion: Any, read: Callable[[str], str]
) -> None:
    now = clock.now()
    event = make_promotion(
        refundable=False, starts_at=now - timedelta(days=1), ends_at=now + timedelta(days=1)
    )
    usual, without = (
        buy(owner, "hanaper-dv-single-1y", at=now, promotion_id=promotion)
        for promotion in (None, event.public_id)
    )
    said = "The order can then be refunded only once"
    assert said in read(f"orders/{usual.public_id}/")
    page = read(f"orders/{without.public_id}/")
    assert said not in page and "Apply for a certificate" in page


def test_what_went_back_was_not_spent(owner: Person, catalogue: None, read: Callable[[str], str]) -> None:
    now = clock.now()
    kept, returned = (buy(owner, "hanaper-dv-single-1y", at=now) for _ in range(2))
    PaymentPart.objects.filter(payment=returned.payment).update(refunded=returned.money)
    Order.objects.filter(pk=returned.pk).update(state="refunded", refunded_at=now)
    page = read("overview/")
    spent = page[page.index("Spending in USD") :]
    assert f"${kept.money / 100:.2f}" in spent and f"${2 * kept.money / 100:.2f}" not in spent


def test_the_means_that_was_refused_stays_chosen(owner: Person, catalogue: None, at: datetime) -> None:
    """Otherwise a second try would be taken from the balance."""
    order = place(owner, "hanaper-dv-single-1y", at=clock.now())
    client = Client()
    client.force_login(owner.user)
    address = f"/a/{owner.account.public_id}/orders/{order.public_id}/pay/"  # type: ignore[union-attr]
    answer = client.post(address, {"means": "card", "number": "12345", "expiry": "12/30"})
    chosen = re.findall(r'<input type="radio" id="(\S+)"[^>]* checked', answer.content.decode())
    assert answer.status_code in (409, 422) and chosen == ["by-card"]


def test_lists_say_the_last_day_as_a_decision_does(
    owner: Person, catalogue: None, read: Callable[[str], str], at: datetime
) -> None:
    for product in ("private-root-ca", "https-gateway-3m"):
        order = buy(owner, product, at=clock.now())
    closes_at = window_closes_at(order)
    assert closes_at is not None
    said = deadline(closes_at, ZoneInfo("UTC"), Counting.CALENDAR_DAYS)
    assert said.startswith("the end of ") and said.endswith(" (UTC)")
    assert f"Refund window closes {said}" in read(f"orders/{order.public_id}/")
    assert said in read("orders/")
    for listed in ("gateways/", "private-cas/"):
        assert f"refundable until {said}" in read(listed)


def test_the_statement_leads_to_orders_and_tells_what_became_of_a_hold(
    owner: Person, catalogue: None, read: Callable[[str], str], at: datetime
) -> None:
    order = buy(owner, "hanaper-dv-single-1y", at=at)
    page = read("balance/")
    assert f"Paid from the balance {order.public_id}" in page
    assert "Held for an order" not in page and "pap_" not in page
