"""Access keys, for whoever has only a password; a secret is shown once."""

from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from hanaper.apps.accounts import queries, services
from hanaper.core.errors import Refusal
from hanaper.faces.console.faults import shown
from hanaper.faces.console.places import PlaceRequest, done, shared_page

MOST = 200


@shared_page()
def keys(request: PlaceRequest) -> HttpResponse:
    return _keys_page(request)


@shared_page("POST")
def create(request: PlaceRequest) -> HttpResponse:
    """Answers with the page itself: the secret is shown once and goes into no address, cookie or session."""
    place = request.place
    try:
        person = request.POST.get("user")
        user = queries.person_near(place.actor, person) if person else None
        _key, secret = services.create_access_key(
            place.actor, name=request.POST.get("name", ""), account=place.account, user=user, at=request.at
        )
    except Refusal as refusal:
        return _keys_page(request, status=refusal.status, given=request.POST, **shown(refusal))
    return _keys_page(request, secret=secret, status=201)


@shared_page("GET", "POST")
def revoke(request: PlaceRequest, key: str) -> HttpResponse:
    """What ends with a key, and then its end."""
    found = queries.key_for(request.place.actor, key)
    if request.method != "POST":
        return render(request, "console/revoke_key.html", {"key": found})
    services.revoke_access_key(request.place.actor, found, at=request.at)
    return done(request, _("The access key %(name)s is revoked.") % {"name": found.name}, "keys")


def _keys_page(request: PlaceRequest, *, status: int = 200, **more: Any) -> HttpResponse:
    place = request.place
    people = queries.members_of(place.account).order_by("pk")[:MOST] if place.account else []
    given = more.get("given", {})
    content = {
        "acts_for": given.get("user") or getattr(request.user, "public_id", ""),
        "keys": queries.keys_for(place.actor).order_by("-pk")[:MOST],
        "people": [member.user for member in people],
        **more,
    }
    return render(request, "console/keys.html", content, status=status)
