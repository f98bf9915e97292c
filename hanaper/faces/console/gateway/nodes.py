"""The nodes that serve every site, for operators: how each is, letting one join, retiring one."""

from datetime import datetime, timedelta
from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from hanaper import clock
from hanaper.apps.gateway import queries, services
from hanaper.apps.gateway.models import GatewayNode
from hanaper.core.actor import StaffRole
from hanaper.faces.console.places import PlaceRequest, done, operator_page

TEMPLATE = "console/gateway/nodes.html"
AWAY = timedelta(minutes=1)  # without a word; a node that is well is written down every ten seconds


@operator_page()
def nodes(request: PlaceRequest) -> HttpResponse:
    return render(request, TEMPLATE, _content(request))


@operator_page("POST", role=StaffRole.ADMINISTRATOR)
def make_join_token(request: PlaceRequest) -> HttpResponse:
    """Shown once, with what is typed on the machine that joins."""
    token = services.make_join_token(request.place.actor, at=request.at, system_at=clock.system_now())
    address = request.build_absolute_uri("/").rstrip("/")
    return render(
        request,
        TEMPLATE,
        {**_content(request), "token": token, "address": address, "moving": False},
        status=201,
    )


@operator_page("GET", "POST", role=StaffRole.ADMINISTRATOR)
def retire(request: PlaceRequest, node: str) -> HttpResponse:
    """Asked once more: what it did not say is lost."""
    found = queries.node(request.place.actor, node)
    if request.method != "POST":
        return render(request, "console/gateway/retire.html", {"node": found})
    services.retire(request.place.actor, found, at=request.at)
    return done(request, _("The node is retired; nobody waits for it any more."), "gateway-nodes")


def _content(request: PlaceRequest) -> dict[str, Any]:
    newest, system_at = queries.newest_version(), clock.system_now()
    return {
        "rows": [(one, _state(one, newest, system_at)) for one in queries.nodes(request.place.actor)],
        "newest": newest,
        "system_at": system_at,
        "moving": True,
    }


def _state(node: GatewayNode, newest: int, system_at: datetime) -> str:
    """A word of `console.gateway.tags`, the worst first."""
    if node.retired_at is not None:
        return "retired"
    if node.seen_at is None or node.seen_at < system_at - AWAY:
        return "away"
    if node.error:
        return "failed"
    return "current" if node.applied >= newest else "behind"
