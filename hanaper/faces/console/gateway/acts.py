"""What is done with the domain of an instance: another certificate, a look at DNS, an empty cache."""

from django.http import HttpResponse
from django.utils.translation import gettext as _

from hanaper import clock
from hanaper.apps.gateway import queries, services
from hanaper.core.errors import InvalidInput, Refusal
from hanaper.faces.console.gateway import automatic
from hanaper.faces.console.gateway.instances import shown
from hanaper.faces.console.places import PlaceRequest, customer_page, done


@customer_page("POST")
def change_certificate(request: PlaceRequest, gateway: str) -> HttpResponse:
    found = queries.gateway(request.place.actor, gateway)
    actor = request.place.actor
    wanted, by_itself = automatic.read(request.POST)
    if not wanted and by_itself is None:
        return shown(request, found, InvalidInput("Choose one of the list.", field="certificate"))
    try:
        if by_itself is not None:
            services.make_automatic(actor, found, by_itself, at=request.at)
            return done(request, _("Its certificate comes by itself from now on."), "gateway", gateway)
        services.change_certificate(actor, found, wanted, at=request.at)
    except Refusal as refusal:
        return shown(request, found, automatic.at_choice(refusal))
    said = _("The certificate is changed; no connection is dropped.")
    return done(request, said, "gateway", gateway)


@customer_page("POST")
def retry_certificate(request: PlaceRequest, gateway: str) -> HttpResponse:
    found = queries.gateway(request.place.actor, gateway)
    services.retry(request.place.actor, found, at=request.at)
    return done(request, _("It is being tried again."), "gateway", gateway)


@customer_page("POST")
def look_again(request: PlaceRequest, gateway: str) -> HttpResponse:
    services.look_again(request.place.actor, queries.gateway(request.place.actor, gateway))
    return done(request, _("DNS is being looked at."), "gateway", gateway)


@customer_page("POST")
def purge(request: PlaceRequest, gateway: str) -> HttpResponse:
    """One address, or everything where none is given."""
    actor, found = request.place.actor, queries.gateway(request.place.actor, gateway)
    if address := request.POST.get("address", "").strip():
        try:
            services.purge_address(actor, found, address, at=request.at, system_at=clock.system_now())
        except InvalidInput as refusal:
            return shown(request, found, refusal)
        return done(request, _("Every node forgets this address."), "gateway", gateway)
    services.purge(actor, found, at=request.at)
    said = _("Everything that was cached is forgotten: the nodes ask the origin again.")
    return done(request, said, "gateway", gateway)
