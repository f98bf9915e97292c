"""Pages of this release: the landing page, and access keys for whoever has only a password."""

import uuid
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from hanaper import clock
from hanaper.apps.accounts import queries, services
from hanaper.apps.accounts.models import Account, Membership
from hanaper.core.actor import AccountRole, Actor, StaffRole
from hanaper.core.errors import NotFound, Refusal

OPERATOR = "operator"  # in place of an account's id


@dataclass(frozen=True, slots=True)
class Place:
    """Where a person acts: in one of their accounts, or as an operator."""

    id: str
    name: str
    account: Account | None
    actor: Actor

    @property
    def may_create(self) -> bool:
        if self.account is None:
            return self.actor.has_staff_role(StaffRole.ADMINISTRATOR)
        return self.actor.account_role is AccountRole.OWNER


@require_GET
def landing(request: HttpRequest) -> HttpResponse:
    places = _places(request) if request.user.is_authenticated else []
    return render(request, "console/landing.html", {"places": places, "public_url": settings.PUBLIC_URL})


@never_cache
@login_required
@require_GET
def keys(request: HttpRequest) -> HttpResponse:
    return _keys_page(request, _place(request, request.GET.get("account")))


@never_cache
@login_required
@require_POST
def create_key(request: HttpRequest) -> HttpResponse:
    """Answers with the page itself: the secret is shown once and goes into no address, cookie or session."""
    place = _place(request, request.POST.get("account"))
    try:
        person = request.POST.get("user")
        user = queries.person_near(place.actor, person) if person else None
        _, secret = services.create_access_key(
            place.actor, name=request.POST.get("name", ""), account=place.account, user=user, at=clock.now()
        )
    except Refusal as refusal:
        return _keys_page(request, place, refusal=refusal, status=refusal.status)
    return _keys_page(request, place, secret=secret, status=201)


@never_cache
@login_required
@require_POST
def revoke_key(request: HttpRequest, key: str) -> HttpResponse:
    place = _place(request, request.POST.get("account"))
    try:
        found = queries.key_for(place.actor, key)
        services.revoke_access_key(place.actor, found, at=clock.now())
    except NotFound as error:
        raise Http404 from error
    except Refusal as refusal:
        return _keys_page(request, place, refusal=refusal, status=refusal.status)
    messages.success(request, f"The access key {found.name} is revoked.")
    return redirect(f"{reverse('keys')}?account={place.id}")


def _keys_page(request: HttpRequest, place: Place, *, status: int = 200, **more: Any) -> HttpResponse:
    people = (
        [member.user for member in queries.members_of(place.account).order_by("pk")] if place.account else []
    )
    content = {
        "place": place,
        "places": _places(request),
        "keys": queries.keys_for(place.actor).order_by("-pk")[:200],
        "people": people,
        **more,
    }
    return render(request, "console/keys.html", content, status=status)


def _places(request: HttpRequest) -> list[Place]:
    user: Any = request.user
    places = [_in_account(request, member) for member in queries.memberships_of(user)]
    if queries.staff_roles_of(user):
        places.append(Place(OPERATOR, "Operators", None, _actor(request, None)))
    return places


def _place(request: HttpRequest, wanted: str | None) -> Place:
    """The place that was asked for, or the first; 404 for an account that is not theirs."""
    places = _places(request)
    for place in places:
        if wanted in (None, "", place.id):
            return place
    raise Http404


def _in_account(request: HttpRequest, member: Membership) -> Place:
    account = member.account
    return Place(account.public_id, account.name, account, _actor(request, account))


def _actor(request: HttpRequest, account: Account | None) -> Actor:
    user: Any = request.user
    return queries.actor_in(
        user,
        account,
        address=request.META.get("REMOTE_ADDR"),
        request_id="req_" + uuid.uuid4().hex,
    )
