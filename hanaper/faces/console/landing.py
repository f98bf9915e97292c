"""The address without a path, and the first page of a place."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_safe

from hanaper.faces.console.places import PlaceRequest, go, places_of, shared_page


@require_safe
def landing(request: HttpRequest) -> HttpResponse:
    """The door for strangers, the first of their places for everybody else."""
    user: Any = request.user
    places = places_of(request) if user.is_authenticated else []
    if places:
        return redirect("start", places[0].id)
    return render(request, "console/landing.html", {"public_url": settings.PUBLIC_URL})


@shared_page()
def start(request: PlaceRequest) -> HttpResponse:
    return go(request, "overview" if request.place.account else "queue")
