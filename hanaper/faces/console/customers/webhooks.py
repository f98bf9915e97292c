"""Webhooks of an account: where it is told what happens, what was sent there, and sending it again."""

from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from hanaper.apps.webhooks import queries, services
from hanaper.apps.webhooks.vocabulary import CHOICES, MOST_ENDPOINTS, OPEN, DeliveryState
from hanaper.core.errors import Refusal
from hanaper.faces.console.faults import answer
from hanaper.faces.console.places import PlaceRequest, customer_page, done
from hanaper.storage.paging import page


@customer_page()
def webhooks(request: PlaceRequest) -> HttpResponse:
    return _list(request)


@customer_page("POST")
def create(request: PlaceRequest) -> HttpResponse:
    """Answers with the page itself: the secret is shown once and goes into no address, cookie or session."""
    try:
        made, secret = services.create_endpoint(
            request.place.actor, request.account, **_given(request), at=request.at
        )
    except Refusal as refusal:
        return _list(request, refusal)
    return _one(request, made.public_id, secret=secret, status=201)


@customer_page("GET", "POST")
def webhook(request: PlaceRequest, webhook: str) -> HttpResponse:
    """One endpoint with its deliveries; sent, the endpoint as the form has it."""
    if request.method != "POST":
        return _one(request, webhook)
    found = queries.endpoint(request.place.actor, webhook)
    enabled = request.POST.get("enabled") == "yes"
    try:
        services.change_endpoint(
            request.place.actor, found, **_given(request), enabled=enabled, at=request.at
        )
    except Refusal as refusal:
        return _one(request, webhook, refusal)
    return done(request, _("The webhook is changed."), "webhook", webhook)


@customer_page("POST")
def rotate(request: PlaceRequest, webhook: str) -> HttpResponse:
    """A new secret, shown once; the old one signs too for a day."""
    found = queries.endpoint(request.place.actor, webhook)
    _made, secret = services.rotate_secret(request.place.actor, found, at=request.at)
    return _one(request, webhook, secret=secret, status=201)


@customer_page("GET", "POST")
def remove(request: PlaceRequest, webhook: str) -> HttpResponse:
    """What ends with it, and then its end."""
    found = queries.endpoint(request.place.actor, webhook)
    if request.method != "POST":
        waiting = (queries.deliveries(request.place.actor, found, state=one) for one in OPEN)
        content = {"webhook": found, "open": sum(rows.count() for rows in waiting)}
        return render(request, "console/remove_webhook.html", content)
    services.remove_endpoint(request.place.actor, found, at=request.at)
    return done(request, _("The webhook is removed."), "webhooks")


@customer_page("POST")
def test(request: PlaceRequest, webhook: str) -> HttpResponse:
    found = queries.endpoint(request.place.actor, webhook)
    services.send_test(request.place.actor, found, at=request.at)
    return done(request, _("A test event is on its way."), "webhook", webhook)


@customer_page("POST")
def replay(request: PlaceRequest, webhook: str, delivery: str) -> HttpResponse:
    found = queries.endpoint(request.place.actor, webhook)
    services.replay(
        request.place.actor, queries.delivery(request.place.actor, found, delivery), at=request.at
    )
    return done(request, _("It is sent again, with the same id."), "webhook", webhook)


def _given(request: PlaceRequest) -> dict[str, Any]:
    return {
        "url": request.POST.get("url", "").strip(),
        "description": request.POST.get("description", "").strip(),
        "kinds": request.POST.getlist("kinds"),
    }


def _list(request: PlaceRequest, refusal: Refusal | None = None) -> HttpResponse:
    content = {
        "rows": queries.endpoints(request.place.actor).order_by("created_at")[: MOST_ENDPOINTS + 1],
        "choices": CHOICES,
        "given": request.POST,
        "chosen": request.POST.getlist("kinds"),
    }
    return answer(request, "console/webhooks.html", content, refusal)


def _one(
    request: PlaceRequest,
    webhook: str,
    refusal: Refusal | None = None,
    *,
    secret: str = "",
    status: int = 200,
) -> HttpResponse:
    found = queries.endpoint(request.place.actor, webhook)
    state = request.GET.get("state", "")
    listed = page(
        queries.deliveries(
            request.place.actor,
            found,
            state=DeliveryState(state) if state in list(DeliveryState) else None,
        ),
        sort="-id",
        cursor=request.GET.get("cursor"),
    )
    content = {
        "webhook": found,
        "rows": listed.rows,
        "next_cursor": listed.next_cursor,
        "states": list(DeliveryState),
        "state": state,
        "choices": CHOICES,
        "chosen": request.POST.getlist("kinds") if refusal else found.kinds,
        "given": request.POST if refusal else {"url": found.url, "description": found.description},
        "secret": secret,
    }
    if refusal is not None:
        return answer(request, "console/webhook.html", content, refusal)
    return render(request, "console/webhook.html", content, status=status)
