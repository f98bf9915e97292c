"""The `hanaper` command: one file a sub-command, imported only when it is called.

Problems end here: printed once on standard error (with `--json` as JSON), exit status 1. Wrong usage is 2.
"""

import json
import sys
from collections.abc import Sequence
from importlib import import_module
from typing import Any

import typer
from typer.core import TyperGroup

from hanaper import __version__
from hanaper.core.errors import InvalidInput, Refusal
from hanaper.faces.cli import output

# name: (module in this package, its typer app, help)
COMMANDS: dict[str, tuple[str, str, str]] = {
    "up": ("up", "app", "Start the whole service on this machine."),
    "demo": ("demo", "app", "Watch the whole story, offline."),
    "backup": ("backup", "app", "Back up and restore this installation."),
    "clock": ("clock", "app", "Show the time; move a sandbox's clock forward."),
    "sandbox": ("sandbox", "app", "The sandbox's own name server, for names under .test."),
    "audit": ("audit", "app", "Read, verify and export the audit log."),
    "ledger": ("ledger", "app", "Verify the books."),
    "authority": ("authority", "app", "The certification authorities of this machine."),
    "master-keys": ("master_keys", "app", "The keys that open every sealed secret of this machine."),
    "login": ("login", "login_app", "Keep a server and an access key for the commands below."),
    "logout": ("login", "logout_app", "Forget them."),
    "whoami": ("login", "whoami_app", "Who the access key acts for."),
    "accounts": ("accounts", "app", "The account and its members."),
    "keys": ("accounts", "keys_app", "Access keys."),
    "notices": ("accounts", "notices_app", "What the account should know of."),
    "webhooks": ("webhooks", "app", "Where your programs are told what happened."),
    "catalogue": ("catalogue", "app", "Products and prices."),
    "orders": ("orders", "app", "Quote, order, pay, cancel."),
    "balance": ("balance", "app", "The account's balance and its statement."),
    "certificates": ("certificates", "app", "Apply for, download, renew and revoke certificates."),
    "pca": ("pca", "app", "Private CAs: enable, issue, revoke, reset."),
    "gateway": ("gateway", "app", "HTTPS gateways: domains, usage, reset, nodes."),
    "refunds": ("refunds", "app", "Refunds: whether, how, and how far."),
    "services": ("services", "app", "Private CAs, gateways and other services that were bought."),
    "reviews": ("reviews", "app", "For operators: what waits for a decision."),
    "offers": ("offers", "app", "For operators: products, prices, vouchers, promotions."),
    "operators": ("operators", "app", "For operators: accounts, and the operators themselves."),
    "policies": ("policies", "app", "For operators: write, try and publish refund policies."),
    "policy": ("policy", "app", "Refund policies, and what they decide; needs no server."),
}


class LazyGroup(TyperGroup):
    """Imports a sub-command when it is called; its help line comes from the table above."""

    def list_commands(self, ctx: Any) -> list[str]:  # noqa: ARG002 - typer's signature
        return list(COMMANDS)

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        if cmd_name not in self.list_commands(ctx):
            return None
        return TyperGroup(name=cmd_name, help=COMMANDS[cmd_name][2])

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:
        name, command, rest = super().resolve_command(ctx, args)
        if name is None or command is None:
            return name, command, rest
        module, attribute, text = COMMANDS[name]
        loaded = getattr(import_module(_full(module)), attribute)
        loaded._add_completion = False  # completion is the root's; here it would be an option too many
        real = typer.main.get_command(loaded)
        real.name, real.help = name, real.help or text
        return name, real, rest


def _full(module: str) -> str:
    return f"hanaper.faces.cli.{module}"


app = typer.Typer(
    cls=LazyGroup,
    no_args_is_help=True,
    help="Certificates, and the money that was paid for them.",
    add_completion=True,
    pretty_exceptions_enable=False,
)


def _version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"hanaper {__version__}")
        raise typer.Exit


@app.callback()
def root(
    version: bool = typer.Option(  # noqa: ARG001
        False, "--version", callback=_version, is_eager=True, help="Print the version and stop."
    ),
    as_json: bool = typer.Option(False, "--json", help="Print JSON; may stand anywhere in the command."),
) -> None:
    """Certificates, and the money that was paid for them."""
    if as_json:
        output.use_json()


def main(arguments: Sequence[str] | None = None) -> None:
    """The entry point of the command."""
    given = list(sys.argv[1:] if arguments is None else arguments)
    try:
        app(_json_first(given), prog_name="hanaper")
    except Refusal as refusal:
        sys.stderr.write(render_problem(refusal, as_json=output.wants_json()))
        sys.exit(1)


def _json_first(arguments: list[str]) -> list[str]:
    """`--json` may stand anywhere before a `--`: it is moved to where typer looks for it."""
    end = arguments.index("--") if "--" in arguments else len(arguments)
    if "--json" not in arguments[:end]:
        return arguments
    return ["--json", *(word for word in arguments[:end] if word != "--json"), *arguments[end:]]


def render_problem(refusal: Refusal, *, as_json: bool) -> str:
    """A problem as text for standard error: what, why, where, what to do, and under which request id."""
    faults = refusal.faults if isinstance(refusal, InvalidInput) else ()
    request_id = getattr(refusal, "request_id", None)
    if as_json:
        error = {
            "code": refusal.code,
            "message": refusal.message,
            "clause": refusal.clause,
            "field": refusal.field,
            "faults": [{"field": f.field, "message": f.message, "code": f.code} for f in faults],
            "next_steps": list(refusal.next_steps),
            "details": refusal.details,
            "request_id": request_id,
        }
        return json.dumps({"error": error}, indent=2, ensure_ascii=False, default=str) + "\n"
    clause = f" [{refusal.clause}]" if refusal.clause else ""
    lines = [f"hanaper: {refusal.message}{clause} ({refusal.code})"]
    others = [fault for fault in faults if fault.message != refusal.message]
    if others:
        lines += [f"  {fault.field}: {fault.message}" for fault in others]
    elif refusal.field:
        lines.append(f"  field: {refusal.field}")
    lines += [f"  next: {step}" for step in refusal.next_steps]
    if request_id:
        lines.append(f"  request: {request_id}")
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    main()
