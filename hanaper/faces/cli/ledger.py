"""`hanaper ledger`: the books of the installation on this machine, and the proof that they are right."""

from typing import Annotated

import typer

from hanaper.faces.cli import output
from hanaper.faces.cli.machine import machine

app = typer.Typer(help="Verify and read the books of this machine.", no_args_is_help=True)


@app.command()
def verify(
    offline: Annotated[bool, typer.Option(help="Leave the provider's own record out.")] = False,
) -> None:
    """Prove that the books balance, that nothing was refunded beyond what was paid, and that the provider
    agrees; exit status 1 if not."""
    load = machine()
    ledger = load("hanaper.apps.ledger.verification")
    payments = load("hanaper.apps.payments.verification")
    report = ledger.LedgerReport()
    ledger.verify_books(report)
    payments.verify_parts(report)
    if not offline:
        payments.verify_provider(report)
    if output.wants_json():
        output.show({"ok": report.ok, "checked": report.checked, "problems": report.problems})
    else:
        output.show(report.checked, title="Looked at")
        for problem in report.problems:
            output.show(f"WRONG  {problem}")
        output.show("The books are right." if report.ok else f"{len(report.problems)} problems.")
    if not report.ok:
        raise typer.Exit(1)


@app.command()
def accounts() -> None:
    """Every account of the ledger with its total: debits less credits, in minor units."""
    totals = machine()("hanaper.apps.ledger.verification").account_totals()
    rows = [{"account": name, "currency": currency, "total": total}
            for (name, currency), total in sorted(totals.items())]  # fmt: skip
    output.show(rows, columns=("account", "currency", "total"))


@app.command()
def transfers(
    reference: Annotated[str, typer.Argument(help="Public id of a refund, payment part or account.")] = "",
    limit: Annotated[int, typer.Option(min=1, max=10_000)] = 50,
) -> None:
    """The newest transfers, or those of one reference."""
    found = machine()("hanaper.apps.ledger.queries").transfers(reference, limit)
    columns = ("at", "id", "kind", "debit", "credit", "amount", "currency", "reference")
    output.show(found, columns=columns)
