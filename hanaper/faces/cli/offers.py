"""`hanaper offers`: what is sold at which price, and who gets it for less, through the API."""

import json
from typing import Annotated, Any

import typer

from hanaper.core.errors import InvalidInput
from hanaper.core.money import format_amount
from hanaper.faces.cli import output
from hanaper.faces.cli.client import api
from hanaper.faces.cli.options import Cursor, Limit

app = typer.Typer(help="For operators: products, prices, vouchers, promotions.", no_args_is_help=True)

Reason = Annotated[str, typer.Option(help="Kept in the audit log; the customer reads it.")]
Starts = Annotated[str, typer.Option(help="RFC 3339, such as 2026-03-01T00:00:00Z.")]
Ends = Annotated[str, typer.Option(help="The same.")]
Kinds = Annotated[list[str], typer.Option("--kind", help="Only for such products; repeat it. None: for all.")]
Percent = Annotated[int | None, typer.Option(min=1, max=100)]
Amount = Annotated[int | None, typer.Option(min=1, help="Minor units.")]


@app.command()
def products(limit: Limit = 100, cursor: Cursor = None) -> None:
    """Every product, also those withdrawn from sale."""
    found = api().get("/operator/products", {"limit": limit, "cursor": cursor})
    output.show(found, columns=("code", "name", "kind", "years", "is_active"))


@app.command("add-product")
def add_product(file: Annotated[typer.FileText, typer.Argument(help="JSON; `-`: standard input.")]) -> None:
    """Add a product; its fields are those of POST /operator/products. It has no price yet."""
    try:
        fields: Any = json.load(file)
    except ValueError as error:
        raise InvalidInput(f"This is no JSON: {error}.", field="file", code="bad_json") from None
    output.show(api().post("/operator/products", fields))


@app.command("change-product")
def change_product(
    code: str,
    name: Annotated[str | None, typer.Option()] = None,
    on_sale: Annotated[bool | None, typer.Option("--on-sale/--withdraw")] = None,
) -> None:
    """Rename a product, withdraw it from sale, or sell it again."""
    given = {"name": name, "is_active": on_sale}
    body = {field: value for field, value in given.items() if value is not None}
    output.show(api().patch(f"/operator/products/{code}", body))


@app.command()
def prices(code: str, limit: Limit = 50, cursor: Cursor = None) -> None:
    """The prices of a product, past, present and to come."""
    found = api().get(f"/operator/products/{code}/prices", {"limit": limit, "cursor": cursor})
    if not output.wants_json():
        items = [{**one, "price": _price(one["amount"], one["currency"])} for one in found["items"]]
        found = {**found, "items": items}
    output.show(found, columns=("currency", "price", "valid_from"))


@app.command("set-price")
def set_price(
    code: str,
    currency: str,
    amount: Annotated[int | None, typer.Argument(help="Minor units; left out: no longer sold in it.")] = None,
    valid_from: Annotated[str | None, typer.Option(help="RFC 3339; by default now.")] = None,
) -> None:
    """Set a price from a moment on; orders that were placed keep theirs."""
    body = {"currency": currency.upper(), "amount": amount, "valid_from": valid_from}
    output.show(api().post(f"/operator/products/{code}/prices", body))


@app.command()
def vouchers(limit: Limit = 50, cursor: Cursor = None) -> None:
    """Every account's vouchers."""
    output.show(api().get("/operator/vouchers", {"limit": limit, "cursor": cursor}))


@app.command("give-voucher")
def give_voucher(
    account: str,
    amount: Annotated[int, typer.Argument(min=1, help="Minor units.")],
    currency: str,
    expires: Annotated[str, typer.Option(help="RFC 3339.")],
    reason: Reason,
    kinds: Kinds = [],  # noqa: B006 - typer copies it
) -> None:
    """Give an account a voucher (finance)."""
    body = {
        "account": account,
        "amount": amount,
        "currency": currency.upper(),
        "expires_at": expires,
        "reason": reason,
        "kinds": kinds,
    }
    output.show(api().post("/operator/vouchers", body))


@app.command("withdraw-voucher")
def withdraw_voucher(voucher: str) -> None:
    """Withdraw what is left of a voucher."""
    output.show(api().post(f"/operator/vouchers/{voucher}/withdraw"))


@app.command()
def coupons(limit: Limit = 50, cursor: Cursor = None) -> None:
    """Every coupon, and how often it was used."""
    found = api().get("/operator/coupons", {"limit": limit, "cursor": cursor})
    columns = (
        "id",
        "code",
        "percent",
        "amount",
        "currency",
        "ends_at",
        "uses_taken",
        "uses_allowed",
        "withdrawn_at",
    )
    output.show(found, columns=columns)  # fmt: skip


@app.command("add-coupon")
def add_coupon(
    code: str,
    starts: Starts,
    ends: Ends,
    percent: Percent = None,
    amount: Amount = None,
    currency: Annotated[str, typer.Option(help="Of amount and minimum.")] = "",
    minimum: Annotated[int, typer.Option(min=0, help="Of the order, minor units.")] = 0,
    uses: Annotated[int | None, typer.Option(min=1, help="At most, by all.")] = None,
    uses_per_account: Annotated[int | None, typer.Option(min=1)] = None,
    kinds: Kinds = [],  # noqa: B006 - typer copies it
) -> None:
    """Make a coupon of a percentage or an amount."""
    body = {
        "code": code,
        "percent": percent,
        "amount": amount,
        "currency": currency.upper(),
        "minimum": minimum,
        "kinds": kinds,
        "starts_at": starts,
        "ends_at": ends,
        "uses_allowed": uses,
        "uses_per_account": uses_per_account,
    }
    output.show(api().post("/operator/coupons", body))


@app.command("withdraw-coupon")
def withdraw_coupon(coupon: str) -> None:
    """Let a coupon be used no more."""
    output.show(api().post(f"/operator/coupons/{coupon}/withdraw"))


@app.command()
def promotions(limit: Limit = 50, cursor: Cursor = None) -> None:
    """Every promotional event with its refund terms (R2)."""
    found = api().get("/operator/promotions", {"limit": limit, "cursor": cursor})
    output.show(found, columns=("id", "name", "percent", "starts_at", "ends_at", "refundable", "refund_days"))


@app.command("add-promotion")
def add_promotion(
    name: str,
    percent: Annotated[int, typer.Option(min=0, max=100)],
    starts: Starts,
    ends: Ends,
    refundable: Annotated[bool, typer.Option("--refundable/--not-refundable")],
    refund_days: Annotated[int, typer.Option(help="Replaces seven (D16).")] = 7,
    kinds: Kinds = [],  # noqa: B006 - typer copies it
) -> None:
    """Make a promotional event; its refund terms bind the orders placed in it."""
    body = {
        "name": name,
        "percent": percent,
        "starts_at": starts,
        "ends_at": ends,
        "refundable": refundable,
        "refund_days": refund_days if refundable else 0,
        "kinds": kinds,
    }
    output.show(api().post("/operator/promotions", body))


@app.command("withdraw-promotion")
def withdraw_promotion(promotion: str) -> None:
    """End a promotional event; orders placed in it keep its terms (D9)."""
    output.show(api().post(f"/operator/promotions/{promotion}/withdraw"))


def _price(amount: int | None, currency: str) -> str:
    return "not sold" if amount is None else format_amount(amount, currency)
