"""Buying: what differs in its term only stands together, with what each term costs."""

from datetime import datetime
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from hanaper.apps.catalog.models import Product
from hanaper.apps.orders.models import Order
from tests.faces.console.private import *  # noqa: F403 - its fixtures
from tests.faces.console.private import page, text
from tests.people import Person
from tests.shop import buy, place

pytestmark = pytest.mark.django_db


def shelves(client: Client, owner: Person, **asked: str) -> dict[str, list[Any]]:
    return dict(client.get(page(owner, "shop"), asked).context["shelves"])


def test_terms_of_a_product_stand_together(owner: Person, client: Client, catalogue: None) -> None:
    found = shelves(client, owner, search="hanaper-dv")
    (family, *others) = found["ssl_certificate"]
    assert [row.code for row, _ in family.offers] == [f"hanaper-dv-single-{years}y" for years in (1, 2, 3)]
    assert [price for _, price in family.offers] == [1900, 3600, 5100]
    assert len(others) == 4 and [row.product.domain_kind for row in others][-1] == "hybrid"


def test_kinds_are_in_the_order_of_the_vocabulary(owner: Person, client: Client, catalogue: None) -> None:
    Product.objects.create(code="z-walk", name="A walk", kind="z_walk")
    kinds = list(shelves(client, owner))
    assert kinds[:2] == ["ssl_certificate", "private_root_ca"] and kinds[-1] == "z_walk"
    (gateway,) = shelves(client, owner)["https_gateway"]
    assert [row.term_months for row, _ in gateway.offers] == [1, 3, 6, 12, 24, 36]


def test_services_that_differ_in_more_stand_alone(owner: Person, client: Client, catalogue: None) -> None:
    Product.objects.create(code="messages-9", name="Certificate messages, 9", kind="message")
    assert [len(family.offers) for family in shelves(client, owner)["message"]] == [1, 1]


def test_what_is_not_sold_in_a_currency_says_so(owner: Person, client: Client, catalogue: None) -> None:
    shown = text(client.get(page(owner, "shop"), {"search": "hanaper-dv-single", "currency": "CHF"}))
    assert "not sold in CHF" in shown and "/shop/hanaper-dv-single-1y/" not in shown
    shown = text(client.get(page(owner, "shop"), {"search": "hanaper-dv-single", "currency": "JPY"}))
    assert "/shop/hanaper-dv-single-1y/?currency=JPY" in shown


def test_what_grcq_counts_is_said_before_it_is_bought(owner: Person, client: Client, catalogue: None) -> None:
    counts = "for each hour one for every started 150 visits, plus one for every started 30 MB"
    (gateway,) = shelves(client, owner)["https_gateway"]
    bought = text(client.get(page(owner, "buy", gateway.offers[0][0].code)))
    assert counts in bought and "includes 300 GRCQ" in bought
    assert text(client.get(page(owner, "shop"))).count(counts) == 1
    assert "GRCQ" not in text(client.get(page(owner, "buy", "hanaper-dv-single-1y")))


def test_a_region_without_a_name_is_said_in_words(owner: Person, client: Client, catalogue: None) -> None:
    shown = text(client.get(page(owner, "buy", "private-root-ca")))
    assert '<option value="default">Default region</option>' in shown


def test_nothing_fits(owner: Person, client: Client, catalogue: None) -> None:
    assert "Nothing fits." in text(client.get(page(owner, "shop"), {"search": "no such thing"}))


def test_what_is_no_currency_is_not_taken_for_another(owner: Person, client: Client, catalogue: None) -> None:
    shown = text(client.get(page(owner, "shop"), {"currency": "xxx"}))
    assert "Nothing here is sold in XXX. Choose one of:" in shown and "USD" in shown and "$" not in shown
    assert "Nothing here" not in text(client.get(page(owner, "shop")))
    address = page(owner, "buy", "hanaper-dv-single-1y")
    refused = client.post(address, {"currency": "Dollars", "order": "yes"})
    assert refused.status_code == 422 and not Order.objects.exists()
    assert [fault.code for fault in refused.context["faults"]["currency"]] == ["unknown_currency"]
    assert 'name="currency" value="DOLLARS"' in text(refused)


def test_a_currency_without_a_price_is_told_at_the_currency(
    owner: Person, client: Client, catalogue: None
) -> None:
    asked = client.get(page(owner, "buy", "hanaper-dv-single-1y"), {"currency": "CHF"})
    (fault,) = asked.context["faults"]["currency"]
    assert fault.message.endswith("is not sold in CHF.") and "lines" not in asked.context["faults"]


def test_a_number_out_of_range_is_told_in_whole_sentences(
    owner: Person, client: Client, catalogue: None
) -> None:
    address = page(owner, "buy", "hanaper-dv-single-1y")
    said = text(client.post(address, {"quantity": "0"}))
    assert "This cannot be ordered. Order between 1 and 1000 of it." in said
    said = text(client.post(address, {"quantity": "0"}, headers={"Accept-Language": "zh-hans"}))
    assert "无法订购。订购数量须在 1 至 1000 之间。" in said
    assert "cannot be ordered" not in said and "无法订购。 " not in said


def test_every_kind_that_is_sold_can_be_chosen(
    owner: Person, administrator: Person, client: Client, catalogue: None
) -> None:
    shown = client.get(page(owner, "shop"))
    assert '<option value="domain_monitoring">Domain monitoring</option>' in text(shown)
    found = shelves(client, owner, kind="domain_monitoring")
    assert list(found) == ["domain_monitoring"]
    shown = client.get(page(owner, "shop"), headers={"Accept-Language": "zh-hans"})
    assert "<h2>域名监控</h2>" in text(shown)
    operator = Client()
    operator.force_login(administrator.user)
    for name in ("vouchers", "catalogue"):
        assert 'value="domain_monitoring"' in text(operator.get(reverse(name, args=["operator"])))


def test_an_order_says_what_is_to_be_paid_until_it_is_paid(
    owner: Person, client: Client, catalogue: None, at: datetime
) -> None:
    unpaid, paid = place(owner, "hanaper-dv-single-1y", at=at), buy(owner, "hanaper-dv-single-1y", at=at)
    shown = text(client.get(page(owner, "order", unpaid.public_id)))
    assert 'data-label="To be paid"' in shown and "Paid in money" not in shown
    assert 'data-label="Paid in money"' in text(client.get(page(owner, "order", paid.public_id)))
    assert client.post(page(owner, "cancel-order", unpaid.public_id)).status_code == 302
    shown = text(client.get(page(owner, "order", unpaid.public_id)))
    assert 'data-label="In money"' in shown and "Paid in money" not in shown
