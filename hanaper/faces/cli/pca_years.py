"""Private CAs over the years: renewed, prolonged, cross-signed, revoked; commands of `hanaper pca`."""

from typing import Annotated

import typer

from hanaper.core.errors import InvalidInput
from hanaper.core.private_ca.revocation import CA_REASONS
from hanaper.faces.cli import output
from hanaper.faces.cli.client import api
from hanaper.faces.cli.files import write_text
from hanaper.faces.cli.options import one_of
from hanaper.faces.cli.pca_ceremonies import Propose, propose_operation
from hanaper.faces.cli.pca_shown import Algorithm, Ca, NewKey, To, show_ca

app = typer.Typer()

KEY_COLUMNS = (
    "authority", "algorithm", "issuing", "not_after", "began_at", "retired_at", "revoked_at", "ended_at",
)  # fmt: skip
ORDER_FIELDS = ("id", "state_label", "product", "renews", "expires_at")
CERTIFICATE_COLUMNS = ("id", "kind", "authority", "issued_by", "serial", "not_after", "revoked_at")


@app.command()
def renew(
    ca: Ca,
    new_key: NewKey,
    years: Annotated[int | None, typer.Option(help="By default 10 for a root and 5 below it.")] = None,
    algorithm: Algorithm = None,
    propose: Propose = False,
) -> None:
    """A new certificate for a CA. A key before it answers for what it issued until that has ended."""
    body = {"new_key": new_key, "years": years, "algorithm": algorithm}
    if propose:
        propose_operation(ca, "renew", {"renew": body})
    else:
        show_ca(api().post(f"/private-cas/{ca}/renew", body))


@app.command("renew-subscription")
def renew_subscription(
    ca: Ca,
    currency: Annotated[str | None, typer.Option(help="By default that of the order before.")] = None,
    voucher: Annotated[list[str] | None, typer.Option(help="vch_...; may be repeated.")] = None,
    coupon: Annotated[str | None, typer.Option(help="A coupon's code.")] = None,
    promotion: Annotated[str | None, typer.Option(help="A promotional event (prm_...).")] = None,
) -> None:
    """Place an order that prolongs the term, within its last 30 days; not refunded by self-service (R14)."""
    body = {"currency": currency, "vouchers": voucher or [], "coupon": coupon, "promotion": promotion}
    made = api().post(f"/private-cas/{ca}/renew-subscription", body)
    output.show(made, columns=ORDER_FIELDS)
    output.note(f"Pay it: hanaper orders pay {made['id']}")


@app.command("cross-sign")
def cross_sign(
    ca: Ca,
    by: Annotated[str, typer.Option(help="pca_..., another root of the account.")],
    propose: Propose = False,
) -> None:
    """Have another root certify its key, for clients that trust only that one."""
    body = {"by": by}
    if propose:
        propose_operation(ca, "cross_sign", {"cross_sign": body})
    else:
        output.show(api().post(f"/private-cas/{ca}/cross-signs", body), columns=CERTIFICATE_COLUMNS)


@app.command()
def keys(ca: Ca) -> None:
    """Every key that a CA had, and every certificate of them."""
    found = api().get(f"/private-cas/{ca}/generations")
    if output.wants_json():
        output.show(found)
        return
    output.show(found["generations"], columns=KEY_COLUMNS, title="Keys")
    output.show(found["certificates"], columns=CERTIFICATE_COLUMNS, title="Certificates")


@app.command()
def chains(
    ca: Ca,
    way: Annotated[int, typer.Option(min=0, help="Which one; 0 is its own.")] = 0,
    to: To = None,
) -> None:
    """A way from a CA up to a root, as PEM: its own, or one over a link between keys or a cross-sign."""
    found = api().get(f"/private-cas/{ca}/chains")
    ways = found["chains"]
    if way >= len(ways):
        raise InvalidInput(f"The CA has {len(ways)} ways up to a root, counted from 0.", field="way")
    output.note(f"Way {way} of {len(ways)}, counted from 0.")
    write_text(ways[way], to, found)


@app.command()
def revoke(
    ca: Ca,
    reason: Annotated[
        str, typer.Option(help=f"RFC 5280 5.3.1: {', '.join(CA_REASONS)}.", callback=one_of(CA_REASONS))
    ],
    certificate: Annotated[str, typer.Option(help="A link, a cross-sign or an earlier one, alone.")] = "",
    operator: Annotated[bool, typer.Option(help="For cause, with an administrator's key.")] = False,
    yes: Annotated[bool, typer.Option("--yes", help="Confirm the warning without being asked.")] = False,
) -> None:
    """Revoke a CA for good: what it issued is trusted no more."""
    path = f"{'/operator' if operator else ''}/private-cas/{ca}/revocation"
    warned = api().post(f"{path}/prepare", {"certificate": certificate})
    output.note(f"Note: {warned['text']}")
    output.note(f"On the list: {', '.join(warned['ca_certificates'])}")
    if not yes and not typer.confirm("Go on?", err=True):
        raise typer.Abort
    body = {"reason": reason, "certificate": certificate, "confirmation": warned["confirmation"]}
    show_ca(api().post(f"{path}/confirm", body))
