"""Buying: the catalogue, what it will cost and which refund terms will hold, and the order."""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from itertools import groupby
from typing import Any

from django.conf import settings
from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from hanaper.apps.catalog import queries as catalogue
from hanaper.apps.catalog.models import Product
from hanaper.apps.catalog.quotes import LineDraft
from hanaper.apps.catalog.vocabulary import PRIVATE_CAS, CertificateLevel, DomainKind, ProductKind
from hanaper.apps.orders import services
from hanaper.core.errors import InvalidInput, Refusal
from hanaper.faces.console.faults import answer
from hanaper.faces.console.places import PlaceRequest, customer_page, done
from hanaper.storage.paging import MAX_LIMIT, page

FILTERS = ("kind", "brand", "level", "domain_kind")
TERMS = ("1", "2", "3")
SOLD_BY_TERM = (ProductKind.SSL_CERTIFICATE, ProductKind.HTTPS_GATEWAY, *PRIVATE_CAS)


@dataclass(frozen=True, slots=True)
class Family:
    """Products that differ in their term only, each with its price; None: not sold in that currency."""

    product: Product
    offers: list[tuple[Product, int | None]] = field(default_factory=list)


@customer_page()
def products(request: PlaceRequest) -> HttpResponse:
    wanted: dict[str, Any] = {name: request.GET.get(name, "") for name in FILTERS}
    years, search = request.GET.get("years", ""), request.GET.get("search", "")
    found = catalogue.products(**wanted, years=int(years) if years in TERMS else None, search=search)
    priced, cursor = catalogue.with_prices(found, request.at), request.GET.get("cursor")
    listed = page(priced, sort="code", cursor=cursor, limit=MAX_LIMIT)
    currency = _currency(request.GET)
    sold_in = {code for row in listed.rows for code in catalogue.current_prices(row)}
    content = {
        "sold_in": sorted(sold_in) if currency not in sold_in else [],
        "shelves": _shelves(listed.rows, currency),
        "next_cursor": listed.next_cursor,
        "promotions": catalogue.running_promotions(request.at).order_by("ends_at")[:5],
        "currency": currency,
        "wanted": wanted,
        "kinds": catalogue.kinds(),
        "levels": list(CertificateLevel),
        "terms": TERMS,
        "years": years,
        "search": search,
    }
    return render(request, "console/products.html", content)


def _shelves(rows: Iterable[Product], currency: str) -> list[tuple[str, list[Family]]]:
    """By kind and then by family, in the order of the vocabulary; kinds that it does not know come last."""
    shelves = []
    by_term = sorted(rows, key=lambda row: (_family(row), row.term_months or row.years * 12, row.code))
    for (_rank, kind), shelf in groupby(by_term, key=lambda row: _family(row)[:2]):
        families = []
        for _alike, members in groupby(shelf, key=_family):
            offers = [(row, catalogue.current_prices(row).get(currency)) for row in members]
            families.append(Family(offers[0][0], offers))
        shelves.append((kind, families))
    return shelves


def _family(row: Product) -> tuple[int, str, str, int, int, int, str]:
    """What products of one family have in common, and how families are sorted."""
    alone = "" if row.kind in SOLD_BY_TERM else row.code
    levels, names = list(CertificateLevel), list(DomainKind)
    level = levels.index(CertificateLevel(row.level)) if row.level else 0
    name = names.index(DomainKind(row.domain_kind)) if row.domain_kind else 0
    kinds: list[str] = list(ProductKind)
    rank = kinds.index(row.kind) if row.kind in kinds else len(kinds)
    return rank, row.kind, row.brand, level, name, row.certificates_included, alone


@customer_page("GET", "POST")
def buy(request: PlaceRequest, product: str) -> HttpResponse:
    """The quote of what the form says; with `order` pressed, the order, at the price that was shown."""
    given = request.POST if request.method == "POST" else request.GET
    row = catalogue.product(product, request.at)
    content: dict[str, Any] = {
        "product": row,
        "given": given,
        "currency": _currency(given),
        "vouchers": catalogue.vouchers(request.place.actor)
        .filter(balance__gt=0, expires_at__gt=request.at, withdrawn_at=None)
        .order_by("expires_at")[:20],
        "promotions": catalogue.running_promotions(request.at).order_by("ends_at")[:20],
        "chosen_vouchers": given.getlist("voucher"),
        "regions": settings.REGIONS if row.kind in PRIVATE_CAS else [],
    }
    try:
        drafted = _drafted(given, product)
        if request.method == "POST" and given.get("order"):
            order = services.place_order(
                request.place.actor,
                account=request.account,
                region=given.get("region", ""),
                expected_money=_seen(given),
                at=request.at,
                **drafted,
            )
            return done(request, _("The order is placed."), "order", order.public_id)
        content["quote"] = services.quote_for(
            request.place.actor, account=request.account, at=request.at, **drafted
        )
    except Refusal as refusal:
        return answer(request, "console/buy.html", content, _at_the_currency(refusal))
    return answer(request, "console/buy.html", content)


def _at_the_currency(refusal: Refusal) -> Refusal:
    """Of a line that is not sold in the currency of the form, the currency is what was wrong."""
    if isinstance(refusal, InvalidInput):
        refusal.faults = tuple(
            replace(fault, field="currency") if fault.code == "not_sold_in_currency" else fault
            for fault in refusal.faults
        )
    return refusal


def _drafted(given: Any, product: str) -> dict[str, Any]:
    quantity = given.get("quantity", "1").strip()
    if not quantity.isascii() or not quantity.isdigit() or len(quantity) > 6:
        raise InvalidInput("A quantity is a whole number.", field="lines")
    return {
        "lines": [LineDraft(product, int(quantity))],
        "currency": _currency(given),
        "coupon_code": given.get("coupon", "").strip(),
        "voucher_ids": [one.strip() for one in given.getlist("voucher") if one.strip()],
        "promotion_id": given.get("promotion", "").strip(),
    }


def _seen(given: Any) -> int | None:
    seen = given.get("expected_money", "")
    return int(seen) if seen.isascii() and seen.isdigit() and len(seen) < 17 else None


def _currency(given: Any) -> str:
    """What was typed, if anything was: a currency in which nothing is sold is said to be one."""
    return given.get("currency", "").strip().upper() or settings.CURRENCY
