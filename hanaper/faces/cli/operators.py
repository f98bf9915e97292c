"""`hanaper operators`: every account, and who runs the service, through the API."""

from typing import Annotated

import typer

from hanaper.core.actor import StaffRole
from hanaper.faces.cli import output
from hanaper.faces.cli.client import api
from hanaper.faces.cli.options import Cursor, Limit

app = typer.Typer(help="For operators: accounts, and the operators themselves.", no_args_is_help=True)


@app.command()
def accounts(limit: Limit = 50, cursor: Cursor = None) -> None:
    """Every account, the newest first."""
    output.show(api().get("/operator/accounts", {"limit": limit, "cursor": cursor}))


@app.command("open-account")
def open_account(
    name: str, owner: Annotated[str, typer.Option(help="E-mail address of somebody who signed up.")]
) -> None:
    """Open another account (administrators)."""
    output.show(api().post("/operator/accounts", {"name": name, "owner": owner}))


@app.command()
def members(account: str, limit: Limit = 50, cursor: Cursor = None) -> None:
    """Who belongs to an account."""
    output.show(api().get(f"/operator/accounts/{account}/members", {"limit": limit, "cursor": cursor}))


@app.command("list")
def list_staff(limit: Limit = 50, cursor: Cursor = None) -> None:
    """The operators and their roles."""
    output.show(api().get("/operator/staff", {"limit": limit, "cursor": cursor}))


@app.command()
def grant(email: str, role: StaffRole) -> None:
    """Give somebody a role (administrators)."""
    output.show(api().post("/operator/staff", {"email": email, "role": role.value}))


@app.command()
def withdraw(user: str, role: StaffRole) -> None:
    """Take a role away (administrators)."""
    api().delete(f"/operator/staff/{user}/{role.value}")
    output.show({"user": user, "withdrawn": role.value})
