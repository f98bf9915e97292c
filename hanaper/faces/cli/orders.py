"""`hanaper orders`: quote, place, pay, look, cancel, through the API."""

from collections.abc import Mapping, Sequence
from typing import Annotated, Any

import typer

from hanaper.core.errors import InvalidInput
from hanaper.core.money import format_amount
from hanaper.faces.cli import output
from hanaper.faces.cli.client import api
from hanaper.faces.cli.options import Cursor, Limit

app = typer.Typer(help="Quote, order, pay, cancel.", no_args_is_help=True)

Products = Annotated[
    list[str], typer.Argument(metavar="PRODUCT[:QUANTITY]...", help="Codes from `hanaper catalogue list`.")
]
Currency = Annotated[str, typer.Option(help="Such as USD, EUR or JPY.")]
Vouchers = Annotated[list[str], typer.Option("--voucher", help="A voucher (vch_...); may be repeated.")]
Coupon = Annotated[str | None, typer.Option(help="A coupon's code.")]
Promotion = Annotated[str | None, typer.Option(help="A promotional event (prm_...).")]
Operator = Annotated[bool, typer.Option(help="Of every account, with an operator's key.")]

AMOUNTS = ("unit_price", "subtotal", "discount", "coupon", "voucher", "money", "tax", "total")
LINE_COLUMNS = ("product", "quantity", "unit_price", "subtotal", "discount", "coupon", "voucher", "money")
PART_COLUMNS = ("means", "state", "amount", "captured", "refunded", "last_four")
ORDER_FIELDS = (
    "id", "state_label", "product", "years", "region", "origin", "subtotal", "discount", "total", "coupon",
    "voucher", "money", "tax", "placed_at", "expires_at", "paid_at", "cancelled_at", "refunded_at",
)  # fmt: skip
RECEIPT_FIELDS = (
    "order", "account_name", "subtotal", "discount", "total", "coupon", "voucher", "money", "tax", "paid_at",
    "refunded_at",
)  # fmt: skip


@app.command()
def quote(
    products: Products,
    currency: Currency = "USD",
    voucher: Vouchers = [],  # noqa: B006 - typer copies it
    coupon: Coupon = None,
    promotion: Promotion = None,
) -> None:
    """What it will cost, and the refund terms that will hold; nothing is ordered."""
    quoted = api().post("/quotes", _body(products, currency, voucher, coupon, promotion))
    if output.wants_json():
        output.show(quoted)
        return
    output.show(_spoken(quoted["lines"], quoted["currency"]), columns=LINE_COLUMNS)
    output.show(
        _spoken([quoted], quoted["currency"])[0],
        columns=("subtotal", "discount", "total", "coupon", "voucher", "money", "tax", "expires_at"),
    )
    output.show(_terms(quoted["refund_terms"]))


@app.command()
def place(
    products: Products,
    currency: Currency = "USD",
    voucher: Vouchers = [],  # noqa: B006 - typer copies it
    coupon: Coupon = None,
    promotion: Promotion = None,
    expected_money: Annotated[
        int | None, typer.Option(help="Minor units of the quote; refused if it costs something else by now.")
    ] = None,
    region: Annotated[
        str, typer.Option(help="Where a private CA is to be; by default the service's first region.")
    ] = "",
) -> None:
    """Place an order; pay it with `hanaper orders pay`."""
    body = _body(products, currency, voucher, coupon, promotion)
    _show_order(api().post("/orders", {**body, "region": region, "expected_money": expected_money}))


@app.command()
def pay(
    order: str,
    balance: Annotated[
        int | None, typer.Option(min=1, help="Minor units to take from the account's balance.")
    ] = None,
    card: Annotated[
        str | None, typer.Option(help="A card's number, for all that is left; `-` asks for it.")
    ] = None,
    expiry: Annotated[str | None, typer.Option(help="Of the card, MM/YY.")] = None,
) -> None:
    """Pay an order by card, by a part of the balance and a card, or, told neither, by the balance."""
    if card == "-":
        card = typer.prompt("Card number", hide_input=True)
    if card is not None and expiry is None:
        raise InvalidInput("Say until when the card is valid: --expiry MM/YY.", field="expiry")
    means: list[dict[str, Any]] = []
    if balance is not None or card is None:
        means.append({"means": "balance", "amount": balance})
    if card is not None:
        means.append({"means": "card", "card": {"number": card, "expiry": expiry}})
    _show_order(api().post(f"/orders/{order}/pay", {"means": means}))


@app.command("list")
def list_orders(
    state: Annotated[
        str | None, typer.Option(help="unpaid, paid, cancelled, refund_in_progress or refunded.")
    ] = None,
    product: Annotated[str | None, typer.Option(help="Kind of product, such as ssl_certificate.")] = None,
    placed_after: Annotated[str | None, typer.Option(help="RFC 3339, such as 2026-03-01T00:00:00Z.")] = None,
    placed_before: Annotated[str | None, typer.Option()] = None,
    sort: Annotated[str, typer.Option(help="placed_at or -placed_at.")] = "-placed_at",
    operator: Operator = False,
    search: Annotated[str | None, typer.Option(help="For operators: an id, or a member's e-mail.")] = None,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> None:
    """The account's orders, the newest first."""
    found = api().get(
        "/operator/orders" if operator or search else "/orders",
        {
            "search": search,
            "state": state,
            "product": product,
            "placed_after": placed_after,
            "placed_before": placed_before,
            "sort": sort,
            "limit": limit,
            "cursor": cursor,
        },
    )
    if not output.wants_json():
        found = {**found, "items": [_spoken([order], order["currency"])[0] for order in found["items"]]}
    output.show(found, columns=("id", "state_label", "product", "total", "money", "placed_at", "paid_at"))


@app.command()
def show(order: str, operator: Operator = False) -> None:
    """One order, with its lines, quota and payment."""
    _show_order(api().get(f"/operator/orders/{order}" if operator else f"/orders/{order}"))


@app.command()
def cancel(order: str) -> None:
    """Cancel an unpaid order."""
    _show_order(api().post(f"/orders/{order}/cancel"))


@app.command()
def receipt(order: str) -> None:
    """The receipt of a paid order."""
    paid = api().get(f"/orders/{order}/receipt")
    if output.wants_json():
        output.show(paid)
        return
    output.show(_spoken(paid["lines"], paid["currency"]), columns=LINE_COLUMNS)
    output.show(
        _spoken([paid], paid["currency"])[0],
        columns=RECEIPT_FIELDS,
    )
    output.show(_parts(paid["payments"], paid["currency"]), columns=PART_COLUMNS)


def _body(
    products: Sequence[str],
    currency: str,
    vouchers: Sequence[str],
    coupon: str | None,
    promotion: str | None,
) -> dict[str, Any]:
    return {
        "lines": [_line(text) for text in products],
        "currency": currency.upper(),
        "vouchers": list(vouchers),
        "coupon": coupon,
        "promotion": promotion,
    }


def _line(text: str) -> dict[str, Any]:
    code, _, quantity = text.partition(":")
    if quantity and not quantity.isdecimal():
        raise InvalidInput(f"{text!r}: write PRODUCT or PRODUCT:QUANTITY.", field="lines", code="bad_line")
    return {"product": code, "quantity": int(quantity or 1)}


def _show_order(order: Mapping[str, Any]) -> None:
    if output.wants_json():
        output.show(order)
        return
    currency = order["currency"]
    output.show(_spoken([order], currency)[0], columns=ORDER_FIELDS)
    output.show(_spoken(order["lines"], currency), columns=(*LINE_COLUMNS, "quota_available"))
    if order["payment"] and order["payment"]["parts"]:
        output.show(_parts(order["payment"]["parts"], currency), columns=PART_COLUMNS)
    output.show(_terms(order["refund_terms"]))


def _spoken(rows: Sequence[Mapping[str, Any]], currency: str) -> list[dict[str, Any]]:
    """The same rows with their amounts as people read them."""
    return [
        {name: _amount(value, currency) if name in AMOUNTS else value for name, value in row.items()}
        for row in rows
    ]


def _parts(parts: Sequence[Mapping[str, Any]], currency: str) -> list[dict[str, Any]]:
    amounts = ("amount", "captured", "reserved", "refunded")
    return [
        {name: _amount(value, currency) if name in amounts else value for name, value in part.items()}
        for part in parts
    ]


def _amount(value: int, currency: str) -> str:
    return format_amount(value, currency)


def _terms(terms: Mapping[str, Any]) -> str:
    if not terms["refundable"]:
        return f"Not refundable (policy {terms['policy']}, promotion's terms)."
    return f"Refundable within {terms['days']} days (policy {terms['policy']}, zone {terms['zone']})."
