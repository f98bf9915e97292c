"""What every page knows."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

from hanaper import __version__, clock
from hanaper.apps.events.queries import notices_for
from hanaper.faces.console.menu import menu_of
from hanaper.faces.console.places import Place, stand_somewhere

UNREAD_SHOWN = 99


def service(request: HttpRequest) -> dict[str, Any]:
    """`sandbox_time`: business time, in a sandbox only, for the banner; `place`, `places`, `menu`, `unread`:
    of whoever is signed in, in one of their places."""
    place = stand_somewhere(request)
    user: Any = getattr(request, "user", None)
    return {
        "version": __version__,
        "sandbox_time": clock.now if settings.SANDBOX else None,
        "theme": user.theme if user is not None and user.is_authenticated else "",
        "place": place,
        "places": getattr(request, "places", ()),
        "menu": menu_of(request) if place else (),
        "unread": SimpleLazyObject(lambda: _unread(place)) if place else 0,
    }


def _unread(place: Place) -> int:
    rows = notices_for(place.actor, unread=True).values_list("pk")[: UNREAD_SHOWN + 1]
    return len(rows)
