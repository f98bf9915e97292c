"""Origin and behaviour of a domain: everything that a site can be told, in one form."""

from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from hanaper.apps.gateway import queries, services
from hanaper.core.errors import InvalidInput, Refusal
from hanaper.faces.console.faults import answer
from hanaper.faces.console.gateway import site_form
from hanaper.faces.console.places import PlaceRequest, customer_page, done, go

TEMPLATE = "console/gateway/behaviour.html"


@customer_page("GET", "POST")
def behaviour(request: PlaceRequest, gateway: str) -> HttpResponse:
    found = queries.gateway(request.place.actor, gateway)
    if found.behaviour is None and request.method != "POST":
        return go(request, "gateway", gateway)  # nothing behaves without a domain
    before: dict[str, Any] = found.behaviour or site_form.new_site()
    content: dict[str, Any] = {"gateway": found, "data": found.behaviour, "tab": "behaviour"}
    if request.method != "POST":
        content["site"] = site_form.shown(before)
        return render(request, TEMPLATE, content)
    wanted = site_form.read(request.POST, before)
    content["site"] = site_form.shown(wanted) | site_form.typed(request.POST)
    try:
        services.change_behaviour(request.place.actor, found, wanted, at=request.at)
    except InvalidInput as wrong:
        return answer(request, TEMPLATE, content, site_form.at_fields(wrong), fields=site_form.FIELDS)
    except Refusal as refusal:
        return answer(request, TEMPLATE, content, refusal)
    return done(request, _("It is changed; every node has it within seconds."), "gateway-behaviour", gateway)
