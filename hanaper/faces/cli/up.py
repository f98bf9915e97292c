"""`hanaper up`: the whole service on this machine."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Annotated, Any

import typer

from hanaper.processes.supervisor import Child, InUse, Supervisor, hold

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
    _hold(Path(environment.get("HANAPER_DATA") or "data").expanduser().absolute())
    with Supervisor(environment) as supervisor:
        facts = _prepare(supervisor)
        if facts is None:
            sys.stderr.write("hanaper: the data folder could not be prepared; the reason is above.\n")
            raise typer.Exit(1)
        sys.stdout.write(_welcome(facts))
        sys.stdout.flush()
        if facts["gateway_node"]:
            supervisor.add(Child("gateway node", [sys.executable, *facts["gateway_node"]]))
        supervisor.add(Child("worker", [sys.executable, "-m", "hanaper.processes.worker"]))
        raise typer.Exit(supervisor.run())


def _hold(data: Path) -> None:
    """One at a time serves from a data folder: two would also send every letter from two workers."""
    try:
        hold(data)
    except InUse as in_use:
        sys.stderr.write(
            f"hanaper: another `hanaper up` (process {in_use}) serves from {data}. Stop it first, or give"
            " this one a folder of its own with --data.\n"
        )
        raise typer.Exit(1) from None
    except OSError as error:
        sys.stderr.write(f"hanaper: the data folder {data} cannot be written: {error.strerror}\n")
        raise typer.Exit(1) from None


def _prepare(supervisor: Supervisor) -> dict[str, Any] | None:
    """What the installation is, None if it could not be prepared. What can start meanwhile does."""
    facts: dict[str, Any] = {}
    command = [sys.executable, "-m", "hanaper.processes.prepare"]
    with subprocess.Popen(
        command,
        env=supervisor.environment,
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,  # Ctrl-C waits for it: what is half prepared would only be prepared again
    ) as prepared:
        web = Child("web", [sys.executable, "-m", "hanaper.processes.web"], waits=True)
        for line in prepared.stdout or ():
            told = json.loads(line)
            if "address" in told:
                supervisor.add(web)
            facts |= told
            if "tables" in told:
                web.go_on()
                if facts["card_provider"]:
                    supervisor.add(Child("sandbox card provider", [sys.executable, *facts["card_provider"]]))
    return facts if prepared.returncode == 0 and "people" in facts else None


def _welcome(facts: dict[str, Any]) -> str:
    address = facts["address"]
    lines = [f"Hanaper is starting at {address}", f"  API and its documentation: {address}/api/v1/docs"]
    if facts["gateway_node"]:
        listens = facts["gateway_listens"]
        lines.append(
            f"  Its gateway node listens on {listens['address']},"
            f" port {listens['http']} for http and {listens['https']} for https"
        )
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
