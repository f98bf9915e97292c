"""Reset, in two steps (R18): what it takes off, then OK."""

from typing import Any

from django.http import HttpResponse
from django.utils.translation import gettext as _

from hanaper.apps.gateway import queries, services
from hanaper.core.errors import InvalidInput, Refusal
from hanaper.faces.console.faults import answer
from hanaper.faces.console.gateway.instances import outlook_of
from hanaper.faces.console.places import PlaceRequest, customer_page, done


@customer_page("GET", "POST")
def reset(request: PlaceRequest, gateway: str) -> HttpResponse:
    """The answer to OK where the domain changed meanwhile is the warning as it is now."""
    actor, found = request.place.actor, queries.gateway(request.place.actor, gateway)
    refused: Refusal | None = None
    if request.method == "POST":
        confirmation = request.POST.get("confirmation", "")
        try:
            services.reset_gateway(actor, found, confirmation=confirmation, at=request.at)
        except InvalidInput as refusal:
            refused = refusal
        else:
            return done(request, _("The reset is accepted."), "gateway", gateway)
    content: dict[str, Any] = {
        "gateway": found,
        "outlook": outlook_of(found, request.at),
        "warned": services.prepare_reset(actor, found, at=request.at) if request.place.may_write else None,
        "tab": "domain",
    }
    return answer(request, "console/gateway/reset.html", content, refused)
