"""`hanaper refunds`: decisions, plans and refunds, through the API."""

import time
from typing import Annotated, Any

import typer

from hanaper.core.money import format_amount
from hanaper.faces.cli import output
from hanaper.faces.cli.client import api
from hanaper.faces.cli.options import Cursor, Limit

app = typer.Typer(help="Whether, how, and how far.", no_args_is_help=True)

Wait = Annotated[bool, typer.Option(help="Follow it until it ends or waits for a person.")]
Reason = Annotated[str, typer.Option(help="Kept in the audit log.")]

STEP_COLUMNS = ("progress", "action", "target", "by", "irreversible", "due")
REFUND_COLUMNS = ("id", "order", "state", "origin", "amount", "requested_at", "finished_at")
RETURN_COLUMNS = ("means", "amount", "state", "destination")
ENDED = ("done", "refused", "cancelled")
WAITS_FOR_A_PERSON = ("prepared", "needs_confirmation", "stopped")


@app.command()
def decide(order: str) -> None:
    """Whether the order can be refunded now, how much, why, and what must be done first."""
    answer = api().get(f"/orders/{order}/refund-decision")
    if output.wants_json():
        output.show(answer)
        return
    decision = answer["decision"]
    amount = decision["amount"]
    output.show(
        {
            "order": order,
            "verdict": decision["verdict"],
            "amount": format_amount(amount["total"], amount["currency"]),
            "too late from": decision["closes_at"],
            "revoke by": decision["revoke_by"],
            "policy": decision["policy"],
        }
    )
    output.show(decision["reasons"], columns=("clause", "text"))
    if decision["steps"]:
        output.show(decision["steps"], columns=("action", "target", "by", "irreversible", "due"))
    if answer["under_way"]:
        output.note(answer["under_way"])


@app.command()
def request(order: str, wait: Wait = False) -> None:
    """Ask for the refund; this moment is the receipt of the request."""
    made = api().post(f"/orders/{order}/refunds", {})
    _show(_follow_refund(made["id"]) if wait else made)


@app.command()
def plan(order: str) -> None:
    """Prepare the whole way to the refund; `hanaper refunds confirm` sets it going."""
    _show_plan(api().post(f"/orders/{order}/refund-plan", {}))


@app.command()
def confirm(
    plan: str,
    yes: Annotated[bool, typer.Option("--yes", help="Accept what cannot be undone without asking.")] = False,
    wait: Wait = False,
) -> None:
    """Confirm a plan as it is shown, once, and let it run to the refund."""
    shown = api().get(f"/refund-plans/{plan}")
    if not yes:
        _show_plan(shown)
        typer.confirm("Go on, with what cannot be undone?", abort=True)
    body = {"token": shown["token"] or "", "accept": True}
    confirmed = api().post(f"/refund-plans/{plan}/confirm", body)
    _show_plan(_follow_plan(plan) if wait else confirmed)


@app.command()
def resume(plan: str, wait: Wait = False) -> None:
    """Go on with a plan that stopped, once what stood in its way is mended."""
    resumed = api().post(f"/refund-plans/{plan}/resume", {})
    _show_plan(_follow_plan(plan) if wait else resumed)


@app.command()
def cancel(plan: str) -> None:
    """Cancel a plan between two steps; what it has done stays done."""
    _show_plan(api().post(f"/refund-plans/{plan}/cancel", {}))


@app.command("show-plan")
def show_plan(plan: str, wait: Wait = False) -> None:
    """A plan and how far it is."""
    _show_plan(_follow_plan(plan) if wait else api().get(f"/refund-plans/{plan}"))


@app.command("list")
def list_refunds(
    state: Annotated[str | None, typer.Option(help="paying, succeeded, given_up, ...")] = None,
    order: Annotated[str | None, typer.Option(help="Of one order.")] = None,
    limit: Limit = 50,
    cursor: Cursor = None,
    operator: Annotated[bool, typer.Option(help="Of every account, with an operator's key.")] = False,
    needs_person: Annotated[bool, typer.Option(help="For operators: those that wait for a person.")] = False,
) -> None:
    """The refunds, newest first."""
    path = "/operator/refunds" if operator or needs_person else "/refunds"
    asked = {
        "state": state,
        "order": order,
        "needs_person": needs_person or None,
        "limit": limit,
        "cursor": cursor,
    }
    found = api().get(path, asked)
    if not output.wants_json():
        found = {**found, "items": [_spoken(one, one["currency"]) for one in found["items"]]}
    output.show(found, columns=REFUND_COLUMNS)


@app.command()
def show(
    refund: str,
    operator: Annotated[bool, typer.Option(help="With an operator's key.")] = False,
    wait: Wait = False,
) -> None:
    """One refund: where the money went, try by try, and the ledger's rows."""
    path = f"/operator/refunds/{refund}" if operator else f"/refunds/{refund}"
    _show(_follow_refund(refund) if wait else api().get(path))


@app.command()
def replay(refund: str) -> None:
    """For operators: decide again from the stored facts; exit status 1 unless byte by byte the same."""
    answer = api().get(f"/operator/refunds/{refund}/replay")
    output.show(answer, columns=("refund", "same"))
    if not answer["same"]:
        raise typer.Exit(1)


@app.command()
def propose(
    order: str,
    reason: Reason,
    amount: Annotated[int | None, typer.Option(min=1, help="Minor units; left out: everything.")] = None,
    despite_use: Annotated[bool, typer.Option(help="The reason covers what is still in use.")] = False,
) -> None:
    """For operators of finance: propose a refund by hand; a second person approves it (R14)."""
    body = {"reason": reason, "amount": amount, "despite_use": despite_use}
    _show(api().post(f"/operator/orders/{order}/refunds", body))


@app.command()
def approve(refund: str) -> None:
    """For a second operator of finance: approve a refund by hand."""
    _show(api().post(f"/operator/refunds/{refund}/approve", {}))


@app.command()
def decline(refund: str, reason: Reason) -> None:
    """For operators of finance: decline a refund by hand."""
    _show(api().post(f"/operator/refunds/{refund}/decline", {"reason": reason}))


@app.command("give-up")
def give_up(refund: str, reason: Reason) -> None:
    """For operators of finance: give up a refund that provably paid nothing."""
    _show(api().post(f"/operator/refunds/{refund}/give-up", {"reason": reason}))


def _follow_plan(plan: str) -> dict[str, Any]:
    """The plan once it has ended or waits for a person; says on the way what it is at."""
    told = ""
    while True:
        found: dict[str, Any] = api().get(f"/refund-plans/{plan}")
        at = next((step["note"] for step in found["steps"] if step["progress"] in ("planned", "waiting")), "")
        line = f"{found['state']}: {at}" if at else found["state"]
        if line != told:
            output.note(line)
            told = line
        reviewed = any(step["progress"] == "waiting" and step["by"] == "operator" for step in found["steps"])
        if found["state"] in (*ENDED, *WAITS_FOR_A_PERSON) or reviewed:
            return found
        time.sleep(1)


def _follow_refund(refund: str) -> dict[str, Any]:
    while True:
        found: dict[str, Any] = api().get(f"/refunds/{refund}")
        if found["state"] != "paying":
            return found
        time.sleep(1)


def _show_plan(found: dict[str, Any]) -> None:
    if output.wants_json():
        output.show(found)
        return
    output.show(found, columns=("id", "order", "state", "refund", "confirmed_at", "finished_at"))
    output.show(found["steps"], columns=STEP_COLUMNS)
    for step in found["steps"]:
        if step["note"]:
            output.show(step["note"])
    for reason in found["decision"]["reasons"]:
        output.show(f"{reason['clause']}: {reason['text']}")
    if found["warning"]:
        output.show(found["warning"])
    if found["problem"]:
        output.show(found["problem"])


def _show(found: dict[str, Any]) -> None:
    if output.wants_json():
        output.show(found)
        return
    output.show(_spoken(found, found["currency"]), columns=("order_label", *REFUND_COLUMNS))
    output.show([_spoken(one, found["currency"]) for one in found["returns"]], columns=RETURN_COLUMNS)


def _spoken(row: dict[str, Any], currency: str) -> dict[str, Any]:
    """The amount as people read it."""
    return {**row, "amount": format_amount(row["amount"], currency)}
