"""`hanaper authority`: the certification authorities of the installation on this machine."""

from typing import Annotated, Any

import typer

from hanaper.core.errors import InvalidInput
from hanaper.faces.cli import output
from hanaper.faces.cli.machine import local_actor, machine

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
def keys() -> None:
    """Authorities whose key cannot be used, and why; exit status 1 if there is one."""
    load = machine()
    missing = load("hanaper.apps.authority.queries").missing_keys()
    shown = [
        {**_as_json(row), "keystore": row.keystore, "key": row.key_id, "why": why} for row, why in missing
    ]
    output.show(shown, columns=("id", "name", "keystore", "key", "why"))
    if missing:
        raise typer.Exit(1)


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


@app.command()
def recovered(authority: Id) -> None:
    """Certificates in the world that a restore found and that belong to no order here."""
    load = machine()
    queries = load("hanaper.apps.authority.queries")
    rows = queries.recovered(queries.authority_named(authority), load("hanaper.clock").now())
    names = load("hanaper.core.x509.certificates").names_in
    shown = [
        {
            "serial": row.serial,
            "names": ", ".join(names(bytes(row.certificate))),
            "not_before": row.not_before,
            "not_after": row.not_after,
        }
        for row in rows
    ]
    output.show(shown, columns=("serial", "names", "not_before", "not_after"))


@app.command()
def revoke(
    authority: Id,
    serial: Annotated[str, typer.Argument(help="Of a certificate that `recovered` lists.")],
    reason: Annotated[str, typer.Option(help="As RFC 5280 names it, such as keyCompromise.")] = "superseded",
    yes: Annotated[bool, typer.Option("--yes", help="Do it without being asked.")] = False,
) -> None:
    """Revoke a certificate that a restore found; this cannot be undone. Clients learn by the next list."""
    load = machine()
    row = load("hanaper.apps.authority.queries").authority_named(authority)
    reasons = load("hanaper.core.x509.crl").RevocationReason
    if reason not in list(reasons):
        raise InvalidInput(f"must be one of {', '.join(reasons)}", field="reason")
    if not yes:
        typer.confirm(f"Revoke {serial}? This cannot be undone.", abort=True, err=True)
    at = load("hanaper.clock").now()
    services = load("hanaper.apps.authority.services")
    revoked = services.revoke_recovered(local_actor(), row, serial, reasons(reason), at=at)
    published = services.publish_crl(row, at=at)
    output.show({"serial": revoked.serial, "revoked_at": revoked.revoked_at, "crl_number": published.number})


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
