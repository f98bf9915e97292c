"""`hanaper authority`: the certification authorities of the installation on this machine."""

from typing import Annotated, Any

import typer

from hanaper.faces.cli import output
from hanaper.faces.cli.machine import machine

app = typer.Typer(help="The certification authorities of this machine.", no_args_is_help=True)

COLUMNS = ("id", "name", "role", "algorithm", "not_after", "crl_number", "crl_due_at")

Id = Annotated[str, typer.Argument(help="Public id (ca_...), or role (builtin-issuing).")]


@app.command("list")
def list_authorities() -> None:
    """Every authority, the oldest first."""
    load = machine()
    rows = load("hanaper.apps.authority.queries").all_authorities()
    output.show([_as_json(row) for row in rows], columns=COLUMNS)


@app.command()
def show(authority: Id) -> None:
    """One authority: its addresses, its newest list, what it issued."""
    load = machine()
    queries = load("hanaper.apps.authority.queries")
    row = queries.authority_named(authority)
    seen = queries.overview(row)
    newest = seen.newest
    found = {
        **_as_json(row),
        "parent": row.parent.public_id if row.parent else None,
        "keystore": row.keystore,
        "certificate_address": row.certificate_address,
        "crl_address": row.crl_address,
        "crl_this_update": newest.this_update if newest else None,
        "crl_next_update": newest.next_update if newest else None,
        "crl_entries": newest.entries if newest else None,
        "issued": seen.issued,
        "revoked": seen.revoked,
    }
    output.show(found)


@app.command()
def publish(authority: Id) -> None:
    """Sign and put out a new revocation list now."""
    load = machine()
    row = load("hanaper.apps.authority.queries").authority_named(authority)
    at = load("hanaper.clock").now()
    published = load("hanaper.apps.authority.services").publish_crl(row, at=at)
    output.show(
        {
            "id": row.public_id,
            "crl_number": published.number,
            "entries": published.entries,
            "next_update": published.next_update,
            "crl_address": row.crl_address,
        }
    )


def _as_json(row: Any) -> dict[str, Any]:
    return {
        "id": row.public_id,
        "name": row.name,
        "role": row.role,
        "algorithm": row.algorithm,
        "not_before": row.not_before,
        "not_after": row.not_after,
        "crl_number": row.crl_number,
        "crl_due_at": row.crl_due_at,
    }
