"""`hanaper pca templates`: what certificates may say, as TOML that people read and write."""

from pathlib import Path
from typing import Annotated, Any

import typer

from hanaper.faces.cli import output
from hanaper.faces.cli.client import api
from hanaper.faces.cli.files import read_text

app = typer.Typer(help="Kinds of certificates: uses, names, subject, validity.", no_args_is_help=True)

Name = Annotated[str, typer.Argument(help="Lower-case letters, digits and hyphens.")]
File = Annotated[
    Path, typer.Argument(help="TOML; `hanaper pca templates show server` prints one to begin with.")
]


@app.command("list")
def list_templates() -> None:
    """Those that come with the program, and the account's own."""
    found = api().get("/certificate-templates")
    rows = [{**one["rules"], **one} for one in found["items"]]
    columns = ("name", "title", "uses", "days", "longest_days", "own")
    output.show(found) if output.wants_json() else output.show(rows, columns=columns)


@app.command()
def show(name: Name) -> None:
    """One template as TOML, to be kept in a file and changed."""
    _show(api().get(f"/certificate-templates/{name}"))


@app.command()
def explain(name: Name) -> None:
    """One template in sentences: what it permits."""
    found = api().get(f"/certificate-templates/{name}")
    output.show(found if output.wants_json() else "\n".join(found["sentences"]))


@app.command()
def make(name: Name, file: File) -> None:
    """Make a template of the account's own."""
    _show(api().post("/certificate-templates", {"name": name, "toml": read_text(file, "file")}))


@app.command()
def change(name: Name, file: File) -> None:
    """Replace the rules of one of your own; what was issued stays as it is."""
    _show(api().put(f"/certificate-templates/{name}", {"toml": read_text(file, "file")}))


@app.command()
def remove(name: Name) -> None:
    """Remove one of your own; what was issued stays."""
    api().delete(f"/certificate-templates/{name}")
    output.note(f"The template {name} is gone.")


def _show(template: dict[str, Any]) -> None:
    output.show(template if output.wants_json() else template["toml"].strip())
