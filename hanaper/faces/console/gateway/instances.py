"""The list of gateway instances, and tab Domain Name Management of one: its domain, its DNS, its quota."""

from datetime import datetime
from typing import Any

from django.http import HttpResponse
from django.shortcuts import render

from hanaper.apps.audit import queries as audit
from hanaper.apps.gateway import queries
from hanaper.apps.gateway.leading import TXT_LABEL
from hanaper.apps.gateway.models import SERVED, GatewayInstance
from hanaper.apps.gateway.problems import certificate_gone, problem, told
from hanaper.apps.gateway.states import GatewayState, WishState
from hanaper.apps.orders.vocabulary import OrderState
from hanaper.apps.refunds.services import decision_for
from hanaper.core.errors import Refusal
from hanaper.core.gateway.behaviour import Behaviour
from hanaper.core.gateway.grcq import passed
from hanaper.core.refund.decision import Decision
from hanaper.faces.console.faults import answer
from hanaper.faces.console.gateway import automatic
from hanaper.faces.console.order_rows import order_rows
from hanaper.faces.console.places import PlaceRequest, shared_page
from hanaper.faces.console.timeline import deeds
from hanaper.storage.paging import page

FILTERS = ("search", "state", "account")
PURGES = 5  # the newest
WITH_DOMAIN = (GatewayState.DOMAIN_ADDED, *SERVED)


@shared_page()
def gateways(request: PlaceRequest) -> HttpResponse:
    wanted = {name: request.GET.get(name, "").strip() for name in FILTERS}
    known = wanted["state"] in list(GatewayState)
    found = queries.gateways(
        request.place.actor, state=wanted["state"] if known else "", search=wanted["search"]
    )
    if wanted["account"] and request.place.account is None:
        found = found.filter(account__public_id=wanted["account"])
    listed = page(found.select_related("account"), sort="-created_at", cursor=request.GET.get("cursor"))
    nodes = told()
    orders = order_rows([row.order for row in listed.rows], request.at)
    content = {
        "rows": list(zip(listed.rows, orders, [problem(row, nodes) for row in listed.rows], strict=True)),
        "next_cursor": listed.next_cursor,
        "states": list(GatewayState),
        "wanted": wanted,
        "filtered": any(wanted.values()),
        "with_domain": WITH_DOMAIN,
    }
    return render(request, "console/gateway/instances.html", content)


@shared_page()
def gateway(request: PlaceRequest, gateway: str) -> HttpResponse:
    return shown(request, queries.gateway(request.place.actor, gateway))


def shown(request: PlaceRequest, found: GatewayInstance, refusal: Refusal | None = None) -> HttpResponse:
    """The page of an instance; with a refusal of one of its forms the same page, saying so."""
    waiting = found.state == GatewayState.DOMAIN_ADDED
    has_domain = found.domain != "" and found.state in WITH_DOMAIN
    mine = has_domain and request.place.may_write and found.resetting_since is None
    wish = queries.wish(found) if has_domain else None
    obtaining = wish is not None and wish.state in (WishState.WANTED, WishState.APPLIED)
    content: dict[str, Any] = {
        "gateway": found,
        "site": Behaviour.model_validate(found.behaviour) if found.behaviour else None,
        "has_domain": has_domain,
        "problem": problem(found),
        "gone": has_domain and certificate_gone(found),
        "waiting": waiting,
        "served": found.state in SERVED,
        "txt_name": f"{TXT_LABEL}.{found.domain}",
        "candidates": queries.candidates(found, found.domain, request.at) if mine else [],
        "automatic": automatic.choices(request, found) if mine else None,
        "wish": wish,
        "origins": queries.origins(found) if has_domain else [],
        "purges": list(queries.purges(found).order_by("-asked_at")[:PURGES]) if has_domain else [],
        "nodes": queries.nodes_serving(),
        "given": request.POST,
        "outlook": outlook_of(found, request.at),
        "low": low_of(found),
        "timeline": deeds(audit.of_thing(found.public_id), request.place),
        "moving": found.resetting_since is not None
        or waiting
        or obtaining
        or (has_domain and not found.looked_at),
        "tab": "domain",
    }
    return answer(request, "console/gateway/instance.html", content, refusal)


def outlook_of(found: GatewayInstance, at: datetime) -> Decision | None:
    """What its order's refund needs now; None for one that is over."""
    if found.order.state not in (OrderState.PAID, OrderState.REFUND_IN_PROGRESS):
        return None
    return decision_for(found.order, at)[1]


def low_of(found: GatewayInstance) -> int:
    """The highest level in per cent of its quota that was reached, 0 below all of them."""
    return passed(found.grcq_used, found.grcq_included) or 0
