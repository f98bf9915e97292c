"""Tab Access Log: the newest lines of what visitors asked for, brought from every node, for an hour."""

import json
from collections import deque
from collections.abc import Iterable
from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _

from hanaper import clock
from hanaper.apps.gateway import queries, services
from hanaper.apps.gateway.models import Errand
from hanaper.faces.console.exporting import attached
from hanaper.faces.console.places import PlaceRequest, customer_page, done

SHOWN = 200
STATUSES = ("2", "3", "4", "5")
SEARCHED = ("address", "visitor", "user_agent")


@customer_page("GET", "POST")
def access_log(request: PlaceRequest, gateway: str) -> HttpResponse:
    """What was brought last; asked for anew with a POST."""
    actor, system_at = request.place.actor, clock.system_now()
    found = queries.gateway(actor, gateway)
    if request.method == "POST":
        services.ask_for_log(actor, found, at=request.at, system_at=system_at)
        return done(request, _("The nodes bring their newest lines."), "gateway-log", gateway)
    log = queries.newest_log(found, system_at)
    wanted = {name: request.GET.get(name, "").strip() for name in ("status", "search")}
    content = {
        "gateway": found,
        "log": log,
        "nodes": queries.nodes_serving(),
        "moving": log is not None and log.done_at is None,
        "rows": _newest(services.lines_of(log), **wanted) if log is not None else [],
        "most": SHOWN,
        "wanted": wanted,
        "statuses": STATUSES,
        "tab": "log",
    }
    return render(request, "console/gateway/log.html", content)


@customer_page()
def as_file(request: PlaceRequest, gateway: str, log: str) -> HttpResponse:
    """All lines of it, one JSON object each."""
    found = queries.gateway(request.place.actor, gateway)
    lines = services.lines_of(queries.errand(request.place.actor, found, log, Errand.Kind.LOG))
    return attached(lines, f"{found.public_id}.jsonl", "application/jsonl; charset=utf-8")


def _newest(lines: Iterable[bytes], status: str, search: str) -> list[dict[str, Any]]:
    """The newest SHOWN that fit, the newest first."""
    kept: deque[dict[str, Any]] = deque(maxlen=SHOWN)
    for line in lines:
        told = json.loads(line)
        fits = not status or str(told["status"]).startswith(status)
        if fits and (not search or any(search in told[name] for name in SEARCHED)):
            kept.append(told | {"at": parse_datetime(told["at"])})
    return list(reversed(kept))
