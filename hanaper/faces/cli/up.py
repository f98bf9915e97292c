"""`hanaper up`: the whole service on this machine."""

import json
import os
import subprocess
import sys
from pathlib import Path

import typer

from hanaper.processes.supervisor import Child, Supervisor

app = typer.Typer(help="Start web, worker and (in a sandbox) the card provider; stop with Ctrl-C.")


@app.callback(invoke_without_command=True)
def up(
    host: str = typer.Option(None, help="Address to listen on; default 127.0.0.1 (HANAPER_HOST)."),
    port: int = typer.Option(None, min=1, max=65535, help="Port to listen on; default 8000 (HANAPER_PORT)."),
    data: Path = typer.Option(None, help="Folder for everything the service writes; default ./data."),
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


def _children(facts: dict[str, object]) -> list[Child]:
    python = sys.executable
    children = [
        Child("web", [python, "-m", "hanaper.processes.web"]),
        Child("worker", [python, "-m", "hanaper.processes.worker"]),
    ]
    if facts["card_provider"]:
        children.insert(0, Child("sandbox card provider", [python, *facts["card_provider"]]))  # type: ignore[misc]
    return children


def _welcome(facts: dict[str, object]) -> str:
    lines = [f"Hanaper is starting at {facts['address']}", f"  API and its documentation  {facts['address']}/api/v1/docs"]
    if facts["sandbox"]:
        lines.append("  This is a SANDBOX: cards, money and the clock are pretended; nothing here is worth anything.")
    people = facts["people"]
    if isinstance(people, list) and people:
        lines.append(f"  First start: sign-in and access keys are written to {facts['credentials']} (mode 0600):")
        lines += [f"    {person['role']:<28} {person['email']:<32} {person['password']}" for person in people]
    else:
        lines.append(f"  Sign-in and access keys of the first start: {facts['credentials']}")
    lines.append("  Stop with Ctrl-C.")
    return "\n".join(lines) + "\n"
