"""Buying: the catalogue, what it will cost and which refund terms will hold, and the order."""

from typing import Any

from django.conf import settings
from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from hanaper.apps.catalog import queries as catalogue
from hanaper.apps.catalog.quotes import LineDraft
from hanaper.apps.catalog.vocabulary import ProductKind
from hanaper.apps.orders import services
from hanaper.core.errors import InvalidInput, Refusal
from hanaper.core.money import is_currency
from hanaper.faces.console.faults import answer
from hanaper.faces.console.places import PlaceRequest, customer_page, done
from hanaper.storage.paging import page

FILTERS = ("kind", "brand", "level", "domain_kind")
LEVELS = ("dv", "ov", "ev")
TERMS = ("1", "2", "3")


@customer_page()
def products(request: PlaceRequest) -> HttpResponse:
    wanted: dict[str, Any] = {name: request.GET.get(name, "") for name in FILTERS}
    years, search = request.GET.get("years", ""), request.GET.get("search", "")
    found = catalogue.products(**wanted, years=int(years) if years in TERMS else None, search=search)
    listed = page(catalogue.with_prices(found, request.at), sort="code", cursor=request.GET.get("cursor"))
    currency = _currency(request.GET)
    content = {
        "products": [(row, catalogue.current_prices(row).get(currency)) for row in listed.rows],
        "next_cursor": listed.next_cursor,
        "promotions": catalogue.running_promotions(request.at).order_by("ends_at")[:5],
        "currency": currency,
        "wanted": wanted,
        "kinds": list(ProductKind),
        "levels": LEVELS,
        "terms": TERMS,
        "years": years,
        "search": search,
    }
    return render(request, "console/products.html", content)


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
    }
    try:
        drafted = _drafted(given, product)
        if request.method == "POST" and given.get("order"):
            order = services.place_order(
                request.place.actor,
                account=request.account,
                expected_money=_seen(given),
                at=request.at,
                **drafted,
            )
            return done(request, _("The order is placed."), "order", order.public_id)
        content["quote"] = services.quote_for(
            request.place.actor, account=request.account, at=request.at, **drafted
        )
    except Refusal as refusal:
        return answer(request, "console/buy.html", content, refusal)
    return answer(request, "console/buy.html", content)


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
    wanted = given.get("currency", "").strip().upper()
    return wanted if is_currency(wanted) else settings.CURRENCY
