"""`hanaper up`: the whole service on this machine."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Annotated, Any

import typer

from hanaper.processes.supervisor import Child, Supervisor

app = typer.Typer(help="Start web, worker and (in a sandbox) the card provider; stop with Ctrl-C.")


@app.callback(invoke_without_command=True)
def up(
    host: Annotated[
        str | None, typer.Option(help="Address to listen on; default 127.0.0.1 (HANAPER_HOST).")
    ] = None,
    port: Annotated[
        int | None, typer.Option(min=1, max=65535, help="Port to listen on; default 8000 (HANAPER_PORT).")
    ] = None,
    data: Annotated[
        Path | None, typer.Option(help="Folder for everything the service writes; default ./data.")
    ] = None,
) -> None:
    """Prepare the data folder, start everything, print the address and how to sign in."""
    environment = dict(os.environ)
    for name, given in (("HANAPER_HOST", host), ("HANAPER_PORT", port), ("HANAPER_DATA", data)):
        if given is not None:
            environment[name] = str(given)
    prepared = subprocess.run(
        [sys.executable, "-m", "hanaper.processes.prepare"],
        env=environment,
        stdout=subprocess.PIPE,
        check=False,
    )
    if prepared.returncode != 0:
        sys.stderr.write("hanaper: the data folder could not be prepared; the reason is above.\n")
        raise typer.Exit(1)
    facts = json.loads(prepared.stdout)
    sys.stdout.write(_welcome(facts))
    sys.stdout.flush()
    raise typer.Exit(Supervisor(_children(facts), environment).run())


def _children(facts: dict[str, Any]) -> list[Child]:
    python = sys.executable
    children = [
        Child("web", [python, "-m", "hanaper.processes.web"]),
        Child("worker", [python, "-m", "hanaper.processes.worker"]),
    ]
    if facts["card_provider"]:
        children.insert(0, Child("sandbox card provider", [python, *facts["card_provider"]]))
    return children


def _welcome(facts: dict[str, Any]) -> str:
    address = facts["address"]
    lines = [f"Hanaper is starting at {address}", f"  API and its documentation: {address}/api/v1/docs"]
    if facts["sandbox"]:
        lines.append("  This is a SANDBOX: cards, money and the clock are pretended.")
    people = facts["people"]
    if isinstance(people, list) and people:
        lines.append(f"  Sign in at {address}/accounts/login/ as one of these, made just now:")
        lines += [f"    {one['role']:<15} {one['email']:<32} {one['password']}" for one in people]
        lines.append(f"  The same with access keys: {facts['credentials']} (only you can read it)")
    else:
        lines.append(f"  Sign-in and access keys of the first start: {facts['credentials']}")
    lines.append("  Stop with Ctrl-C.")
    return "\n".join(lines) + "\n"
