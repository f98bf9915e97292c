"""Where a person acts: in one of their accounts, or as an operator. Every page of the console begins here."""

import uuid
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from functools import wraps
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.shortcuts import redirect, render
from django.urls import Resolver404, resolve
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache

from hanaper import clock
from hanaper.apps.accounts import queries
from hanaper.apps.accounts.models import Account, Membership
from hanaper.core.actor import AccountRole, Actor, StaffRole
from hanaper.core.errors import NotFound, Refusal
from hanaper.faces.console.once import once

OPERATOR = "operator"  # in place of an account's id


@dataclass(frozen=True, slots=True)
class Place:
    """`id`: the account's, or `operator`; `account`: None for operators."""

    id: str
    name: str
    account: Account | None
    actor: Actor

    @property
    def is_owner(self) -> bool:
        return self.actor.account_role is AccountRole.OWNER

    @property
    def may_make_keys(self) -> bool:
        return self.is_owner if self.account else self.actor.has_staff_role(StaffRole.ADMINISTRATOR)

    @property
    def may_write(self) -> bool:
        """Whether to offer what a customer may change; the services decide by themselves."""
        return self.account is not None and self.actor.may_write

    @property
    def reviews(self) -> bool:
        return self.actor.has_staff_role(StaffRole.REVIEWER)

    @property
    def keeps_money(self) -> bool:
        return self.actor.has_staff_role(StaffRole.FINANCE)

    @property
    def administers(self) -> bool:
        return self.actor.has_staff_role(StaffRole.ADMINISTRATOR)


class PlaceRequest(HttpRequest):
    """A request of somebody signed in, at a place that is theirs.

    `at` is business time, read once; `account` is there on pages of customers only.
    """

    place: Place
    places: list[Place]
    account: Account
    at: datetime


View = Callable[..., HttpResponse]


def customer_page(*methods: str, owner: bool = False) -> Callable[[View], View]:
    """A page for members of the account in its address, or only for the owners among them."""
    return _page(methods, lambda place: place.account is not None and (place.is_owner or not owner))


def operator_page(*methods: str, role: StaffRole | None = None) -> Callable[[View], View]:
    """A page of operators, of those with `role` if one is given."""
    return _page(
        methods, lambda place: place.account is None and (role is None or place.actor.has_staff_role(role))
    )


def shared_page(*methods: str) -> Callable[[View], View]:
    """A page about what is an account's, for its members and for operators."""
    return _page(methods, lambda _place: True)


def _page(methods: tuple[str, ...], fits: Callable[[Place], bool]) -> Callable[[View], View]:
    answered = {"GET", "HEAD", *methods} if "GET" in methods or not methods else set(methods)

    def decorate(view: View) -> View:
        @wraps(view)
        def page(request: Any, place: str, **named: Any) -> HttpResponse:
            if request.method not in answered:
                return _not_this_way(request, answered)
            arrive(request, place)
            if not fits(request.place):
                raise Http404
            try:
                return once(request, lambda: view(request, **named))
            except NotFound as error:
                raise Http404 from error
            except Refusal as refusal:
                return refused(request, refusal)

        page.__dict__["answered"] = answered
        return never_cache(login_required(page))

    return decorate


def _not_this_way(request: Any, answered: set[str]) -> HttpResponse:
    """Whoever comes by a link to where a form is sent (after signing in anew, or by loading again) is led to
    the nearest page above it."""
    if request.method not in ("GET", "HEAD"):
        return HttpResponseNotAllowed(sorted(answered))
    parts = request.path_info.strip("/").split("/")
    while parts.pop() and parts:
        address = "/" + "/".join(parts) + "/"
        with suppress(Resolver404):
            if "GET" in getattr(resolve(address).func, "answered", ()):
                return redirect(address)
    return redirect("landing")


def arrive(request: Any, wanted: str) -> None:
    """Set place, places and time; 404 for an account that is not theirs."""
    request.request_id = "req_" + uuid.uuid4().hex
    request.places, request.at = places_of(request), clock.now()
    for place in request.places:
        if place.id == wanted:
            request.place, request.account = place, place.account
            return
    raise Http404


def stand_somewhere(request: Any) -> Place | None:
    """Where they are; on a page of no place (a person's own, "not found"), their first, for its menu.
    None for whoever is not signed in or belongs nowhere."""
    if not hasattr(request, "place"):
        user = getattr(request, "user", None)
        signed_in = user is not None and user.is_authenticated
        request.places = places_of(request) if signed_in else []
        request.place = next(iter(request.places), None)
    place: Place | None = request.place
    return place


def places_of(request: HttpRequest) -> list[Place]:
    """Every place of whoever is signed in, their accounts first."""
    user: Any = request.user
    places = [_in_account(request, member) for member in queries.memberships_of(user)]
    if queries.staff_roles_of(user):
        places.append(Place(OPERATOR, _("Operators"), None, _actor(request, None)))
    return places


def refused(request: PlaceRequest, refusal: Refusal) -> HttpResponse:
    """What was refused, and what to do instead, as a page."""
    content = {"refusal": refusal, "back": _back(request)}
    return render(request, "console/refused.html", content, status=refusal.status)


def _back(request: PlaceRequest) -> str:
    """Where they came from, if that is a page of ours; else the start."""
    came_from = request.META.get("HTTP_REFERER", "")
    return came_from if url_has_allowed_host_and_scheme(came_from, {request.get_host()}) else "/"


def done(request: PlaceRequest, message: str, to: str, *arguments: str) -> HttpResponse:
    """Say so on the next page of the same place."""
    messages.success(request, message)
    return go(request, to, *arguments)


def go(request: PlaceRequest, to: str, *arguments: str) -> HttpResponse:
    """To another page of the same place."""
    return redirect(to, request.place.id, *arguments)


def _in_account(request: HttpRequest, member: Membership) -> Place:
    account = member.account
    return Place(account.public_id, account.name, account, _actor(request, account, AccountRole(member.role)))


def _actor(request: HttpRequest, account: Account | None, role: AccountRole | None = None) -> Actor:
    user: Any = request.user
    return queries.actor_in(
        user,
        account,
        address=request.META.get("REMOTE_ADDR"),
        request_id=getattr(request, "request_id", None),
        role=role,
    )
