"""Private CAs and gateway instances: what an account bought of them, and the way to their refunds."""

from typing import Any

from django.http import HttpResponse
from django.shortcuts import render

from hanaper.apps.catalog.vocabulary import ProductKind
from hanaper.apps.gateway import queries as gateway
from hanaper.apps.orders import queries as orders
from hanaper.apps.orders.terms import window_closes_at
from hanaper.apps.orders.vocabulary import OrderState
from hanaper.apps.private_ca import queries as private_ca
from hanaper.faces.console.places import PlaceRequest, customer_page
from hanaper.storage.paging import page

OF_PRIVATE_CAS = (ProductKind.PRIVATE_ROOT_CA, ProductKind.PRIVATE_INTERMEDIATE_CA)


@customer_page()
def private_cas(request: PlaceRequest) -> HttpResponse:
    """Tab Private CAs."""
    found = private_ca.private_cas(request.place.actor)
    listed = page(found, sort="-created_at", cursor=request.GET.get("cursor"))
    content = {"rows": listed.rows, "next_cursor": listed.next_cursor, "tab": "private-cas"}
    return render(request, "console/private_cas.html", content)


@customer_page()
def private_ca_orders(request: PlaceRequest) -> HttpResponse:
    """Tab Order Refund Management, for the orders of CAs."""
    found = orders.orders(request.place.actor).filter(product_kind__in=OF_PRIVATE_CAS)
    listed = page(found, sort="-placed_at", cursor=request.GET.get("cursor"))
    rows: list[Any] = []
    for row in listed.rows:
        closes_at = window_closes_at(row) if row.state == OrderState.PAID else None
        rows.append((row, closes_at if closes_at and closes_at > request.at else None))
    content = {"orders": rows, "next_cursor": listed.next_cursor, "tab": "private-ca-orders"}
    return render(request, "console/private_cas.html", content)


@customer_page()
def gateways(request: PlaceRequest) -> HttpResponse:
    """Tab Domain Name Management."""
    found = gateway.gateways(request.place.actor)
    listed = page(found, sort="-created_at", cursor=request.GET.get("cursor"))
    return render(request, "console/gateways.html", {"rows": listed.rows, "next_cursor": listed.next_cursor})
