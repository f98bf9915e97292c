"""`hanaper master-keys`: what opens the sealed secrets of the installation on this machine."""

from typing import Annotated

import typer

from hanaper.faces.cli import output
from hanaper.faces.cli.machine import local_actor, machine

app = typer.Typer(help="The keys that open every sealed secret of this machine.", no_args_is_help=True)


@app.command("list")
def list_keys() -> None:
    """Every master key, the oldest first, and how many data keys it seals."""
    load = machine()
    output.show(load("hanaper.processes.master_keys").every_key(), columns=("id", "seals", "present"))


@app.command()
def rotate(
    yes: Annotated[bool, typer.Option("--yes", help="Do it without being asked.")] = False,
) -> None:
    """Seal everything under a new master key. The old file stays, for the backups that need it."""
    load = machine()
    if not yes:
        typer.confirm("Make a new master key? Keep its file with the others.", abort=True, err=True)
    name = load("hanaper.processes.master_keys").rotate(local_actor())
    output.show({"id": name})
