"""Search by anything: an id, a domain, a serial number; for operators also an account or an e-mail."""

from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from hanaper.apps.accounts import queries as accounts
from hanaper.apps.certificates import queries as certificates
from hanaper.apps.orders import queries as orders
from hanaper.apps.refunds import queries as refunds
from hanaper.core.actor import Actor
from hanaper.core.errors import NotFound
from hanaper.faces.console.places import Place, PlaceRequest, go, places_of, shared_page

SHOWN = 20
# By the first letters of a public id: the name of its page, and who finds it.
PAGES: dict[str, tuple[str, Any]] = {
    "ord": ("order", orders.order),
    "crt": ("certificate", certificates.certificate),
    "rfd": ("refund", refunds.refund),
    "pln": ("plan", refunds.plan),
    "acc": ("account", accounts.account),
}


@shared_page()
def search(request: PlaceRequest) -> HttpResponse:
    text = request.GET.get("q", "").strip()[:253]
    page = page_of(request.place, text)
    if page:
        return go(request, page, text)
    content: dict[str, Any] = {"text": text}
    if text:
        content["certificates"] = certificates.certificates(request.place.actor, search=text).order_by("-id")[
            :SHOWN
        ]
        if request.place.account is None:
            if "@" in text:  # an id has its own page
                found = orders.search_orders(request.place.actor, search=text)
                content["orders"] = found.order_by("-placed_at")[:SHOWN]
            content["accounts"] = accounts.accounts_found(request.place.actor, text)[:SHOWN]
    return render(request, "console/search.html", content)


def page_of(place: Place, public_id: str) -> str | None:
    """The page of a thing, if there is one at this place that they may see."""
    page, find = PAGES.get(public_id.split("_", 1)[0], (None, None))
    if (
        page is None
        or find is None
        or (page == "account" and place.account)
        or (page == "plan" and not place.account)
    ):
        return None
    return page if _is_there(find, place.actor, public_id) else None


def _is_there(find: Any, actor: Actor, public_id: str) -> bool:
    try:
        find(actor, public_id)
    except NotFound:
        return False
    return True


@never_cache
@login_required
@require_safe
def follow(request: Any, thing: str) -> HttpResponse:
    """Where letters lead: the page of a thing, at the first of the reader's places that has it."""
    for place in places_of(request):
        page = page_of(place, thing)
        if page:
            return redirect(page, place.id, thing)
    raise Http404
