"""`hanaper pca batches`: a certificate for each row of a table, through the API."""

import sys
import time
from pathlib import Path
from typing import Annotated, Any

import typer

from hanaper.faces.cli import output
from hanaper.faces.cli.client import api
from hanaper.faces.cli.files import new_private_file, passphrase, read_text, write_text
from hanaper.faces.cli.options import Cursor, Limit

app = typer.Typer(help="Certificates for a whole table, in the background.", no_args_is_help=True)

COLUMNS = ("id", "ca", "state", "begun", "refused", "failed", "total", "message", "created_at", "finished_at")
ROW_COLUMNS = ("number", "state", "certificate", "serial", "message")
ENDED = ("begun", "refused", "failed")
EVERY = 1.0  # second

Ca = Annotated[str, typer.Argument(help="pca_..., an intermediate.", metavar="CA")]
Table = Annotated[Path, typer.Argument(help="CSV; its first row names the columns.", metavar="FILE")]
Batch = Annotated[str, typer.Argument(help="As `list` shows it.", metavar="BATCH")]
Template = Annotated[str, typer.Option(help="Of rows that name none.")]
Wait = Annotated[bool, typer.Option("--wait", help="Follow it until it ends.")]
To = Annotated[Path | None, typer.Option("--to", help="A file; else standard output.")]


@app.command()
def check(ca: Ca, table: Table, template: Template = "") -> None:
    """What is wrong with a table, row by row; nothing is issued. Exit status 1 if anything is."""
    body = {"csv": read_text(table, "csv"), "template": template}
    found = api().post(f"/private-cas/{ca}/batches/check", body)
    if output.wants_json():
        output.show(found)
    else:
        output.show(found, columns=("rows", "quota_left", "enough_quota"))
        if found["faults"]:
            output.show(found["faults"], columns=("field", "message", "code"))
    if found["faults"] or not found["enough_quota"]:
        raise typer.Exit(1)


@app.command()
def start(
    ca: Ca,
    table: Table,
    template: Template = "",
    wait: Wait = False,
    result_to: Annotated[Path | None, typer.Option(help="With --wait: write the result file here.")] = None,
) -> None:
    """Issue a certificate for each row of a table that is right as a whole."""
    body = {"csv": read_text(table, "csv"), "template": template}
    made = api().post(f"/private-cas/{ca}/batches", body)
    if wait:
        made = _follow(made["id"])
        if result_to is not None:
            _result(made["id"], result_to)
    _end(made, waited=wait)


@app.command("list")
def list_batches(
    ca: str = "",
    state: Annotated[str | None, typer.Option(help="Only those in this state.")] = None,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> None:
    """The account's batches, the newest first."""
    wanted = {"ca": ca or None, "state": state, "limit": limit, "cursor": cursor}
    output.show(api().get("/certificate-batches", wanted), columns=COLUMNS)


@app.command()
def show(batch: Batch, wait: Wait = False) -> None:
    """How far one is."""
    _end(_follow(batch) if wait else api().get(f"/certificate-batches/{batch}"), waited=wait)


@app.command()
def rows(batch: Batch, limit: Limit = 50, cursor: Cursor = None) -> None:
    """What became of each row."""
    wanted = {"limit": limit, "cursor": cursor}
    output.show(api().get(f"/certificate-batches/{batch}/rows", wanted), columns=ROW_COLUMNS)


@app.command()
def result(batch: Batch, to: To = None) -> None:
    """What became of each row, as CSV."""
    _result(batch, to)


@app.command()
def archive(
    batch: Batch,
    to: Annotated[Path, typer.Option("--to", help="The file to write; it must not exist.")],
    keys: Annotated[bool, typer.Option("--keys", help="The keys that were made too, encrypted.")] = False,
    passphrase_file: Annotated[
        Path | None, typer.Option(help="Its first line is the passphrase of the keys; else it is asked for.")
    ] = None,
) -> None:
    """Its certificates in one archive (zip)."""
    with new_private_file(to) as file:
        body = {"passphrase": passphrase(passphrase_file) if keys else None}
        file.write(api().file(f"/certificate-batches/{batch}/certificates.zip", body))


@app.command()
def cancel(batch: Batch) -> None:
    """Issue no more of it; what was issued stays."""
    _show(api().post(f"/certificate-batches/{batch}/cancel"))


@app.command()
def resume(batch: Batch, wait: Wait = False) -> None:
    """Go on after whatever stopped it."""
    found = api().post(f"/certificate-batches/{batch}/resume")
    _end(_follow(batch) if wait else found, waited=wait)


def _result(batch: str, to: Path | None) -> None:
    text = api().text(f"/certificate-batches/{batch}/result.csv")
    write_text(text, to, text)


def _follow(batch: str) -> dict[str, Any]:
    """The batch once it has ended or was stopped; on a terminal it says how far it is."""
    while True:
        found: dict[str, Any] = api().get(f"/certificate-batches/{batch}")
        if sys.stderr.isatty() and not output.wants_json():
            sys.stderr.write(f"\r{sum(found[one] for one in ENDED)} of {found['total']}")
        if found["state"] != "running":
            output.note("")
            return found
        time.sleep(EVERY)


def _end(batch: dict[str, Any], *, waited: bool) -> None:
    _show(batch)
    if waited and (batch["state"] != "done" or batch["refused"] or batch["failed"]):
        raise typer.Exit(1)


def _show(batch: dict[str, Any]) -> None:
    output.show(batch) if output.wants_json() else output.show(batch, columns=COLUMNS)
