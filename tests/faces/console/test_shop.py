"""Buying: what differs in its term only stands together, with what each term costs."""

from typing import Any

import pytest
from django.test import Client

from hanaper.apps.catalog.models import Product
from tests.faces.console.private import *  # noqa: F403 - its fixtures
from tests.faces.console.private import page, text
from tests.people import Person

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


def test_nothing_fits(owner: Person, client: Client, catalogue: None) -> None:
    assert "Nothing fits." in text(client.get(page(owner, "shop"), {"search": "no such thing"}))
