"""`hanaper balance`: what the service owes the account, and how it came to it, through the API."""

import sys
from typing import Annotated

import typer

from hanaper.core.money import format_amount
from hanaper.faces.cli import output
from hanaper.faces.cli.client import api
from hanaper.faces.cli.options import Cursor, Limit

app = typer.Typer(help="The account's balance and its statement.", no_args_is_help=True)

Since = Annotated[str | None, typer.Option(help="RFC 3339, such as 2026-03-01T00:00:00Z.")]
Until = Annotated[str | None, typer.Option(help="The same; before that moment.")]


@app.command()
def show() -> None:
    """The balance in every currency."""
    found = api().get("/balances")
    if not output.wants_json():
        found = [{**one, "balance": format_amount(one["amount"], one["currency"])} for one in found]
    output.show(found, columns=("currency", "balance"))


@app.command()
def statement(
    currency: str = "USD",
    since: Since = None,
    until: Until = None,
    limit: Limit = 200,
    cursor: Cursor = None,
    csv: Annotated[
        bool, typer.Option("--csv", help="As a file for spreadsheets, on standard output.")
    ] = False,
) -> None:
    """Every movement of the balance in one currency."""
    asked = {"currency": currency.upper(), "since": since, "until": until}
    if csv:
        sys.stdout.write(api().text("/statement.csv", asked))
        return
    found = api().get("/statement", {**asked, "limit": limit, "cursor": cursor})
    if output.wants_json():
        output.show(found)
        return
    lines = [
        {**line, **{name: format_amount(line[name], found["currency"]) for name in ("amount", "balance")}}
        for line in found["lines"]
    ]
    output.show(f"opening {format_amount(found['opening'], found['currency'])}")
    page = {"items": lines, "next_cursor": found["next_cursor"]}
    output.show(page, columns=("at", "what", "order", "refund", "memo", "amount", "balance"))
    output.show(f"closing {format_amount(found['closing'], found['currency'])}")


@app.command()
def credit(
    account: str,
    amount: Annotated[int, typer.Argument(help="Minor units.")],
    currency: str,
    reason: Annotated[str, typer.Option(help="The customer reads it in the statement.")],
) -> None:
    """For operators of finance: give money to an account's balance."""
    body = {"amount": amount, "currency": currency.upper(), "reason": reason}
    output.show(api().post(f"/operator/accounts/{account}/credits", body))
