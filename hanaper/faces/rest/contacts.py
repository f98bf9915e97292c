"""Contacts and companies, for applications."""

from datetime import datetime

import ninja
from ninja import Router, Status
from pydantic import Field

from hanaper.apps.certificates import queries
from hanaper.apps.certificates.models.people import Company, Contact
from hanaper.apps.certificates.services import people
from hanaper.faces.rest.access import ApiRequest, customer, own_account
from hanaper.faces.rest.body import Body
from hanaper.faces.rest.idempotency import idempotent
from hanaper.faces.rest.paging import PageOut, PageQuery, answer

router = Router(tags=["contacts and companies"])

SHOWN_OF_ID_NUMBER = 4


class ContactIn(Body):
    name: str = Field(max_length=100)
    email: str = Field(max_length=254)
    phone: str = Field("", max_length=40)
    id_number: str = Field("", max_length=64, description="Of an identity document; some brands need it.")


class ContactChange(Body):
    name: str | None = Field(None, max_length=100)
    email: str | None = Field(None, max_length=254)
    phone: str | None = Field(None, max_length=40)
    id_number: str | None = Field(None, max_length=64)


class ContactOut(ninja.Schema):
    id: str
    name: str
    email: str
    phone: str
    has_id_number: bool
    id_number_ends_in: str | None = Field(None, description="The rest is not shown again.")
    created_at: datetime


class CompanyIn(Body):
    organization: str = Field(max_length=64)
    country: str = Field(max_length=2, description="ISO 3166-1 alpha-2, such as DE.")
    state: str = Field("", max_length=128)
    locality: str = Field("", max_length=128)
    business_category: str = Field("", max_length=128, description="This and the rest: for EV.")
    registration_number: str = Field("", max_length=64)
    jurisdiction_country: str = Field("", max_length=2)
    jurisdiction_state: str = Field("", max_length=128)
    jurisdiction_locality: str = Field("", max_length=128)


class CompanyChange(Body):
    organization: str | None = Field(None, max_length=64)
    country: str | None = Field(None, max_length=2)
    state: str | None = Field(None, max_length=128)
    locality: str | None = Field(None, max_length=128)
    business_category: str | None = Field(None, max_length=128)
    registration_number: str | None = Field(None, max_length=64)
    jurisdiction_country: str | None = Field(None, max_length=2)
    jurisdiction_state: str | None = Field(None, max_length=128)
    jurisdiction_locality: str | None = Field(None, max_length=128)


class CompanyOut(CompanyIn):
    id: str
    created_at: datetime


def contact_out(row: Contact) -> dict[str, object]:
    # Of a short number even the end would be too much.
    ends_in = row.id_number[-SHOWN_OF_ID_NUMBER:] if len(row.id_number) >= 2 * SHOWN_OF_ID_NUMBER else None
    return {
        "id": row.public_id,
        "name": row.name,
        "email": row.email,
        "phone": row.phone,
        "has_id_number": bool(row.id_number),
        "id_number_ends_in": ends_in,
        "created_at": row.created_at,
    }


def company_out(row: Company) -> dict[str, object]:
    fields = {name: getattr(row, name) for name in people.COMPANY_FIELDS}
    return {"id": row.public_id, "created_at": row.created_at, **fields}


def _given(body: ninja.Schema) -> dict[str, str]:
    """What was sent; null empties a field."""
    return {name: value or "" for name, value in body.model_dump(exclude_unset=True).items()}


@router.get("/contacts", auth=customer(), response=PageOut[ContactOut], summary="Your contacts")
def list_contacts(request: ApiRequest, paging: PageQuery) -> dict[str, object]:
    return answer(queries.contacts(request.actor), paging, sorts=("created_at",), out=contact_out)


@router.post("/contacts", auth=customer(), response={201: ContactOut}, summary="Add a contact")
@idempotent
def create_contact(request: ApiRequest, body: ContactIn) -> Status[dict[str, object]]:
    made = people.create_contact(request.actor, own_account(request), fields=_given(body), at=request.at)
    return Status(201, contact_out(made))


@router.get("/contacts/{contact}", auth=customer(), response=ContactOut, summary="One contact")
def get_contact(request: ApiRequest, contact: str) -> dict[str, object]:
    return contact_out(queries.contact(request.actor, contact))


@router.patch("/contacts/{contact}", auth=customer(), response=ContactOut, summary="Change a contact")
@idempotent
def change_contact(request: ApiRequest, contact: str, body: ContactChange) -> dict[str, object]:
    found = queries.contact(request.actor, contact)
    return contact_out(people.change_contact(request.actor, found, fields=_given(body), at=request.at))


@router.delete("/contacts/{contact}", auth=customer(), response={204: None}, summary="Remove a contact")
@idempotent
def remove_contact(request: ApiRequest, contact: str) -> Status[None]:
    people.remove_contact(request.actor, queries.contact(request.actor, contact), at=request.at)
    return Status(204, None)


@router.get("/companies", auth=customer(), response=PageOut[CompanyOut], summary="Your companies")
def list_companies(request: ApiRequest, paging: PageQuery) -> dict[str, object]:
    return answer(queries.companies(request.actor), paging, sorts=("created_at",), out=company_out)


@router.post("/companies", auth=customer(), response={201: CompanyOut}, summary="Add a company")
@idempotent
def create_company(request: ApiRequest, body: CompanyIn) -> Status[dict[str, object]]:
    made = people.create_company(request.actor, own_account(request), fields=_given(body), at=request.at)
    return Status(201, company_out(made))


@router.get("/companies/{company}", auth=customer(), response=CompanyOut, summary="One company")
def get_company(request: ApiRequest, company: str) -> dict[str, object]:
    return company_out(queries.company(request.actor, company))


@router.patch(
    "/companies/{company}",
    auth=customer(),
    response=CompanyOut,
    summary="Change a company",
)
@idempotent
def change_company(request: ApiRequest, company: str, body: CompanyChange) -> dict[str, object]:
    found = queries.company(request.actor, company)
    return company_out(people.change_company(request.actor, found, fields=_given(body), at=request.at))


@router.delete("/companies/{company}", auth=customer(), response={204: None}, summary="Remove a company")
@idempotent
def remove_company(request: ApiRequest, company: str) -> Status[None]:
    people.remove_company(request.actor, queries.company(request.actor, company), at=request.at)
    return Status(204, None)
