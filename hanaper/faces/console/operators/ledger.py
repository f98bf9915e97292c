"""The ledger: every transfer, from the whole down to what one thing moved."""

from django.http import HttpResponse
from django.shortcuts import render

from hanaper.apps.ledger import queries
from hanaper.apps.ledger.vocabulary import TransferKind
from hanaper.core.errors import InvalidInput
from hanaper.faces.console.amounts import currency_of
from hanaper.faces.console.customers.search import page_of
from hanaper.faces.console.faults import answer
from hanaper.faces.console.places import PlaceRequest, operator_page
from hanaper.storage.paging import page

FILTERS = ("reference", "kind", "account", "debit", "credit", "currency")


@operator_page()
def ledger(request: PlaceRequest) -> HttpResponse:
    wanted = {name: request.GET.get(name, "").strip() for name in FILTERS}
    try:
        wanted["currency"] = currency_of(wanted["currency"])
    except InvalidInput as refusal:
        asked = {"wanted": wanted, "kinds": list(TransferKind)}
        return answer(request, "console/operators/ledger.html", asked, refusal)
    found = queries.every_transfer(request.place.actor, **wanted)
    listed = page(found, sort="-id", cursor=request.GET.get("cursor"))
    content = {
        "rows": listed.rows,
        "next_cursor": listed.next_cursor,
        "wanted": wanted,
        "kinds": list(TransferKind),
        "totals": queries.totals(wanted["reference"]) if wanted["reference"] else [],
    }
    return render(request, "console/operators/ledger.html", content)


@operator_page()
def transfer(request: PlaceRequest, transfer: str) -> HttpResponse:
    """One transfer, what it resolves, what resolves it, and everything of the same reference."""
    found = queries.transfer(request.place.actor, transfer)
    content = {
        "transfer": found,
        "of_reference": queries.every_transfer(request.place.actor, reference=found.reference).order_by("pk")[
            :100
        ],
        "page": page_of(request.place, found.reference),
    }
    return render(request, "console/operators/transfer.html", content)
