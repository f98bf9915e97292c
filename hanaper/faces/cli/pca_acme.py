"""`hanaper pca acme`: keys that bind ACME clients to a private CA, and the clients, through the API."""

from pathlib import Path
from typing import Annotated, Any

import typer

from hanaper.faces.cli import output
from hanaper.faces.cli.client import api
from hanaper.faces.cli.files import new_private_file
from hanaper.faces.cli.options import Cursor, Limit

app = typer.Typer(help="ACME clients: set up, bind, shut out.", no_args_is_help=True)

KEY_COLUMNS = ("id", "name", "template", "domains", "networks", "used", "expires_at", "revoked_at")
ACCOUNT_COLUMNS = ("id", "state", "template", "key", "contact", "address", "created_at")
ORDER_COLUMNS = ("id", "state", "names", "certificate", "created_at", "expires_at")

Ca = Annotated[str, typer.Argument(help="pca_..., an intermediate.", metavar="CA")]
Several = Annotated[list[str] | None, typer.Option(help="May be repeated.")]
Client = Annotated[str, typer.Argument(help="As `clients` shows it.", metavar="CLIENT")]


@app.command()
def setup(
    ca: Ca, client: Annotated[str | None, typer.Option(help="Only for certbot, lego, caddy ...")] = None
) -> None:
    """The directories of a CA, one a template, and how each client is set up."""
    found = api().get(f"/private-cas/{ca}/acme")
    if output.wants_json():
        output.show(found)
        return
    output.show([{"template": name, "directory": url} for name, url in found["directories"].items()])
    _show_snippets(found["snippets"], client)


@app.command()
def keys(ca: Ca, limit: Limit = 50, cursor: Cursor = None) -> None:
    """Keys that bind clients (external account binding)."""
    found = api().get(f"/private-cas/{ca}/acme/keys", {"limit": limit, "cursor": cursor})
    if not output.wants_json():
        found = {**found, "items": [_spoken(key) for key in found["items"]]}
    output.show(found, columns=KEY_COLUMNS)


@app.command("make-key")
def make_key(
    ca: Ca,
    name: str = "",
    template: Annotated[str, typer.Option(help="The only directory it opens; by default any.")] = "",
    domain: Several = None,
    network: Several = None,
    certificates: Annotated[int | None, typer.Option(help="How many at most.")] = None,
    expires_at: Annotated[str | None, typer.Option(help="RFC 3339: it binds no new client then.")] = None,
    to: Annotated[Path | None, typer.Option("--to", help="Write its HMAC key to this new file.")] = None,
    client: Annotated[str | None, typer.Option(help="Show how only this client is set up.")] = None,
) -> None:
    """Make a key that binds clients; its HMAC key is shown once."""
    body = {
        "name": name, "template": template, "domains": domain or [], "networks": network or [],
        "certificates_limit": certificates, "expires_at": expires_at,
    }  # fmt: skip
    path = f"/private-cas/{ca}/acme/keys"
    if to is None:
        made = api().post(path, body)
    else:
        with new_private_file(to) as file:
            made = api().post(path, body)
            file.write(made["hmac_key"].encode())
    if output.wants_json():
        output.show(made)
        return
    shown = {"kid": made["id"], "directory": next(iter(made["directories"].values()))}
    output.show(shown if to else {**shown, "hmac_key": made["hmac_key"]})
    if to is None:
        _show_snippets(made["snippets"], client)


@app.command("revoke-key")
def revoke_key(ca: Ca, key: str) -> None:
    """Revoke a key, and with it every client that it bound; their certificates stay good."""
    _show_key(api().post(f"/private-cas/{ca}/acme/keys/{key}/revoke"))


@app.command()
def clients(
    ca: Ca,
    key: Annotated[str, typer.Option(help="Only those that it bound.")] = "",
    state: Annotated[str | None, typer.Option(help="valid, deactivated or revoked.")] = None,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> None:
    """Clients that were bound."""
    wanted = {"key": key or None, "state": state, "limit": limit, "cursor": cursor}
    output.show(api().get(f"/private-cas/{ca}/acme/accounts", wanted), columns=ACCOUNT_COLUMNS)


@app.command("shut-out")
def shut_out(ca: Ca, client: Client) -> None:
    """Let a client in no more; what it has stays good."""
    found = api().post(f"/private-cas/{ca}/acme/accounts/{client}/revoke")
    output.show(found, columns=ACCOUNT_COLUMNS)


@app.command()
def orders(ca: Ca, client: Client, limit: Limit = 50, cursor: Cursor = None) -> None:
    """What a client ordered."""
    wanted = {"limit": limit, "cursor": cursor}
    found = api().get(f"/private-cas/{ca}/acme/accounts/{client}/orders", wanted)
    if not output.wants_json():
        rows = [{**one, "names": [name["value"] for name in one["identifiers"]]} for one in found["items"]]
        found = {**found, "items": rows}
    output.show(found, columns=ORDER_COLUMNS)


@app.command("renew-now")
def renew_now(
    ca: Ca,
    certificate: Several = None,
    explanation: Annotated[str, typer.Option(help="An address where people read why.")] = "",
) -> None:
    """Tell clients that ask (RFC 9773) to renew at once: certain certificates, or every one of the CA."""
    body = {"certificates": certificate or None, "explanation": explanation}
    output.show(api().post(f"/private-cas/{ca}/acme/renewals", body))


def _show_key(key: dict[str, Any]) -> None:
    output.show(key) if output.wants_json() else output.show(_spoken(key), columns=KEY_COLUMNS)


def _spoken(key: dict[str, Any]) -> dict[str, Any]:
    limit = key["certificates_limit"]
    used = f"{key['certificates_used']} of {limit}" if limit else str(key["certificates_used"])
    return {**key, "used": used}


def _show_snippets(snippets: dict[str, str], client: str | None) -> None:
    for name, text in snippets.items():
        if client is None or name == client:
            output.show(f"\n# {name}\n{text}")
