"""Quotes and orders: what it will cost, buying it, paying for it, and the receipt."""

from typing import Annotated, Any, Literal

import ninja
from ninja import Query, Router, Status
from pydantic import Field

from hanaper.apps.catalog.quotes import MAX_LINES, LineDraft
from hanaper.apps.orders import queries, services
from hanaper.apps.orders.vocabulary import OrderOrigin, OrderState
from hanaper.apps.payments.providers import CardDetails
from hanaper.apps.payments.services import MeansChoice
from hanaper.apps.payments.vocabulary import Means
from hanaper.core.money import MAX_AMOUNT
from hanaper.faces.rest.access import ApiRequest, customer, operator, own_account
from hanaper.faces.rest.body import Body
from hanaper.faces.rest.idempotency import idempotent
from hanaper.faces.rest.paging import PageOut, PageQuery, answer
from hanaper.faces.rest.schemas.orders import (
    OrderOut,
    QuoteOut,
    ReceiptOut,
    order_out,
    quote_out,
    receipt_out,
)
from hanaper.faces.rest.times import Moment

router = Router(tags=["orders"])

SORTS = ("-placed_at",)


class LineIn(Body):
    product: str = Field(max_length=64, examples=["chancery-dv-single-1y"])
    quantity: int = Field(1, ge=-MAX_AMOUNT, le=MAX_AMOUNT)


class QuoteIn(Body):
    lines: list[LineIn] = Field(max_length=MAX_LINES * 5)
    currency: str = Field(max_length=3, examples=["USD"])
    vouchers: list[Annotated[str, Field(max_length=40)]] = Field([], max_length=100)
    coupon: str | None = Field(None, max_length=40)
    promotion: str | None = Field(None, max_length=40)


class OrderIn(QuoteIn):
    region: str = Field("", max_length=40, description="Of a private CA; by default the service's first.")
    expected_money: int | None = Field(
        None, description="`money` of the quote: the order is refused if it is something else by now."
    )


class CardIn(Body):
    number: str = Field(min_length=12, max_length=23, description="A test card's; it is never kept.")
    expiry: str = Field(max_length=7, examples=["12/30"])


class MeansIn(Body):
    means: Literal[Means.BALANCE, Means.CARD]
    amount: int | None = Field(
        None, ge=1, le=MAX_AMOUNT, description="Minor units; left out: whatever is left."
    )
    card: CardIn | None = None


class PayIn(Body):
    means: list[MeansIn] = Field(min_length=1, max_length=2)


class OrderFilter(ninja.Schema):
    state: OrderState | None = None
    product: str = Field("", max_length=40, description="Kind of product, such as `ssl_certificate`.")
    origin: OrderOrigin | None = None
    placed_after: Moment | None = Field(None, description="Or at that moment.")
    placed_before: Moment | None = None


class OperatorOrderFilter(ninja.Schema):
    search: str = Field("", max_length=254, description="Id of an order or account, or a member's e-mail.")
    account: str = Field("", max_length=40)
    state: OrderState | None = None
    product: str = Field("", max_length=40)
    placed_after: Moment | None = None
    placed_before: Moment | None = None


def drafted(body: QuoteIn) -> dict[str, Any]:
    """What was asked for, as the services take it."""
    return {
        "lines": [LineDraft(line.product, line.quantity) for line in body.lines],
        "currency": body.currency,
        "voucher_ids": body.vouchers,
        "coupon_code": body.coupon or "",
        "promotion_id": body.promotion or "",
    }


@router.post(
    "/quotes",
    auth=customer(),
    response=QuoteOut,
    summary="What it will cost, and the refund terms that will hold",
    description="Nothing is kept: an order placed now with the same body costs the same.",
)
def ask_quote(request: ApiRequest, body: QuoteIn) -> QuoteOut:
    account = own_account(request)
    return quote_out(services.quote_for(request.actor, account=account, **drafted(body), at=request.at))


@router.post(
    "/orders",
    auth=customer(),
    response={201: OrderOut},
    summary="Place an order",
    description="Its price is frozen. Paid at once if vouchers and coupon cover everything.",
)
@idempotent
def place_order(request: ApiRequest, body: OrderIn) -> Status[OrderOut]:
    made = services.place_order(
        request.actor,
        account=own_account(request),
        **drafted(body),
        region=body.region,
        expected_money=body.expected_money,
        at=request.at,
    )
    return Status(201, order_out(queries.order(request.actor, made.public_id)))


@router.get("/orders", auth=customer(), response=PageOut[OrderOut], summary="The account's orders")
def list_orders(
    request: ApiRequest, filters: Annotated[OrderFilter, Query(...)], paging: PageQuery
) -> dict[str, object]:
    found = queries.orders(
        request.actor,
        state=filters.state or "",
        product=filters.product,
        origin=filters.origin or "",
        placed_after=filters.placed_after,
        placed_before=filters.placed_before,
    )
    return answer(found, paging, sorts=SORTS, out=order_out)


@router.get(
    "/orders/{order}",
    auth=customer(),
    response=OrderOut,
    summary="One order, with its lines, quota and payment",
)
def show_order(request: ApiRequest, order: str) -> OrderOut:
    return order_out(queries.order(request.actor, order))


@router.post(
    "/orders/{order}/pay",
    auth=customer(),
    response=OrderOut,
    summary="Pay an order by balance, by card, or by both",
    description=(
        "Still `unpaid` with a payment `processing`: the provider has not answered yet, look again later."
        " Still `unpaid` with a payment `open`: it was declined, `payment.problem` says why; pay again."
    ),
)
@idempotent
def pay_order(request: ApiRequest, order: str, body: PayIn) -> OrderOut:
    means = [
        MeansChoice(
            chosen.means,
            chosen.amount,
            CardDetails(chosen.card.number.replace(" ", ""), chosen.card.expiry) if chosen.card else None,
        )
        for chosen in body.means
    ]
    services.pay_order(request.actor, queries.order(request.actor, order), means=means, at=request.at)
    return order_out(queries.order(request.actor, order))


@router.post(
    "/orders/{order}/cancel",
    auth=customer(),
    response=OrderOut,
    summary="Cancel an unpaid order",
)
@idempotent
def cancel_order(request: ApiRequest, order: str) -> OrderOut:
    services.cancel_order(request.actor, queries.order(request.actor, order), at=request.at)
    return order_out(queries.order(request.actor, order))


@router.get(
    "/orders/{order}/receipt",
    auth=customer(),
    response=ReceiptOut,
    summary="The receipt of a paid order",
)
def show_receipt(request: ApiRequest, order: str) -> ReceiptOut:
    return receipt_out(services.receipt_of(request.actor, queries.order(request.actor, order)))


@router.get(
    "/operator/orders",
    auth=operator(),
    response=PageOut[OrderOut],
    summary="Every account's orders",
)
def search_orders(
    request: ApiRequest, filters: Annotated[OperatorOrderFilter, Query(...)], paging: PageQuery
) -> dict[str, object]:
    found = queries.search_orders(
        request.actor,
        search=filters.search.strip(),
        account=filters.account,
        state=filters.state or "",
        product=filters.product,
        placed_after=filters.placed_after,
        placed_before=filters.placed_before,
    )
    return answer(found, paging, sorts=SORTS, out=order_out)


@router.get(
    "/operator/orders/{order}",
    auth=operator(),
    response=OrderOut,
    summary="One order of any account",
)
def show_any_order(request: ApiRequest, order: str) -> OrderOut:
    return order_out(queries.order(request.actor, order))
