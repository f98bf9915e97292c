"""`hanaper webhooks`: where the account is told by HTTP what happened, through the API."""

from typing import Annotated

import typer

from hanaper.faces.cli import output
from hanaper.faces.cli.client import api
from hanaper.faces.cli.options import Cursor, Limit

app = typer.Typer(help="Where your programs are told what happened.", no_args_is_help=True)

COLUMNS = ("id", "url", "kinds", "enabled", "disabled_because", "failures")
DELIVERY_COLUMNS = ("id", "kind", "subject", "state", "attempts", "status", "fault", "due_at")

Kinds = Annotated[
    list[str] | None, typer.Option("--kind", help="A kind of event; again for more. None: all of them.")
]


@app.command("list")
def list_webhooks(limit: Limit = 50, cursor: Cursor = None) -> None:
    """The account's webhooks."""
    output.show(api().get("/webhooks", {"limit": limit, "cursor": cursor}), columns=COLUMNS)


@app.command()
def kinds() -> None:
    """The kinds of events there are."""
    found = api().get("/event-kinds")["items"]
    output.show([{"kind": kind} for kind in found])


@app.command()
def add(url: str, description: str = "", kind: Kinds = None) -> None:
    """Add one; the secret that signs is shown this once (owners)."""
    made = api().post("/webhooks", {"url": url, "description": description, "kinds": kind or []})
    output.show(made, columns=("id", "url", "kinds", "secret"))
    output.note("The secret is shown only now.")


@app.command()
def show(webhook: str) -> None:
    """One of them."""
    output.show(api().get(f"/webhooks/{webhook}"))


@app.command()
def change(
    webhook: str,
    url: str | None = None,
    description: str | None = None,
    kind: Kinds = None,
    all_kinds: Annotated[bool, typer.Option("--all-kinds", help="Whatever happens.")] = False,
) -> None:
    """Change what is given (owners)."""
    given = {"url": url, "description": description, "kinds": [] if all_kinds else kind or None}
    body = {name: value for name, value in given.items() if value is not None}
    output.show(api().patch(f"/webhooks/{webhook}", body))


@app.command()
def enable(webhook: str) -> None:
    """Send to it again (owners)."""
    output.show(api().patch(f"/webhooks/{webhook}", {"enabled": True}))


@app.command()
def disable(webhook: str) -> None:
    """Send nothing to it for now; what was on its way is given up (owners)."""
    output.show(api().patch(f"/webhooks/{webhook}", {"enabled": False}))


@app.command("rotate-secret")
def rotate_secret(webhook: str) -> None:
    """Give it a new secret, shown this once; the one before signs too for a day (owners)."""
    output.show(api().post(f"/webhooks/{webhook}/rotate-secret"), columns=("id", "url", "secret"))
    output.note("The secret is shown only now.")


@app.command()
def remove(webhook: str) -> None:
    """Take it away for good (owners)."""
    api().delete(f"/webhooks/{webhook}")
    output.show({"removed": webhook})


@app.command()
def test(webhook: str) -> None:
    """Send a test event to it (owners)."""
    output.show(api().post(f"/webhooks/{webhook}/test"), columns=DELIVERY_COLUMNS)


@app.command()
def deliveries(
    webhook: str,
    state: Annotated[str | None, typer.Option(help="pending, failed, delivered or given_up.")] = None,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> None:
    """What was sent to it, the newest first."""
    parameters = {"state": state, "limit": limit, "cursor": cursor}
    output.show(api().get(f"/webhooks/{webhook}/deliveries", parameters), columns=DELIVERY_COLUMNS)


@app.command()
def replay(webhook: str, delivery: str) -> None:
    """Send one again, with the same id (owners)."""
    sent = api().post(f"/webhooks/{webhook}/deliveries/{delivery}/replay")
    output.show(sent, columns=DELIVERY_COLUMNS)
