"""`hanaper policies`: writing, trying and publishing refund policies, through the API."""

import sys
import time
from typing import Annotated, Any

import typer

from hanaper.core.money import format_amount
from hanaper.faces.cli import output
from hanaper.faces.cli.client import api
from hanaper.faces.cli.options import Cursor, Limit

app = typer.Typer(help="For operators: write, try and publish refund policies.", no_args_is_help=True)

Name = Annotated[str, typer.Argument(help="A policy's, or a draft's.")]
File = Annotated[typer.FileText, typer.Argument(help="TOML; `-`: standard input.")]
Wait = Annotated[bool, typer.Option(help="Follow it until it ends.")]
DRAFTS, TRIALS = "/operator/policy-drafts", "/operator/policy-trials"
EVERY = 1.0  # second


@app.command("list")
def list_policies() -> None:
    """Every policy that can bind an order, and which one binds those placed now."""
    output.show(api().get("/policies"), columns=("name", "title", "window_days", "in_force"))


@app.command()
def show(name: Name) -> None:
    """A policy that can bind an order, rule by rule."""
    found = api().get(f"/policies/{name}")
    output.show(found if output.wants_json() else found["rules"], columns=("clause", "text"))


@app.command()
def published(limit: Limit = 50, cursor: Cursor = None) -> None:
    """The policies that were published, and from when each holds (D17)."""
    output.show(api().get("/operator/published-policies", {"limit": limit, "cursor": cursor}))


@app.command()
def publish(
    name: Name, holds_from: Annotated[str | None, typer.Option(help="RFC 3339; by default now.")] = None
) -> None:
    """Let a policy hold for every order placed from a moment on (administrators)."""
    output.show(api().post("/operator/published-policies", {"name": name, "holds_from": holds_from}))


@app.command()
def drafts(limit: Limit = 50, cursor: Cursor = None) -> None:
    """What is being written; it binds nobody."""
    found = api().get(DRAFTS, {"limit": limit, "cursor": cursor})
    output.show(found, columns=("name", "title", "version", "changed_at", "written_by"))


@app.command()
def text(name: Name) -> None:
    """A draft's TOML, as it is written, to be kept in a file and changed."""
    found = api().get(f"{DRAFTS}/{name}")
    output.show(found if output.wants_json() else found["text"].rstrip("\n"))


@app.command()
def draft(file: File) -> None:
    """Write a draft; its name is in its text. `hanaper policy text NAME` prints one to begin with."""
    output.show(_brief(api().post(DRAFTS, {"text": file.read()})))


@app.command("change-draft")
def change_draft(
    name: Name,
    file: File,
    version: Annotated[
        int | None, typer.Option(help="The one you read: refused if it changed since.")
    ] = None,
) -> None:
    """Replace a draft's text."""
    output.show(_brief(api().put(f"{DRAFTS}/{name}", {"text": file.read(), "version": version})))


@app.command("remove-draft")
def remove_draft(name: Name) -> None:
    """Throw a draft away."""
    api().delete(f"{DRAFTS}/{name}")
    output.note(f"The draft {name} is gone.")


@app.command()
def differences(
    name: Name, than: Annotated[str, typer.Option(help="Another one; by default the one in force.")] = ""
) -> None:
    """What a policy or a draft does otherwise than another, in words."""
    found = api().get(f"/operator/policies/{name}/differences", {"than": than})
    output.show(found if output.wants_json() else found["differences"], columns=("clause", "text"))


@app.command("try")
def start_trial(
    name: Name,
    days: Annotated[
        int | None,
        typer.Option(min=0, help="Judge each order so many days after its payment; else as of now."),
    ] = None,
    wait: Wait = False,
) -> None:
    """Judge the whole order book by a policy: who gains, who loses, how much (administrators)."""
    made = api().post(TRIALS, {"policy": name, "days": days})
    _show_trial(_follow(made["id"]) if wait else made)


@app.command()
def trials(limit: Limit = 20, cursor: Cursor = None) -> None:
    """Every trial, the newest first."""
    found = api().get(TRIALS, {"limit": limit, "cursor": cursor})
    output.show(found, columns=("id", "policy", "state", "looked_at", "total", "started_at"))


@app.command()
def trial(trial: str, wait: Wait = False) -> None:
    """How far a trial is, and what it found."""
    _show_trial(_follow(trial) if wait else api().get(f"{TRIALS}/{trial}"))


@app.command()
def findings(
    trial: str,
    change: Annotated[str, typer.Option(help="Only gains, loses, more, less, later and so on.")] = "",
    limit: Limit = 50,
    cursor: Cursor = None,
) -> None:
    """Every order and refund that the tried policy decides otherwise."""
    wanted = {"change": change, "limit": limit, "cursor": cursor}
    columns = ("change", "order", "refund", "account", "before", "after", "because_before", "because_after")
    output.show(api().get(f"{TRIALS}/{trial}/findings", wanted), columns=columns)


@app.command("cancel-trial")
def cancel_trial(trial: str) -> None:
    """Stop a trial; what it found until then stays."""
    _show_trial(api().post(f"{TRIALS}/{trial}/cancel"))


@app.command("remove-trial")
def remove_trial(trial: str) -> None:
    """Throw away a trial that has ended."""
    api().delete(f"{TRIALS}/{trial}")
    output.note(f"The trial {trial} is gone.")


def _brief(draft: dict[str, Any]) -> dict[str, Any]:
    return draft if output.wants_json() else {key: draft[key] for key in ("name", "title", "version")}


def _follow(trial: str) -> dict[str, Any]:
    while True:
        found: dict[str, Any] = api().get(f"{TRIALS}/{trial}")
        if sys.stderr.isatty() and not output.wants_json():
            sys.stderr.write(f"\r{found['looked_at']} of {found['total']}")
        if found["state"] != "running":
            output.note("")
            return found
        time.sleep(EVERY)


def _show_trial(trial: dict[str, Any]) -> None:
    if output.wants_json():
        output.show(trial)
        return
    of_all = ("id", "policy", "state", "looked_at", "total", "unreadable")
    output.show({key: trial[key] for key in of_all})
    if trial["tally"]:
        rows = [
            {
                **row,
                "before": format_amount(row["before"], row["currency"]),
                "after": format_amount(row["after"], row["currency"]),
            }
            for row in trial["tally"]
        ]
        output.show(rows, columns=("subject", "product", "change", "count", "before", "after"))
    reviews = trial["reviews"]
    output.show(
        f"Reviews asked of operators: {reviews['needed']} instead of {reviews['needed_before']}; "
        f"overdue at once: {reviews['overdue']} instead of {reviews['overdue_before']}."
    )
