"""`hanaper clock`: what time it is for the service; in a sandbox, move it forward.

On the machine of the installation it works without the server; elsewhere it asks the server, with the key
of an administrator.
"""

from datetime import datetime
from typing import Any

import typer

from hanaper.core.durations import read_duration
from hanaper.faces.cli import output
from hanaper.faces.cli.client import api
from hanaper.faces.cli.machine import Load, installed_here, local_actor, machine

app = typer.Typer(help="Show the time; move a sandbox's clock forward.", no_args_is_help=True)


@app.command()
def show() -> None:
    """Business time (windows, terms, reviews) and system time."""
    output.show(_local(machine()) if installed_here() else api().get("/clock"))


@app.command()
def advance(by: str = typer.Argument(help="How far: 8d, 3h, 45m, 2d12h.")) -> None:
    """Move a sandbox's business time forward. It never goes back."""
    duration = read_duration(by)
    if not installed_here():
        output.show(api().post("/operator/clock", {"by": by}))
        return
    load = machine()
    at = load("hanaper.clock").now()
    load("hanaper.apps.clock.services").advance(local_actor(), duration, at=at)
    output.show(_local(load))


def _local(load: Load) -> dict[str, Any]:
    clock = load("hanaper.clock")
    ahead = clock.offset()
    system_time = clock.system_now()
    return {
        "business_time": _text(system_time + ahead),
        "system_time": _text(system_time),
        "offset_seconds": int(ahead.total_seconds()),
        "sandbox": load("django.conf").settings.SANDBOX,
    }


def _text(at: datetime) -> str:
    return at.isoformat(timespec="milliseconds").replace("+00:00", "Z")
