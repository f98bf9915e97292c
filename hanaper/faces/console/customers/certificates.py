"""SSL Certificate Management: the list, and a certificate's page."""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from itertools import groupby
from typing import Any

from django.http import HttpResponse
from django.shortcuts import render

from hanaper.apps.certificates import checks, queries
from hanaper.apps.certificates.models.certificates import Certificate
from hanaper.apps.certificates.vocabulary import CheckState, IssuerOrderState
from hanaper.core.certificate.states import Action, CertificateState
from hanaper.faces.console.chain import links_of
from hanaper.faces.console.customers.downloads import PARTS
from hanaper.faces.console.exporting import csv_answer
from hanaper.faces.console.labels import label
from hanaper.faces.console.places import PlaceRequest, shared_page
from hanaper.faces.console.snippets import SNIPPETS
from hanaper.faces.console.tags import names
from hanaper.faces.console.timeline import deeds
from hanaper.storage.paging import page

FILTERS = ("search", "state", "brand", "order", "account", "expires", "ends")
EXPIRES = ("7", "30", "60", "90")  # days
COLUMNS = (
    "certificate", "state", "domains", "product", "brand", "year", "order", "issued_at", "term_end", "serial",
)  # fmt: skip
# Actions that lead to a page of their own; `modify` and `submit` are the form of `apply`.
OFFERED = (
    Action.APPLY,
    Action.SUBMIT,
    Action.CANCEL_APPLY,
    Action.WITHDRAW,
    Action.CANCEL,
    Action.RENEW,
    Action.REVOKE,
)
MOVING = (CertificateState.VALIDATING_APPLICATION, CertificateState.VALIDATING_REVOCATION)
Offered = list[tuple[str, str]]


@shared_page()
def certificates(request: PlaceRequest) -> HttpResponse:
    # What ends soon is listed by when it ends.
    sort = "term_end" if _expiring(request) else "-id"
    listed = page(_wanted(request), sort=sort, cursor=request.GET.get("cursor"))
    content = {
        "rows": list(_grouped(listed.rows)),
        "next_cursor": listed.next_cursor,
        "states": [one.value for one in CertificateState if one.on_the_list],
        "expires": EXPIRES,
        "wanted": {name: request.GET.get(name, "") for name in FILTERS},
    }
    return render(request, "console/certificates.html", content)


@shared_page()
def as_csv(request: PlaceRequest) -> HttpResponse:
    rows = (
        (
            row.public_id, row.state, " ".join(row.domains or row.form.get("domains", ())), row.product.code,
            row.brand, row.year, row.order.public_id, row.issued_at, row.term_end if row.current else None,
            row.current.serial if row.current else "",
        )
        for row in _wanted(request).order_by("-id").iterator(500)
    )  # fmt: skip
    return csv_answer("certificates", COLUMNS, rows)


def _wanted(request: PlaceRequest) -> Any:
    wanted: dict[str, Any] = {
        name: request.GET.get(name, "").strip() for name in ("search", "state", "brand", "order")
    }
    found = queries.certificates(request.place.actor, **(wanted | _expiring(request)))
    account = request.GET.get("account", "")
    return found.filter(account__public_id=account) if account else found


def _expiring(request: PlaceRequest) -> dict[str, datetime]:
    """From when to when they end: within some days, or in the month that a bar of the calendar leads to."""
    days, month = request.GET.get("expires"), request.GET.get("ends", "")
    if days in EXPIRES:
        return {"expiring_before": request.at + timedelta(days=int(days))}
    try:
        begin = datetime.strptime(month, "%Y-%m").replace(tzinfo=UTC)
        end = (begin + timedelta(days=31)).replace(day=1)
    except (ValueError, OverflowError):  # nonsense filters nothing
        return {}
    return {"expiring_from": begin, "expiring_before": end}


def _grouped(rows: Iterable[Certificate]) -> Iterable[tuple[Certificate, Offered, bool, str]]:
    """Each with its actions, whether it belongs to the year before it in the list, and the names it has or,
    not activated yet, will have. The years of one certificate stand together, the first of them first.
    """
    for _series, together in groupby(rows, lambda row: row.series):
        years = sorted(together, key=lambda row: row.year)
        theirs = names(years[0])
        for row in years:
            shown = theirs if row.state == CertificateState.NOT_ACTIVATED else names(row)
            yield row, offered(row), row is not years[0], shown


def offered(row: Certificate) -> Offered:
    """What the customer can do in the row's state and nothing else: address and caption."""
    legal = set(queries.actions_of(row))
    return [
        (action.value.replace("_", "-"), label("modify" if action is Action.SUBMIT else action.value))
        for action in OFFERED
        if action in legal
    ]


@shared_page()
def certificate(request: PlaceRequest, certificate: str) -> HttpResponse:
    row = queries.for_detail(request.place.actor, certificate)
    applications = list(row.applications.all())
    newest = applications[-1] if applications else None
    looked_for = newest.checks.all() if newest else ()
    state = CertificateState(row.state)
    issued = [one for one in reversed(row.issuer_orders.all()) if one.state == IssuerOrderState.ISSUED]
    content = {
        "certificate": row,
        "offered": offered(row),
        "application": newest,
        "checks": [(one, checks.place_of(one)) for one in looked_for],
        "waiting": {one.method for one in looked_for if one.state == CheckState.PENDING},
        "issuances": issued,
        "chain": links_of(issued[0]) if issued else [],
        "reissuable": state is CertificateState.ISSUED and bool(issued),
        "revocations": list(reversed(row.revocations.all())),
        "parts": PARTS,
        "snippets": SNIPPETS if issued else (),
        "siblings": queries.siblings(row),
        "timeline": deeds(queries.timeline(row), request.place),
        "moving": state in MOVING or (newest is not None and newest.ended_at is None),
    }
    return render(request, "console/certificate.html", content)
