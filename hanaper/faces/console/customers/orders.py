"""Order Refund Management: every order, what can be done with it, and its page."""

from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from hanaper.apps.ledger.queries import balances
from hanaper.apps.orders import queries, services
from hanaper.apps.orders.models import Order
from hanaper.apps.orders.vocabulary import OrderState
from hanaper.apps.payments.providers import CARD, CardDetails, is_offered
from hanaper.apps.payments.services import MeansChoice
from hanaper.apps.payments.vocabulary import Means, PaymentState
from hanaper.apps.refunds import queries as refunds
from hanaper.core.errors import InvalidInput, Refusal
from hanaper.faces.console.exporting import csv_answer
from hanaper.faces.console.faults import shown
from hanaper.faces.console.order_rows import order_rows
from hanaper.faces.console.places import PlaceRequest, customer_page, done, shared_page
from hanaper.storage.paging import page

FILTERS = ("state", "product", "account")
COLUMNS = (
    "order",
    "state",
    "product",
    "origin",
    "currency",
    "total",
    "money",
    "placed_at",
    "paid_at",
    "refunded_at",
)


@shared_page()
def orders(request: PlaceRequest) -> HttpResponse:
    listed = page(_wanted(request), sort="-placed_at", cursor=request.GET.get("cursor"))
    content = {
        "rows": order_rows(listed.rows, request.at),
        "next_cursor": listed.next_cursor,
        "states": list(OrderState),
        "wanted": {name: request.GET.get(name, "") for name in FILTERS},
    }
    return render(request, "console/orders.html", content)


@shared_page()
def as_csv(request: PlaceRequest) -> HttpResponse:
    """The same list as a file; amounts are minor units."""
    rows = (
        (
            row.public_id, row.state, row.product_kind, row.origin, row.currency, row.total, row.money,
            row.placed_at, row.paid_at, row.refunded_at,
        )
        for row in _wanted(request).order_by("-placed_at", "-pk").iterator(500)
    )  # fmt: skip
    return csv_answer("orders", COLUMNS, rows)


def _wanted(request: PlaceRequest) -> Any:
    state = request.GET.get("state", "")
    found = queries.orders(
        request.place.actor,
        state=state if state in list(OrderState) else "",
        product=request.GET.get("product", ""),
    )
    account = request.GET.get("account", "")
    return found.filter(account__public_id=account) if account else found


@shared_page()
def order(request: PlaceRequest, order: str) -> HttpResponse:
    return _shown(request, queries.order(request.place.actor, order))


@customer_page("POST")
def pay(request: PlaceRequest, order: str) -> HttpResponse:
    found = queries.order(request.place.actor, order)
    try:
        services.pay_order(request.place.actor, found, means=_means(request, found), at=request.at)
    except Refusal as refusal:
        return _shown(request, queries.order(request.place.actor, order), refusal=refusal)
    found = queries.order(request.place.actor, order)
    if found.state == OrderState.UNPAID and found.payment is not None and found.payment.problem:
        return _shown(request, found, declined=found.payment.problem)
    paid = found.state == OrderState.PAID
    return done(request, _("Paid.") if paid else _("The payment is on its way."), "order", order)


@customer_page("POST")
def cancel(request: PlaceRequest, order: str) -> HttpResponse:
    services.cancel_order(request.place.actor, queries.order(request.place.actor, order), at=request.at)
    return done(request, _("The order is cancelled."), "order", order)


def _means(request: PlaceRequest, found: Order) -> list[MeansChoice]:
    """By balance, by card, or what the balance has and the rest by card."""
    means = request.POST.get("means")
    if means not in ("card", "both"):
        return [MeansChoice(Means.BALANCE)]
    number = request.POST.get("number", "").replace(" ", "")
    card = CardDetails(number, request.POST.get("expiry", "").strip())
    if means == "card":
        return [MeansChoice(Means.CARD, card=card)]
    there = _balance(request, found)
    if there is None or not 0 < there.amount < found.money:
        raise InvalidInput("The balance does not make up a part of it.", field="means")
    return [MeansChoice(Means.BALANCE, there.amount), MeansChoice(Means.CARD, card=card)]


def _balance(request: PlaceRequest, found: Order) -> Any:
    mine = balances(request.account) if request.account else []
    return next((one for one in mine if one.currency == found.currency), None)


def _shown(
    request: PlaceRequest, found: Order, *, refusal: Refusal | None = None, declined: str = ""
) -> HttpResponse:
    actor, balance = request.place.actor, _balance(request, found)
    (row,) = order_rows([found], request.at)
    lines, paid = found.lines.all(), found.state == OrderState.PAID
    content: dict[str, Any] = {
        "order": found,
        "lines": lines,
        "applies": paid and request.place.may_write and any(line.quota_available for line in lines),
        "parts": found.payment.parts.all() if found.payment else [],
        "refundable": row.refundable,
        "closes_at": row.closes_at,
        "balance": balance,
        "both": balance is not None and 0 < balance.amount < found.money,
        "means": _chosen(request, short=balance is None or balance.amount < found.money),
        "cards": is_offered(CARD),
        "refunds": refunds.refunds(actor, order_id=found.public_id).order_by("-requested_at")[:20],
        "plans": refunds.plans(actor, order_id=found.public_id).order_by("-prepared_at")[:20],
        "declined": declined,
        "moving": found.state == OrderState.REFUND_IN_PROGRESS or _under_way(found),
        **shown(refusal),
    }
    status = refusal.status if refusal else 409 if declined else 200
    return render(request, "console/order.html", content, status=status)


def _chosen(request: PlaceRequest, *, short: bool) -> str:
    """The means that stands chosen: after a refusal the one that was, lest a second try takes another."""
    cards, given = is_offered(CARD), request.POST.get("means")
    if cards and given in ("card", "both"):
        return str(given)
    return "card" if cards and short and given != "balance" else "balance"


def _under_way(found: Order) -> bool:
    return found.payment is not None and found.payment.state == PaymentState.PROCESSING
