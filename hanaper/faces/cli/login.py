"""`hanaper login`, `logout`, `whoami`: which server, and with which access key."""

import json
import os
from typing import Annotated
from urllib.parse import urlsplit

import typer

from hanaper.core.errors import InvalidInput
from hanaper.faces.cli import client, output

login_app = typer.Typer(help="Keep a server and an access key.")
logout_app = typer.Typer(help="Forget the server and the access key that are kept.")
whoami_app = typer.Typer(help="Who the access key acts for.")

ME = ("email", "kind", "account", "account_name", "role", "staff_roles", "access_key")


@login_app.command()
def login(
    server: Annotated[str, typer.Option(help="Address of the service.")] = client.DEFAULT_SERVER,
    key: Annotated[
        str | None, typer.Option(help="The access key, key_....secret; asked for if left out.")
    ] = None,
) -> None:
    """Check an access key with the server, and keep both for later commands."""
    server = client.check_server(server)
    if key is None:
        key = typer.prompt("Access key", hide_input=True)
    key = key.strip()
    if not key.startswith("key_") or "." not in key:
        raise InvalidInput("An access key looks like key_....secret.", field="key", code="bad_access_key")
    parts = urlsplit(server)
    if parts.scheme == "http" and parts.hostname not in ("127.0.0.1", "localhost", "::1"):
        output.note("Warning: over http everybody on the way can read the access key. Use https.")
    me = client.Api(client.Credentials(server, key)).get("/me")
    _keep(server, key)
    output.note(f"Kept in {client.credentials_path()}.")
    output.show(me, columns=ME)


@logout_app.command()
def logout() -> None:
    """Forget what `hanaper login` kept. The key itself lives on: `hanaper keys revoke` ends it."""
    path = client.credentials_path()
    kept = path.exists()
    path.unlink(missing_ok=True)
    output.show({"forgotten": kept})


@whoami_app.command()
def whoami() -> None:
    """Ask the server who the key acts for."""
    api = client.api()
    output.show({"server": api.who.server, **api.get("/me")}, columns=("server", *ME))


def _keep(server: str, key: str) -> None:
    path = client.credentials_path()
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    draft = path.with_name(path.name + ".new")
    draft.unlink(missing_ok=True)
    handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "w") as file:
        json.dump({"server": server, "key": key}, file)
        file.write("\n")
    draft.replace(path)
