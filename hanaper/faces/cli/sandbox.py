"""`hanaper sandbox`: the outside world of a sandbox on this machine, as far as there is one."""

from typing import Annotated, Any

import typer

from hanaper.core.errors import Refusal
from hanaper.faces.cli import output
from hanaper.faces.cli.client import api
from hanaper.faces.cli.machine import machine

app = typer.Typer(help="The sandbox's own name server, for names under .test.", no_args_is_help=True)

Name = Annotated[str, typer.Argument(help="Such as www.shop.test.")]
Type = Annotated[str, typer.Argument(metavar="TYPE", help="A, AAAA, CAA, CNAME or TXT.")]


@app.command()
def prove(certificate: str) -> None:
    """Set the TXT records that the certificate's checks look for, as the owner of its domains would."""
    records = _records()
    found = api().get(f"/certificates/{certificate}")
    checks = found["applications"][0]["checks"] if found["applications"] else []
    waiting = [check for check in checks if check["state"] == "pending"]
    if not waiting:
        raise Refusal(
            "No domain of this certificate waits for a check.",
            code="nothing_to_prove",
            next_steps=["Apply first: `hanaper certificates apply`."],
        )
    for check in waiting:
        if check["method"] != "dns":
            raise Refusal(
                f"{check['domain']} is to be proven by a file; the sandbox has only a name server.",
                code="not_by_dns",
                next_steps=["Apply with `--method dns`."],
            )
        records.put(check["place"], "TXT", [check["value"]])
        output.note(f"{check['place']} TXT {check['value']}")
    output.show({"certificate": certificate, "records": len(waiting)})


@app.command()
def records() -> None:
    """Every record."""
    found = _records().items()
    rows = [{"name": name, "type": kind, "values": values} for (name, kind), values in sorted(found)]
    output.show(rows, columns=("name", "type", "values"))


@app.command("set")
def set_record(name: Name, kind: Type, values: Annotated[list[str], typer.Argument()]) -> None:
    """Set the records of a name and type."""
    name = _records().put(name, kind, values)
    output.show({"name": name, "type": kind.upper(), "values": values})


@app.command()
def forget(name: Name, kind: Type) -> None:
    """Remove the records of a name and type."""
    name = _records().put(name, kind, [])
    output.show({"name": name, "type": kind.upper(), "values": []})


def _records() -> Any:
    load = machine()
    settings = load("django.conf").settings
    if not settings.SANDBOX:
        raise Refusal("Only a sandbox has a name server of its own.", code="not_a_sandbox")
    return load("hanaper.sandbox_dns.records").FileRecords(settings.SANDBOX_DNS_RECORDS)
