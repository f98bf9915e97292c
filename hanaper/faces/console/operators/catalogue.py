"""Products and their prices."""

from typing import Any

from django.http import HttpResponse
from django.utils.translation import gettext as _

from hanaper.apps.catalog import queries, services
from hanaper.core.actor import StaffRole
from hanaper.core.errors import Refusal
from hanaper.faces.console.amounts import amount_of, currency_of, moment_of, number_of
from hanaper.faces.console.faults import answer
from hanaper.faces.console.places import PlaceRequest, done, operator_page
from hanaper.storage.paging import page

TEXT = ("code", "name", "kind", "brand", "level", "domain_kind")
NUMBERS = ("years", "term_months", "grcq_included", "certificates_included")
TICKS = ("publicly_trusted", "needs_id_number")


@operator_page("GET", "POST")
def products(request: PlaceRequest) -> HttpResponse:
    """Every product, withdrawn ones too; administrators add one."""
    refusal = None
    if request.method == "POST":
        try:
            made = services.create_product(request.place.actor, **_columns(request.POST), at=request.at)
            return done(request, _("The product is made; set its price."), "catalogue-product", made.code)
        except Refusal as met:
            refusal = met
    search = request.GET.get("search", "").strip()
    found = queries.products(search=search, include_withdrawn=True)
    listed = page(queries.with_prices(found, request.at), sort="code", cursor=request.GET.get("cursor"))
    content = {
        "rows": [(row, queries.current_prices(row)) for row in listed.rows],
        "next_cursor": listed.next_cursor,
        "search": search,
        "kinds": queries.kinds(),
        "given": request.POST,
    }
    return answer(request, "console/operators/catalogue.html", content, refusal)


def _columns(given: Any) -> dict[str, Any]:
    numbers = {name: number_of(given.get(name, ""), name) or 0 for name in NUMBERS}
    return {
        **{name: given.get(name, "").strip() for name in TEXT},
        **numbers,
        "years": numbers["years"] or 1,
        **{name: given.get(name) == "yes" for name in TICKS},
    }


@operator_page(role=StaffRole.ADMINISTRATOR)
def product(request: PlaceRequest, product: str) -> HttpResponse:
    return _shown(request, product)


@operator_page("POST", role=StaffRole.ADMINISTRATOR)
def price(request: PlaceRequest, product: str) -> HttpResponse:
    """What it costs from a moment on; without an amount it is no longer sold in that currency."""
    try:
        currency = currency_of(request.POST.get("currency", ""))
        services.set_price(
            request.place.actor,
            queries.product(product),
            currency=currency,
            amount=amount_of(request.POST.get("amount", ""), currency),
            valid_from=moment_of(request.POST.get("valid_from", ""), "valid_from", request.at),
            at=request.at,
        )
    except Refusal as refusal:
        return _shown(request, product, refusal)
    return done(request, _("The price is set."), "catalogue-product", product)


@operator_page("POST", role=StaffRole.ADMINISTRATOR)
def change(request: PlaceRequest, product: str) -> HttpResponse:
    """Rename it, withdraw it, or sell it again."""
    active = request.POST.get("is_active")
    try:
        services.update_product(
            request.place.actor,
            queries.product(product),
            name=request.POST.get("name", "").strip() or None,
            is_active=None if active is None else active == "yes",
            at=request.at,
        )
    except Refusal as refusal:
        return _shown(request, product, refusal)
    return done(request, _("The product is changed."), "catalogue-product", product)


def _shown(request: PlaceRequest, product: str, refusal: Refusal | None = None) -> HttpResponse:
    found = queries.product(product, request.at)
    content = {
        "product": found,
        "current": queries.current_prices(found),
        "prices": queries.price_history(request.place.actor, found).order_by("-valid_from", "-pk")[:100],
        "given": request.POST,
    }
    return answer(request, "console/operators/product.html", content, refusal)
