"""What the lists offer: what is legal in the row's state, and none else; the same queries however long."""

import re
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from hanaper import clock
from hanaper.apps.certificates.models.certificates import Certificate
from hanaper.apps.gateway.models import GatewayInstance
from hanaper.apps.orders.models import Order
from hanaper.apps.refunds.services import request_refund
from tests.apps.certificates.conftest import *  # noqa: F403 - certificates in every state
from tests.faces.console.private import page, text
from tests.people import Person
from tests.shop import buy, place

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("issuer")]
SINGLE = "hanaper-dv-single-1y"


@pytest.fixture
def at() -> datetime:
    """Pages read the clock: what they show is bought now."""
    return clock.now()


@pytest.fixture
def client(owner: Person) -> Client:
    found = Client()
    found.force_login(owner.user)
    return found


def offered(shown: str, order: Order) -> list[str]:
    """The words of the row's actions."""
    (row,) = [one for one in shown.split("<tr>") if f"/orders/{order.public_id}/" in one]
    actions = row[row.index('<td class="actions">') : row.index("</tr>")]
    return re.findall(r"<a [^>]*>([^<]*)</a>", actions)


def late(owner: Person, at: datetime) -> Order:
    """Nine days ago, unused."""
    order, then = buy(owner, SINGLE, at=at), at - timedelta(days=9)
    Order.objects.filter(pk=order.pk).update(placed_at=then, paid_at=then)
    return order


def test_a_row_offers_what_its_order_allows(
    owner: Person, client: Client, catalogue: None, at: datetime, make_promotion: Callable[..., Any]
) -> None:
    event = make_promotion(refundable=False)
    rows = {
        "unused": (buy(owner, SINGLE, at=at), ["Refund"]),
        "unpaid": (place(owner, SINGLE, at=at), ["Pay"]),
        "bought in an event": (
            buy(owner, SINGLE, at=at, promotion_id=event.public_id), ["Why not refundable"]
        ),
        "too late": (late(owner, at), ["Why not refundable"]),
        "refunded": (buy(owner, SINGLE, at=at), []),
    }  # fmt: skip
    request_refund(owner.actor, rows["refunded"][0], at=at)
    shown = text(client.get(page(owner, "orders")))
    assert {name: offered(shown, order) for name, (order, _) in rows.items()} == {
        name: actions for name, (_, actions) in rows.items()
    }


def test_steps_that_come_first_leave_the_refund_open(
    owner: Person, client: Client, issued: Callable[..., Certificate], at: datetime
) -> None:
    """R10: the panel names the steps, and prepares the plan."""
    certificate = issued(at=at)
    assert offered(text(client.get(page(owner, "orders"))), certificate.order) == ["Refund"]
    panel = client.get(page(owner, "refund-application", certificate.order.public_id))
    assert "Prepare the whole way as a plan" in text(panel)


def test_a_gateway_that_served_somebody_is_not_offered_a_refund(
    owner: Person, client: Client, catalogue: None, at: datetime
) -> None:
    """R18: and no day until which it could be refunded is said."""
    order, then = buy(owner, "https-gateway-3m", at=at), at - timedelta(days=3)
    Order.objects.update(placed_at=then, paid_at=then)  # its window closes this week
    assert ">Refund<" in text(client.get(page(owner, "gateways")))
    assert page(owner, "refund-application", order.public_id) in text(client.get(page(owner, "overview")))
    GatewayInstance.objects.filter(order=order).update(visits=1)
    assert offered(text(client.get(page(owner, "orders"))), order) == ["Why not refundable"]
    gateways = text(client.get(page(owner, "gateways")))
    assert ">Refund<" not in gateways and "refundable" not in gateways
    assert page(owner, "refund-application", order.public_id) not in text(client.get(page(owner, "overview")))


def test_the_page_of_an_order_says_the_same(
    owner: Person, reader: Person, finance: Person, client: Client, catalogue: None, at: datetime
) -> None:
    order = buy(owner, SINGLE, at=at)
    over = late(owner, at)
    link = '<a class="button" href="{}">Refund</a>'
    address = page(owner, "refund-application", order.public_id)
    assert link.format(address) in text(client.get(page(owner, "order", order.public_id)))
    shown = text(client.get(page(owner, "order", over.public_id)))
    assert "Why not refundable" in shown and ">Refund</a>" not in shown
    # Whoever may not ask for it reads the terms.
    for person, where in ((reader, page(owner, "order", order.public_id)), (finance, "")):
        looking = Client()
        looking.force_login(person.user)
        shown = text(looking.get(where or reverse("order", args=["operator", order.public_id])))
        assert ">Refund terms</a>" in shown and ">Refund</a>" not in shown


def test_nothing_is_offered_for_a_certificate_whose_order_is_being_refunded(
    owner: Person, client: Client, pending: Callable[..., Certificate], at: datetime
) -> None:
    """D11, in the console and for programs."""
    certificate = pending(at=at)
    link, address = (
        page(owner, "cancel-apply", certificate.public_id),
        f"/certificates/{certificate.public_id}",
    )
    pages = [page(owner, "certificates"), page(owner, "certificate", certificate.public_id)]
    assert all(link in text(client.get(one)) for one in pages)
    assert "cancel_apply" in owner.rest.get(address).json()["actions"]
    Order.objects.update(state="refund_in_progress")
    assert not any(link in text(client.get(one)) for one in pages)
    assert owner.rest.get(address).json()["actions"] == []
    assert client.post(link).status_code == 409


def test_what_applying_takes_is_said_beside_the_button(
    owner: Person, reader: Person, client: Client, catalogue: None, at: datetime
) -> None:
    """R10: the quota comes back, and until then there is no refund. It is said to whoever has the button."""
    order, said = buy(owner, SINGLE, at=at), "Applying takes one quota of the order."
    looking = Client()
    looking.force_login(reader.user)
    for address in (page(owner, "order", order.public_id), page(owner, "overview")):
        shown = text(client.get(address))
        assert said in shown and 'aria-describedby="takes-quota"' in shown
        assert said not in text(looking.get(address))
    client.post(page(owner, "create-certificate"), {"order": order.public_id})
    for address in (page(owner, "order", order.public_id), page(owner, "overview")):
        assert said not in text(client.get(address))


@pytest.mark.parametrize("listed", ["overview", "orders", "private-ca-orders", "private-cas", "gateways"])
def test_a_list_costs_the_same_however_long(
    owner: Person, client: Client, catalogue: None, at: datetime, listed: str
) -> None:
    counts = []
    for more in (2, 18):
        for _ in range(more):
            for product in (SINGLE, "private-root-ca", "https-gateway-3m", "monitoring-12m"):
                buy(owner, product, at=at)
        then = at - timedelta(days=3)  # windows that close this week
        Order.objects.update(placed_at=then, paid_at=then)
        with CaptureQueriesContext(connection) as asked:
            assert client.get(page(owner, listed)).status_code == 200
        counts.append(len(asked))
    assert counts[0] == counts[1]
