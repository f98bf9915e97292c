"""`hanaper pca outside`: a private CA that one elsewhere signs, through the API."""

from pathlib import Path
from typing import Annotated

import typer

from hanaper.faces.cli.client import api
from hanaper.faces.cli.files import read_text, write_text
from hanaper.faces.cli.pca_ceremonies import Propose, propose_operation
from hanaper.faces.cli.pca_shown import Algorithm, Ca, NewKey, To, show_ca

app = typer.Typer(help="A CA that one elsewhere signs: CSR out, certificate in.", no_args_is_help=True)


@app.command()
def request(ca: Ca, to: To = None) -> None:
    """The request (CSR) that `hanaper pca enable --outside` or `renew` made, for whoever signs it."""
    found = api().get(f"/private-cas/{ca}/outside/request")
    write_text(found["csr"], to, found)


@app.command()
def complete(
    ca: Ca,
    chain: Annotated[Path, typer.Argument(help="PEM: its certificate, and those above it up to the root.")],
    propose: Propose = False,
) -> None:
    """Bring the certificate that was signed elsewhere; from then on the CA counts as used (R17)."""
    body = {"chain": read_text(chain, "chain")}
    if propose:
        propose_operation(ca, "complete", {"complete": body})
    else:
        show_ca(api().post(f"/private-cas/{ca}/outside/complete", body))


@app.command("renew")
def renew_outside(ca: Ca, new_key: NewKey, algorithm: Algorithm = None, propose: Propose = False) -> None:
    """A request for another certificate of a CA that was signed elsewhere; it goes on issuing meanwhile."""
    body = {"new_key": new_key, "algorithm": algorithm}
    if propose:
        propose_operation(ca, "request", {"request_again": body})
    else:
        show_ca(api().post(f"/private-cas/{ca}/outside/renew", body))


@app.command()
def withdraw(ca: Ca) -> None:
    """Give the request up; the key that was made for it is destroyed."""
    show_ca(api().post(f"/private-cas/{ca}/outside/withdraw"))
