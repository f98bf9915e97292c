"""The audit log: an account's owners read theirs, operators read all."""

from datetime import datetime
from typing import Any

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.utils import timezone

from hanaper.apps.audit import export as exports
from hanaper.apps.audit import queries
from hanaper.faces.console.exporting import attached
from hanaper.faces.console.places import PlaceRequest, shared_page
from hanaper.storage.paging import page

FILTERS = ("action", "target", "user", "account", "since", "until")


@shared_page()
def audit(request: PlaceRequest) -> HttpResponse:
    listed = page(_wanted(request), sort="-id", cursor=request.GET.get("cursor"))
    content = {
        "rows": listed.rows,
        "next_cursor": listed.next_cursor,
        "wanted": {name: request.GET.get(name, "") for name in FILTERS},
    }
    return render(request, "console/audit.html", content)


@shared_page()
def export(request: PlaceRequest) -> HttpResponse:
    """What the filters find, oldest first, as CSV or as JSON lines."""
    rows = _wanted(request)
    if request.GET.get("format") == "jsonl":
        return attached(exports.json_lines(rows), "audit.jsonl", "application/jsonl")
    return attached(exports.csv_lines(rows), "audit.csv", "text/csv; charset=utf-8")


def _wanted(request: PlaceRequest) -> Any:
    if request.place.account is not None and not request.place.is_owner:
        raise Http404
    text = {name: request.GET.get(name, "").strip() or None for name in ("action", "target", "user")}
    account = request.GET.get("account", "").strip() if request.place.account is None else ""
    return queries.entries_for(
        request.place.actor,
        **text,
        account=account or None,
        since=_moment(request.GET.get("since", "")),
        until=_moment(request.GET.get("until", "")),
    ).select_related("account", "user")


def _moment(text: str) -> datetime | None:
    """A day, or a day and a time, in the zone of whoever asks; nonsense filters nothing."""
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        return None
    return found if found.tzinfo else timezone.make_aware(found)
