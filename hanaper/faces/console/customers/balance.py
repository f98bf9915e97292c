"""The balance of an account and its statement."""

from typing import Any

from django.conf import settings
from django.http import HttpResponse
from django.shortcuts import render

from hanaper.apps.ledger import queries
from hanaper.apps.payments import statements
from hanaper.core.money import is_currency
from hanaper.faces.console.exporting import attached
from hanaper.faces.console.labels import label
from hanaper.faces.console.places import PlaceRequest, customer_page

LINES = 50


@customer_page()
def balance(request: PlaceRequest) -> HttpResponse:
    asked = _asked(request)
    statement = queries.statement(asked, cursor=request.GET.get("cursor"), limit=LINES)
    content = {
        "balances": queries.balances(request.account),
        "statement": statement,
        "lines": _told(statement),
        "currency": asked.currency,
    }
    return render(request, "console/balance.html", content)


@customer_page()
def as_csv(request: PlaceRequest) -> HttpResponse:
    asked = _asked(request)
    lines = statements.as_csv(asked, label)
    return attached(lines, f"balance-{asked.currency}.csv", "text/csv; charset=utf-8")


def _told(statement: queries.Statement) -> list[Any]:
    """Each with what it is, and what it is for: the page of that and its id."""
    found = statements.told(statement.account, [line.transfer for line in statement.lines])
    told = []
    for line, what in zip(statement.lines, found, strict=True):
        page = "refund" if what.refund else "order" if what.order else ""
        told.append((line, what.kind, page, what.refund or what.order or line.transfer.reference))
    return told


def _asked(request: PlaceRequest) -> queries.Asked:
    wanted = request.GET.get("currency", "").upper()
    return queries.Asked(request.account, wanted if is_currency(wanted) else settings.CURRENCY)
