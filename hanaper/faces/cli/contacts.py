"""`hanaper certificates contacts` and `companies`: for applications, through the API."""

from typing import Annotated

import typer

from hanaper.faces.cli import output
from hanaper.faces.cli.client import api
from hanaper.faces.cli.options import Cursor, Limit

contacts_app = typer.Typer(help="Contacts for applications.", no_args_is_help=True)
companies_app = typer.Typer(help="Companies, for OV and EV.", no_args_is_help=True)


@contacts_app.command("list")
def list_contacts(limit: Limit = 50, cursor: Cursor = None) -> None:
    """The account's contacts."""
    output.show(api().get("/contacts", {"limit": limit, "cursor": cursor}))


@contacts_app.command("add")
def add_contact(name: str, email: str, phone: str = "", id_number: str = "") -> None:
    """Add a contact; some brands need the number of an identity document."""
    body = {"name": name, "email": email, "phone": phone, "id_number": id_number}
    output.show(api().post("/contacts", body))


@contacts_app.command("change")
def change_contact(
    contact: str,
    name: str | None = None,
    email: str | None = None,
    phone: str | None = None,
    id_number: str | None = None,
) -> None:
    """Change what is given."""
    given = {"name": name, "email": email, "phone": phone, "id_number": id_number}
    body = {field: value for field, value in given.items() if value is not None}
    output.show(api().patch(f"/contacts/{contact}", body))


@contacts_app.command("remove")
def remove_contact(contact: str) -> None:
    """Take a contact off the list."""
    api().delete(f"/contacts/{contact}")
    output.show({"removed": contact})


@companies_app.command("list")
def list_companies(limit: Limit = 50, cursor: Cursor = None) -> None:
    """The account's companies."""
    found = api().get("/companies", {"limit": limit, "cursor": cursor})
    output.show(found, columns=("id", "organization", "locality", "state", "country"))


@companies_app.command("add")
def add_company(
    organization: str,
    country: Annotated[str, typer.Option(help="ISO 3166-1 alpha-2.")],
    locality: str = "",
    state: str = "",
    business_category: str = "",
    registration_number: str = "",
    jurisdiction_country: str = "",
) -> None:
    """Add a company."""
    body = {
        "organization": organization,
        "country": country,
        "locality": locality,
        "state": state,
        "business_category": business_category,
        "registration_number": registration_number,
        "jurisdiction_country": jurisdiction_country,
    }
    output.show(api().post("/companies", body))


@companies_app.command("remove")
def remove_company(company: str) -> None:
    """Take a company off the list."""
    api().delete(f"/companies/{company}")
    output.show({"removed": company})
