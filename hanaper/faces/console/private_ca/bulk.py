"""Certificates ordered in a table: looked at as a whole, issued in the background, fetched as files."""

from typing import Any

from django.http import FileResponse, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from hanaper.apps.private_ca import queries, services
from hanaper.apps.private_ca.states import BatchState
from hanaper.apps.private_ca.templates import own_templates
from hanaper.core.errors import InvalidInput, Refusal
from hanaper.core.private_ca.tables import COLUMNS, LONGEST_TABLE, MOST_ROWS
from hanaper.core.private_ca.templates import BUILT_IN
from hanaper.core.text_files import as_text
from hanaper.faces.console.exporting import attached
from hanaper.faces.console.faults import answer
from hanaper.faces.console.places import PlaceRequest, customer_page, done
from hanaper.storage.paging import page

TAB = {"tab": "private-certificates"}
ROWS = 50
EXAMPLE = (
    "template,common_name,dns,ip,days\n"
    "server,www.corp.example,www.corp.example api.corp.example,10.0.0.5,90\n"
    "device,sensor-001,sensor-001.corp.example,,365\n"
)


@customer_page("GET", "POST")
def order(request: PlaceRequest, ca: str) -> HttpResponse:
    """The table is looked at first, and what is wrong is said by row; then it is issued as a whole."""
    found = queries.private_ca(request.place.actor, ca)
    own = own_templates(request.place.actor, request.account)
    content: dict[str, Any] = {
        "ca": found,
        "templates": [*BUILT_IN, *(one.name for one in own)],
        "columns": COLUMNS,
        "most": MOST_ROWS,
        "example": EXAMPLE,
        "given": request.POST,
        **TAB,
    }
    if request.method != "POST":
        return render(request, "console/private_ca/bulk.html", content)
    content["table"] = table = ""
    try:
        content["table"] = table = _table(request)
        template = request.POST.get("template", "")
        if request.POST.get("begin"):
            made = services.start_batch(request.place.actor, found, table, template=template, at=request.at)
            return done(request, _("The certificates are being issued."), "batch", made.public_id)
        content["checked"] = services.check_table(
            request.place.actor, found, table, template=template, at=request.at
        )
    except Refusal as refusal:
        content["table_faults"] = refusal.faults if isinstance(refusal, InvalidInput) else ()
        return answer(request, "console/private_ca/bulk.html", content, refusal)
    return render(request, "console/private_ca/bulk.html", content)


def _table(request: PlaceRequest) -> str:
    """The file, else what was typed."""
    file: Any = request.FILES.get("file")
    if file is None:
        return request.POST.get("table", "")
    if file.size > LONGEST_TABLE:
        raise InvalidInput(
            f"A table has at most {LONGEST_TABLE:,} characters: make several of it.", field="table"
        )
    return as_text(file.read(), "table")


@customer_page()
def batches(request: PlaceRequest) -> HttpResponse:
    listed = page(queries.batches(request.place.actor), sort="-id", cursor=request.GET.get("cursor"))
    content = {"rows": listed.rows, "next_cursor": listed.next_cursor, **TAB}
    return render(request, "console/private_ca/batches.html", content)


@customer_page()
def batch(request: PlaceRequest, batch: str) -> HttpResponse:
    return _shown(request, batch)


def _shown(request: PlaceRequest, batch: str, refusal: Refusal | None = None) -> HttpResponse:
    found = queries.batch(request.place.actor, batch)
    rows = services.rows_of(found).order_by()
    listed = page(rows, sort="number", cursor=request.GET.get("cursor"), limit=ROWS)
    content = {
        "batch": found,
        "ca": found.ca,
        "rows": [(row, services.state_of(row)) for row in listed.rows],
        "next_cursor": listed.next_cursor,
        "ended": found.begun + found.refused + found.failed,
        "moving": found.state == BatchState.RUNNING,
        "stopped": found.state == BatchState.STOPPED,
        **TAB,
    }
    return answer(request, "console/private_ca/batch.html", content, refusal)


@customer_page("POST")
def cancel(request: PlaceRequest, batch: str) -> HttpResponse:
    services.cancel_batch(request.place.actor, queries.batch(request.place.actor, batch), at=request.at)
    return done(request, _("No more of it is issued; what was issued stays."), "batch", batch)


@customer_page("POST")
def resume(request: PlaceRequest, batch: str) -> HttpResponse:
    services.resume_batch(request.place.actor, queries.batch(request.place.actor, batch), at=request.at)
    return done(request, _("It goes on."), "batch", batch)


@customer_page()
def result(request: PlaceRequest, batch: str) -> HttpResponse:
    """What became of each row."""
    found = queries.batch(request.place.actor, batch)
    return attached(services.result_csv(found), f"{found.public_id}.csv", "text/csv; charset=utf-8")


@customer_page("POST")
def fetch(request: PlaceRequest, batch: str) -> HttpResponse:
    """Its certificates in one archive; with a passphrase, the keys that were made here too."""
    found = queries.batch(request.place.actor, batch)
    passphrase = request.POST.get("passphrase") or None
    try:
        packed = services.archive(request.place.actor, found, passphrase=passphrase, at=request.at)
    except Refusal as refusal:
        return _shown(request, batch, refusal)
    file: Any = FileResponse(packed, as_attachment=True, filename=f"{found.public_id}.zip")
    sent: HttpResponse = file
    return sent
