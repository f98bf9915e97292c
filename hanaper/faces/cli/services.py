"""`hanaper services`: what orders bought besides certificates, through the API."""

from typing import Annotated

import typer

from hanaper.faces.cli import output
from hanaper.faces.cli.client import api
from hanaper.faces.cli.options import Cursor, Limit

app = typer.Typer(help="Private CAs, gateways and other services that were bought.", no_args_is_help=True)

State = Annotated[str | None, typer.Option(help="Only those in this state.")]


@app.command("private-cas")
def private_cas(state: State = None, limit: Limit = 50, cursor: Cursor = None) -> None:
    """The account's private CAs, the newest first."""
    found = api().get("/private-cas", {"state": state, "limit": limit, "cursor": cursor})
    output.show(found, columns=("id", "order", "kind", "state_label", "parent", "term_months"))


@app.command()
def gateways(state: State = None, limit: Limit = 50, cursor: Cursor = None) -> None:
    """The account's gateway instances, the newest first."""
    found = api().get("/gateways", {"state": state, "limit": limit, "cursor": cursor})
    output.show(found, columns=("id", "order", "state_label", "domain", "grcq_used", "grcq_included"))


@app.command("list")
def list_services(state: State = None, limit: Limit = 50, cursor: Cursor = None) -> None:
    """The account's other services, the newest first."""
    found = api().get("/services", {"state": state, "limit": limit, "cursor": cursor})
    output.show(found, columns=("id", "order", "product", "state_label", "used_at"))


@app.command()
def show(service: Annotated[str, typer.Argument(help="As the lists show it.")]) -> None:
    """One of them."""
    paths = {"pca": "private-cas", "gwi": "gateways"}
    output.show(api().get(f"/{paths.get(service.partition('_')[0], 'services')}/{service}"))


@app.command()
def use(service: str) -> None:
    """Use another service for the first time; from then on its order is not refundable (R8)."""
    output.show(api().post(f"/services/{service}/use"))
