"""`hanaper catalogue`: products and prices, through the API."""

from collections.abc import Mapping
from typing import Annotated, Any

import typer

from hanaper.core.money import format_amount
from hanaper.faces.cli import output
from hanaper.faces.cli.client import api
from hanaper.faces.cli.options import Cursor, Limit

app = typer.Typer(help="Products and prices.", no_args_is_help=True)

COLUMNS = ("code", "name", "kind", "years", "publicly_trusted", "price")


@app.command("list")
def list_products(
    kind: Annotated[str | None, typer.Option(help="Such as ssl_certificate or https_gateway.")] = None,
    brand: Annotated[str | None, typer.Option()] = None,
    level: Annotated[str | None, typer.Option(help="dv, ov or ev.")] = None,
    domain_kind: Annotated[
        str | None, typer.Option(help="single, multi_domain, wildcard, multi_wildcard or hybrid.")
    ] = None,
    years: Annotated[int | None, typer.Option(min=1, max=3)] = None,
    search: Annotated[str | None, typer.Option(help="In code or name.")] = None,
    currency: Annotated[str, typer.Option(help="In which the table shows prices.")] = "USD",
    limit: Limit = 100,
    cursor: Cursor = None,
) -> None:
    """What is sold, with today's prices."""
    found = api().get(
        "/products",
        {
            "kind": kind,
            "brand": brand,
            "level": level,
            "domain_kind": domain_kind,
            "years": years,
            "search": search,
            "limit": limit,
            "cursor": cursor,
        },
    )
    output.show(found if output.wants_json() else _priced(found, currency.upper()), columns=COLUMNS)


@app.command()
def show(code: str) -> None:
    """One product, with its prices in every currency."""
    product = api().get(f"/products/{code}")
    if not output.wants_json():
        prices = [format_amount(amount, currency) for currency, amount in product["prices"].items()]
        product = {**product, "prices": ", ".join(prices) or "not sold"}
    output.show(product)


@app.command()
def promotions(limit: Limit = 50, cursor: Cursor = None) -> None:
    """Promotional events that run now, with their refund terms."""
    found = api().get("/promotions", {"limit": limit, "cursor": cursor})
    output.show(found, columns=("id", "name", "percent", "kinds", "ends_at", "refundable", "refund_days"))


@app.command()
def vouchers(limit: Limit = 50, cursor: Cursor = None) -> None:
    """The account's vouchers, and what is left of each."""
    found = api().get("/vouchers", {"limit": limit, "cursor": cursor})
    if not output.wants_json():
        left = [{**item, "left": format_amount(item["balance"], item["currency"])} for item in found["items"]]
        found = {**found, "items": left}
    output.show(found, columns=("id", "left", "kinds", "expires_at", "reason", "withdrawn_at"))


def _priced(found: Mapping[str, Any], currency: str) -> dict[str, Any]:
    """The page with one price a row, as people read it."""

    def price(product: Mapping[str, Any]) -> str:
        amount = product["prices"].get(currency)
        return "not sold" if amount is None else format_amount(amount, currency)

    return {**found, "items": [{**product, "price": price(product)} for product in found["items"]]}
