"""`hanaper reviews`: for operators, what waits for a decision, and certificates of every account."""

from typing import Annotated

import typer

from hanaper.faces.cli import output
from hanaper.faces.cli.client import api
from hanaper.faces.cli.options import Cursor, Limit

app = typer.Typer(help="For operators: what waits for a decision.", no_args_is_help=True)

Reason = Annotated[str, typer.Option(help="The customer reads it.")]
REVIEWS = "/operator/reviews"


@app.command()
def revocations(limit: Limit = 50, cursor: Cursor = None) -> None:
    """Revocations that wait: the refund window that closes first, then by due date (D10)."""
    found = api().get(f"{REVIEWS}/revocations", {"limit": limit, "cursor": cursor})
    columns = (
        "id",
        "certificate",
        "domains",
        "reason",
        "requested_at",
        "due_at",
        "window_closes_at",
        "overdue",
    )
    output.show(found, columns=columns)


@app.command()
def applications(limit: Limit = 50, cursor: Cursor = None) -> None:
    """OV and EV applications that wait, longest first."""
    found = api().get(f"{REVIEWS}/applications", {"limit": limit, "cursor": cursor})
    columns = ("id", "certificate", "level", "domains", "company.organization", "submitted_at")
    output.show(found, columns=columns)


@app.command()
def show(review: Annotated[str, typer.Argument(help="app_... or rvk_...")]) -> None:
    """One of them, with everything known."""
    output.show(api().get(_path(review)))


@app.command()
def approve(review: Annotated[str, typer.Argument(help="app_... or rvk_...")]) -> None:
    """Approve an application, or a revocation."""
    decided = api().post(f"{_path(review)}/approve")
    output.show(decided, columns=("id", "certificate", "state"))


@app.command()
def refuse(
    review: Annotated[str, typer.Argument(help="app_... or rvk_...")],
    reason: Reason,
    not_the_subscriber: Annotated[
        bool, typer.Option("--not-the-subscriber", help="The request is not the subscriber's.")
    ] = False,
) -> None:
    """Refuse an application, or a revocation."""
    body: dict[str, object] = {"reason": reason}
    if _is_revocation(review):
        body["not_the_subscriber"] = not_the_subscriber
    decided = api().post(f"{_path(review)}/refuse", body)
    output.show(decided, columns=("id", "certificate", "state"))


@app.command()
def search(
    text: Annotated[str, typer.Argument(help="The beginning of any part of a name; a serial number.")],
    account: Annotated[str | None, typer.Option(help="acc_...")] = None,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> None:
    """Certificates of every account."""
    wanted = {"search": text, "account": account, "limit": limit, "cursor": cursor}
    found = api().get("/operator/certificates", wanted)
    output.show(found, columns=("id", "account", "state_label", "domains", "serial", "term_end"))


@app.command("revoke-for-cause")
def revoke_for_cause(
    certificate: str,
    text: Annotated[str, typer.Option(help="The cause; the customer reads it.")],
    reason: str = "privilege_withdrawn",
    yes: Annotated[bool, typer.Option("--yes", help="Confirm the warning without being asked.")] = False,
) -> None:
    """Revoke at once, without a review; cannot be undone."""
    warned = api().post(f"/operator/certificates/{certificate}/revoke/prepare")
    output.note(f"Note: {warned['warning']}")
    if not yes and not typer.confirm("Go on?", err=True):
        raise typer.Abort
    body = {"confirmation": warned["confirmation"], "reason": reason, "text": text}
    output.show(api().post(f"/operator/certificates/{certificate}/revoke/confirm", body))


def _is_revocation(review: str) -> bool:
    return review.startswith("rvk_")


def _path(review: str) -> str:
    return f"{REVIEWS}/{'revocations' if _is_revocation(review) else 'applications'}/{review}"
