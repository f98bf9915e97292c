"""Search by anything: an id, a domain, a serial number; for operators also an account or an e-mail."""

from collections.abc import Callable
from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from hanaper.apps.accounts import queries as accounts
from hanaper.apps.certificates import queries as certificates
from hanaper.apps.gateway import queries as gateway
from hanaper.apps.ledger import queries as ledger
from hanaper.apps.orders import queries as orders
from hanaper.apps.private_ca import queries as private_ca
from hanaper.apps.refunds import queries as refunds
from hanaper.core.actor import Actor
from hanaper.core.errors import NotFound
from hanaper.faces.console.places import Place, PlaceRequest, go, places_of, shared_page

SHOWN = 20
Finder = Callable[[Actor, str], Any]
Page = tuple[str, str]  # the name of a page, and the id of the thing that it shows


def _itself(name: str, find: Finder) -> Callable[[Place, str], Page]:
    def page(place: Place, public_id: str) -> Page:
        find(place.actor, public_id)
        return name, public_id

    return page


def _plan(place: Place, public_id: str) -> Page:
    """A plan is its customer's; operators look at its order."""
    found = refunds.plan(place.actor, public_id)
    return ("plan", public_id) if place.account else ("order", found.order.public_id)


def _revocation(place: Place, public_id: str) -> Page:
    return "certificate", certificates.revocation(place.actor, public_id).certificate.public_id


def _ceremony(place: Place, public_id: str) -> Page:
    """Of operators, administrators only."""
    if place.account is None and not place.administers:
        raise NotFound("There is no such ceremony.")
    return "ceremony", private_ca.ceremony(place.actor, public_id).public_id


# By the first letters of a public id.
PAGES: dict[str, Callable[[Place, str], Page]] = {
    "ord": _itself("order", orders.order),
    "crt": _itself("certificate", certificates.certificate),
    "rfd": _itself("refund", refunds.refund),
    "pln": _plan,
    "rvk": _revocation,
    "acc": _itself("account", accounts.account),
    "trf": _itself("transfer", ledger.transfer),
    "pca": _itself("private-ca", private_ca.private_ca),
    "cer": _ceremony,
    "gwi": _itself("gateway", gateway.gateway),
    "pct": _itself("private-certificate", private_ca.certificate),
}
FOR_OPERATORS = ("account", "transfer")


@shared_page()
def search(request: PlaceRequest) -> HttpResponse:
    text = request.GET.get("q", "").strip()[:253]
    page = page_of(request.place, text)
    if page:
        return go(request, *page)
    content: dict[str, Any] = {"text": text}
    if text:
        content["certificates"] = certificates.certificates(request.place.actor, search=text).order_by("-id")[
            :SHOWN
        ]
        content["gateways"] = gateway.gateways(request.place.actor, search=text).order_by("-created_at")[
            :SHOWN
        ]
        issued = private_ca.certificates(request.place.actor, search=text)
        content["private_certificates"] = issued.order_by("-id")[:SHOWN]
        if request.place.account is not None:
            content["private_cas"] = private_ca.cas_named(request.place.actor, text)[:SHOWN]
        else:
            if "@" in text:  # an id has its own page
                found = orders.search_orders(request.place.actor, search=text)
                content["orders"] = found.order_by("-placed_at")[:SHOWN]
            content["accounts"] = accounts.accounts_found(request.place.actor, text)[:SHOWN]
    return render(request, "console/search.html", content)


def page_of(place: Place, public_id: str) -> Page | None:
    """The page at this place on which a thing is shown that they may see."""
    of_its_kind = PAGES.get(public_id.split("_", 1)[0])
    if of_its_kind is None:
        return None
    try:
        page = of_its_kind(place, public_id)
    except NotFound:
        return None
    return None if place.account and page[0] in FOR_OPERATORS else page


@never_cache
@login_required
@require_safe
def follow(request: Any, thing: str) -> HttpResponse:
    """Where letters lead: the page of a thing, at the first of the reader's places that has it."""
    for place in places_of(request):
        page = page_of(place, thing)
        if page:
            return redirect(page[0], place.id, page[1])
    raise Http404
