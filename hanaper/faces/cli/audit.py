"""`hanaper audit`: read, verify and export the audit log of the installation on this machine."""

import sys
from datetime import datetime
from enum import StrEnum
from typing import Annotated, Any

import typer

from hanaper.core.errors import InvalidInput
from hanaper.faces.cli import output
from hanaper.faces.cli.machine import Load, local_actor, machine

app = typer.Typer(help="Read, verify and export the audit log.", no_args_is_help=True)

COLUMNS = ("system_at", "actor.name", "action", "target", "account", "before", "after", "seal.position")

Account = Annotated[str | None, typer.Option(help="Only of this account (acc_...).")]
Action = Annotated[str | None, typer.Option(help="Only this action (order.placed), or a whole area (order).")]
Target = Annotated[str | None, typer.Option(help="Only about this thing (a public id).")]
Since = Annotated[str | None, typer.Option(help="Business time from which on, RFC 3339.")]
Until = Annotated[str | None, typer.Option(help="Business time before which, RFC 3339.")]


class Form(StrEnum):
    JSONL = "jsonl"
    CSV = "csv"


@app.command()
def verify(
    head: Annotated[
        str | None,
        typer.Option(help="A head kept elsewhere (position:hash): the log must still lead to it."),
    ] = None,
) -> None:
    """Compute the chain of seals again. Exit status 1 if the log was tampered with."""
    report = machine()("hanaper.apps.audit.verification").verify(head)
    found = report.as_json()
    if output.wants_json():
        output.show(found)
    else:
        output.show({name: value for name, value in found.items() if name != "breaks"})
        if report.breaks:
            output.show(found["breaks"], title="Where it is broken")
    if not report.sound:
        raise typer.Exit(1)


@app.command("list")
def list_entries(
    account: Account = None,
    action: Action = None,
    target: Target = None,
    since: Since = None,
    until: Until = None,
    limit: Annotated[int, typer.Option(min=1, max=10_000, help="How many, the latest.")] = 50,
) -> None:
    """The latest entries, the newest first."""
    load = machine()
    rows = _rows(load, account, action, target, since, until).order_by("-pk")[:limit]
    output.show([load("hanaper.apps.audit.export").as_json(row) for row in rows], columns=COLUMNS)


@app.command()
def export(
    form: Annotated[Form, typer.Option("--format", help="JSON lines carry the chain.")] = Form.JSONL,
    account: Account = None,
    action: Action = None,
    target: Target = None,
    since: Since = None,
    until: Until = None,
) -> None:
    """Every entry on standard output, the oldest first."""
    load = machine()
    rows = _rows(load, account, action, target, since, until)
    exports = load("hanaper.apps.audit.export")
    for line in exports.csv_lines(rows) if form is Form.CSV else exports.json_lines(rows):
        sys.stdout.write(line)


def _rows(
    load: Load,
    account: str | None,
    action: str | None,
    target: str | None,
    since: str | None,
    until: str | None,
) -> Any:
    return load("hanaper.apps.audit.queries").entries_for(
        local_actor(),
        account=account,
        action=action,
        target=target,
        since=_moment(since, "since"),
        until=_moment(until, "until"),
    )


def _moment(text: str | None, field: str) -> datetime | None:
    if text is None:
        return None
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        at = None
    if at is None or at.tzinfo is None:
        raise InvalidInput(
            f"{text!r} is not a time.", field=field, code="bad_time", next_steps=["As 2026-03-01T00:00:00Z."]
        )
    return at
