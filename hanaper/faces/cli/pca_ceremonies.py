"""`hanaper pca ceremonies`: root operations that take two persons, through the API."""

from typing import Annotated, Any

import typer

from hanaper.faces.cli import output
from hanaper.faces.cli.client import api
from hanaper.faces.cli.options import Cursor, Limit

app = typer.Typer(help="What one person proposes and another approves.", no_args_is_help=True)

COLUMNS = ("id", "operation", "ca", "state", "proposed_by", "proposed_at", "expires_at", "decided_by")

Ceremony = Annotated[str, typer.Argument(help="As `list` shows it.", metavar="CEREMONY")]
Propose = Annotated[
    bool, typer.Option("--propose", help="Only propose it, for another person to approve (`ceremonies`).")
]
Operator = Annotated[bool, typer.Option(help="Of every account, with an administrator's key.")]


@app.command()
def rule(
    on: Annotated[bool | None, typer.Option("--on/--end", help="Switch it on; propose its end.")] = None,
) -> None:
    """Whether root operations of the account take two persons. Ending that takes two itself."""
    if on is None:
        output.show(api().get("/account/two-persons"))
    elif on:
        output.show(api().post("/account/two-persons"))
    else:
        show_ceremony(api().post("/account/two-persons/end"))


@app.command("list")
def list_ceremonies(
    state: Annotated[str | None, typer.Option(help="Only those in this state.")] = None,
    operator: Operator = False,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> None:
    """The account's ceremonies, the newest first."""
    path = "/operator/ceremonies" if operator else "/ceremonies"
    output.show(api().get(path, {"state": state, "limit": limit, "cursor": cursor}), columns=COLUMNS)


@app.command()
def show(ceremony: Ceremony, operator: Operator = False) -> None:
    """One ceremony: what exactly is to be done, by whom it was proposed and decided."""
    show_ceremony(api().get(_path(ceremony, operator)))


@app.command()
def transcript(ceremony: Ceremony) -> None:
    """Its transcript, as text to be kept."""
    output.show(api().text(f"/ceremonies/{ceremony}/transcript").rstrip("\n"))


@app.command()
def approve(
    ceremony: Ceremony,
    operator: Operator = False,
    yes: Annotated[bool, typer.Option("--yes", help="Confirm without being asked.")] = False,
) -> None:
    """As the second person, approve it; it is carried out then. Exit status 1 if that failed."""
    found = api().get(_path(ceremony, operator))
    if not yes:
        show_ceremony(found)
        if not typer.confirm("Carry out exactly this?", err=True):
            raise typer.Abort
    done = api().post(f"{_path(ceremony, operator)}/approve")
    show_ceremony(done)
    if done["state"] == "failed":
        raise typer.Exit(1)


@app.command()
def refuse(ceremony: Ceremony, reason: Annotated[str, typer.Option(help="Told to the proposer.")]) -> None:
    """Refuse it."""
    show_ceremony(api().post(f"/ceremonies/{ceremony}/refuse", {"reason": reason}))


@app.command()
def withdraw(ceremony: Ceremony) -> None:
    """Take back what you proposed."""
    show_ceremony(api().post(f"/ceremonies/{ceremony}/withdraw"))


def _path(ceremony: str, operator: bool) -> str:
    return f"{'/operator' if operator else ''}/ceremonies/{ceremony}"


def propose_operation(ca: str, operation: str, what: dict[str, Any]) -> None:
    """Propose it and show the ceremony. `what`: the field of the operation, as over REST."""
    show_ceremony(api().post(f"/private-cas/{ca}/ceremonies", {"operation": operation, **what}))


def show_ceremony(ceremony: dict[str, Any]) -> None:
    """What is to be done with it: its parameters, whole."""
    if not output.wants_json() and (problem := ceremony["problem"]):
        ceremony = {**ceremony, "problem": " ".join([problem["message"], *problem.get("next_steps", ())])}
    output.show(ceremony, columns=(*COLUMNS, "decided_at", "parameters", "problem"))
