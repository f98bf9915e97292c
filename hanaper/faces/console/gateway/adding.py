"""Adding a domain, in two steps: which one, then with which certificate, or whence one, and its origin."""

from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from hanaper.apps.gateway import queries, services
from hanaper.apps.gateway.models import GatewayInstance
from hanaper.core.errors import InvalidInput, Refusal
from hanaper.faces.console.faults import answer
from hanaper.faces.console.gateway import automatic, site_form
from hanaper.faces.console.places import PlaceRequest, customer_page, done

TEMPLATE = "console/gateway/add_domain.html"


@customer_page("GET", "POST")
def add_domain(request: PlaceRequest, gateway: str) -> HttpResponse:
    found = queries.gateway(request.place.actor, gateway)
    given = request.POST if request.method == "POST" else request.GET
    domain = given.get("domain", "").strip()
    content: dict[str, Any] = {
        "gateway": found,
        "given": given,
        "domain": domain,
        "origins": [],
        "tab": "domain",
    }
    if not domain and request.method != "POST":
        return render(request, TEMPLATE, content)
    try:
        content["candidates"] = queries.candidates(found, domain, request.at)
        content["automatic"] = automatic.choices(request, found)
    except InvalidInput as refusal:
        return answer(request, TEMPLATE, content, refusal)
    if request.method != "POST":
        content["site"] = site_form.shown(site_form.new_site())
        return render(request, TEMPLATE, content)
    return _add(request, found, domain, content)


def _add(request: PlaceRequest, found: GatewayInstance, domain: str, content: dict[str, Any]) -> HttpResponse:
    given = request.POST
    site = {**site_form.new_site(), "origins": site_form.origins_of(given)}
    content["site"] = site_form.shown(site)
    certificate, by_itself = automatic.read(given)
    try:
        services.add_domain(
            request.place.actor,
            found,
            domain=domain,
            behaviour=site,
            certificate=certificate,
            automatic=by_itself,
            at=request.at,
        )
    except Refusal as refusal:
        shown = automatic.at_choice(refusal)
        if isinstance(shown, InvalidInput):
            shown = site_form.at_fields(shown)
        return answer(request, TEMPLATE, content, shown, fields=site_form.FIELDS)
    said = _("The domain is added. Set the CNAME now: it proves that the domain is yours.")
    return done(request, said, "gateway", found.public_id)
