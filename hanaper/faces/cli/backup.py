"""`hanaper backup`: back up the installation on this machine, and come back from a backup."""

from pathlib import Path
from typing import Annotated

import typer

from hanaper.core.errors import Refusal
from hanaper.faces.cli import output
from hanaper.faces.cli.machine import machine, unopened

app = typer.Typer(help="Back up and restore this installation.", no_args_is_help=True)


@app.command()
def create(
    file: Annotated[Path, typer.Argument(help="Where to; a .tar.gz that is not there yet.")],
    with_keys: Annotated[
        bool, typer.Option("--with-keys", help="Also the keys that open every secret; keep it locked away.")
    ] = False,
) -> None:
    """Back up the database and the published files; the service may run meanwhile."""
    made = unopened()("hanaper.processes.backup").create(file, with_keys=with_keys)
    output.show(made)
    if not with_keys:
        output.note("Keep the folder master-keys too, apart from this file: without it no secret opens.")


@app.command()
def restore(
    file: Annotated[Path, typer.Argument(help="A backup made by `hanaper backup create`.")],
    force: Annotated[
        bool, typer.Option("--force", help="Replace the database that is here. Stop the service first.")
    ] = False,
) -> None:
    """Put a backup in place and begin the recovery: nothing is paid or signed until `finish`."""
    # Before Django is set up, which makes files in the data folder.
    if not file.exists():
        raise Refusal(f"{file} is not there.", code="no_backup")
    restored = unopened(must_exist=False)("hanaper.processes.backup").restore(file, force=force)
    output.show(restored)
    if restored["missing_master_keys"]:
        output.note("Put the missing master keys back into the folder master-keys before you go on.")
    output.note("Now start the service, which pays and signs nothing yet, and run `hanaper backup finish`.")


@app.command()
def finish() -> None:
    """Compare with what happened since the backup, as far as anybody knows, and end the recovery."""
    load = machine()
    recovery = load("hanaper.apps.recovery.services")
    if not recovery.in_recovery():
        raise Refusal("There is no recovery to finish.", code="not_in_recovery")
    clock = load("hanaper.clock")
    at, system_at = clock.now(), clock.system_now()
    # Payments first: they are refused while their provider does not answer.
    payments = load("hanaper.apps.payments.recovery").reconcile(at, system_at)
    authorities = load("hanaper.apps.authority.recovery").reconcile(at)
    recovery.finish_recovery(system_at=system_at)
    missing = load("hanaper.apps.authority.queries").missing_keys()
    output.show(
        {**vars(payments), **vars(authorities), "missing_keys": [row.public_id for row, _ in missing]}
    )
    if missing:
        output.note(
            "These authorities can sign nothing; `hanaper authority keys` says where their keys were."
        )
    output.note("The recovery is over: payments and signatures go on.")
