"""The balance of an account and its statement."""

from django.conf import settings
from django.http import HttpResponse
from django.shortcuts import render

from hanaper.apps.ledger import queries
from hanaper.apps.ledger.vocabulary import TransferKind
from hanaper.apps.payments import queries as payments
from hanaper.apps.payments.vocabulary import PartState
from hanaper.core.money import is_currency
from hanaper.faces.console.exporting import attached
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
    lines = queries.as_csv(asked)
    return attached(lines, f"balance-{asked.currency}.csv", "text/csv; charset=utf-8")


def _told(statement: queries.Statement) -> list[tuple[queries.StatementLine, str, str, str]]:
    """Each with what it is, and what it is for: the page of that and its id. A ledger is never rewritten:
    that a hold became a payment is told by the part that it was for."""
    named = [line.transfer.reference for line in statement.lines]
    found = payments.parts_named(statement.account, named)
    told = []
    for line in statement.lines:
        kind, reference = line.transfer.kind, line.transfer.reference
        part = found.get(reference)
        if part is not None:
            if kind == TransferKind.HOLD and part.state == PartState.CAPTURED:
                kind = TransferKind.HOLD_POSTED
            order = getattr(part.payment, "order", None)
            told.append((line, kind, "order" if order else "", order.public_id if order else reference))
        else:
            told.append((line, kind, "refund" if reference.startswith("rfd_") else "", reference))
    return told


def _asked(request: PlaceRequest) -> queries.Asked:
    wanted = request.GET.get("currency", "").upper()
    return queries.Asked(request.account, wanted if is_currency(wanted) else settings.CURRENCY)
