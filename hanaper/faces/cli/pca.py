"""`hanaper pca`: private CAs from the purchase to the reset, through the API."""

from typing import Annotated

import typer

from hanaper.faces.cli import output
from hanaper.faces.cli.client import api
from hanaper.faces.cli.files import write_text
from hanaper.faces.cli.pca_acme import app as acme_app
from hanaper.faces.cli.pca_batches import app as batches_app
from hanaper.faces.cli.pca_ceremonies import Propose, propose_operation
from hanaper.faces.cli.pca_ceremonies import app as ceremonies_app
from hanaper.faces.cli.pca_certificates import app as certificates_app
from hanaper.faces.cli.pca_enabling import app as enabling_app
from hanaper.faces.cli.pca_outside import app as outside_app
from hanaper.faces.cli.pca_shown import Ca, To, show_ca, show_cas
from hanaper.faces.cli.pca_templates import app as templates_app
from hanaper.faces.cli.pca_years import app as years_app

app = typer.Typer(help="Private CAs, their certificates and templates.", no_args_is_help=True)
app.add_typer(enabling_app)
app.add_typer(years_app)
app.add_typer(outside_app, name="outside")
app.add_typer(ceremonies_app, name="ceremonies")
app.add_typer(certificates_app, name="certificates")
app.add_typer(acme_app, name="acme")
app.add_typer(batches_app, name="batches")
app.add_typer(templates_app, name="templates")


@app.command("list")
def list_cas(
    state: Annotated[str | None, typer.Option(help="not_enabled, enabled, expired or refunded.")] = None,
    region: str | None = None,
) -> None:
    """The account's private CAs as a tree: intermediates below the root that signs them."""
    show_cas(list(api().every("/private-cas", {"state": state, "region": region})))


@app.command()
def show(ca: Ca) -> None:
    """One private CA: its state, key, term, quota, and where clients find its list and certificate."""
    show_ca(api().get(f"/private-cas/{ca}"))


@app.command()
def status(ca: Ca) -> None:
    """The lists and the responder that clients ask. Exit status 1 if a list is too old to be taken."""
    found = api().get(f"/private-cas/{ca}/status")
    if output.wants_json():
        output.show(found)
    else:
        columns = ("address", "shard", "delta", "number", "entries", "this_update", "next_update", "fresh")
        output.show(found["lists"], columns=columns, title="Lists")
        output.show(found, columns=("due_at", "ocsp", "responder_until", "kept_answers"))
    if not all(one["fresh"] for one in found["lists"]):
        raise typer.Exit(1)


@app.command()
def statistics(
    ca: Ca, by: Annotated[str, typer.Option(help="day or month: how what was issued is counted.")] = "day"
) -> None:
    """What was issued and what expires, by CA and template; of a root, what is below it too."""
    found = api().get(f"/private-cas/{ca}/statistics", {"by": by})
    if output.wants_json():
        output.show(found)
        return
    for part in ("issued", "expiring"):
        output.show(found[part], columns=("begins", "ca", "template", "count"), title=part.capitalize())
    output.note(f"Later than that end {found['expiring_later']} more.")


@app.command()
def stop(ca: Ca) -> None:
    """Issue nothing from now on; what was issued stays valid, its lists go on."""
    show_ca(api().post(f"/private-cas/{ca}/issuing", {"issuing": False}))


@app.command()
def resume(ca: Ca) -> None:
    """Issue again."""
    show_ca(api().post(f"/private-cas/{ca}/issuing", {"issuing": True}))


@app.command()
def reset(
    ca: Ca,
    deletes_all_data: Annotated[
        bool,
        typer.Option("--confirm-deletes-all-data", help="Confirm that the reset operation deletes all data."),
    ] = False,
    propose: Propose = False,
) -> None:
    """Delete its key, its settings and what it issued (R17); the warning says what that is."""
    warned = api().post(f"/private-cas/{ca}/reset/prepare")
    output.note(f"Note: {warned['text']}")
    if not deletes_all_data and not typer.confirm(warned["tick"], err=True):
        raise typer.Abort
    ticked = {"confirm_deletes_all_data": True}
    if propose:
        propose_operation(ca, "reset", ticked)
    else:
        body = {"confirmation": warned["confirmation"], **ticked}
        show_ca(api().post(f"/private-cas/{ca}/reset/confirm", body))


@app.command()
def chain(ca: Ca, to: To = None) -> None:
    """Its certificate and those above it up to the root, as PEM."""
    found = api().get(f"/private-cas/{ca}/chain")
    write_text(found["pem"], to, found)
