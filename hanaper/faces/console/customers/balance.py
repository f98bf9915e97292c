"""The balance of an account and its statement."""

from django.conf import settings
from django.http import HttpResponse
from django.shortcuts import render

from hanaper.apps.ledger import queries
from hanaper.core.money import is_currency
from hanaper.faces.console.exporting import attached
from hanaper.faces.console.places import PlaceRequest, customer_page

LINES = 50


@customer_page()
def balance(request: PlaceRequest) -> HttpResponse:
    asked = _asked(request)
    content = {
        "balances": queries.balances(request.account),
        "statement": queries.statement(asked, cursor=request.GET.get("cursor"), limit=LINES),
        "currency": asked.currency,
    }
    return render(request, "console/balance.html", content)


@customer_page()
def as_csv(request: PlaceRequest) -> HttpResponse:
    asked = _asked(request)
    lines = queries.as_csv(asked)
    return attached(lines, f"balance-{asked.currency}.csv", "text/csv; charset=utf-8")


def _asked(request: PlaceRequest) -> queries.Asked:
    wanted = request.GET.get("currency", "").upper()
    return queries.Asked(request.account, wanted if is_currency(wanted) else settings.CURRENCY)
