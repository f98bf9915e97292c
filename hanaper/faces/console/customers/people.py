"""Contacts and companies: who an application names."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from hanaper.apps.certificates import queries
from hanaper.apps.certificates.services import people as services
from hanaper.apps.gateway.queries import sites_naming
from hanaper.core.errors import Refusal
from hanaper.faces.console.faults import answer
from hanaper.faces.console.places import PlaceRequest, customer_page, done
from hanaper.storage.paging import page

NAMED = 20  # applications that are named before one of them is removed
CAPTIONS: dict[str, str | Promise] = {
    "name": _("Name"),
    "email": _("E-mail"),
    "phone": _("Phone"),
    "id_number": _("ID number"),
    "organization": _("Organization"),
    "country": _("Country, two letters"),
    "state": _("State or province"),
    "locality": _("Locality"),
    "business_category": _("Business category"),
    "registration_number": _("Registration number"),
    "jurisdiction_country": _("Jurisdiction: country"),
    "jurisdiction_state": _("Jurisdiction: state"),
    "jurisdiction_locality": _("Jurisdiction: locality"),
}


@dataclass(frozen=True, slots=True)
class Kind:
    """Contacts, or companies: the same pages with other fields."""

    fields: tuple[str, ...]
    listed: tuple[str, ...]
    pages: tuple[str, str, str]  # names of the addresses: list, one, remove
    words: tuple[Any, ...]  # title, add, added, changed, removed, none yet
    rows: Callable[..., Any]
    row: Callable[..., Any]
    create: Callable[..., Any]
    change: Callable[..., Any]
    remove: Callable[..., Any]


CONTACTS = Kind(
    tuple(services.CONTACT_FIELDS),
    ("name", "email", "phone"),
    ("contacts", "contact", "remove-contact"),
    (
        _("Contacts"),
        _("Add a contact"),
        _("The contact is added."),
        _("The contact is changed."),
        _("The contact is removed."),
        _("There are none yet. Every application names a contact; some products need their ID number."),
    ),
    queries.contacts,
    queries.contact,
    services.create_contact,
    services.change_contact,
    services.remove_contact,
)
COMPANIES = Kind(
    tuple(services.COMPANY_FIELDS),
    ("organization", "country", "locality"),
    ("companies", "company", "remove-company"),
    (
        _("Companies"),
        _("Add a company"),
        _("The company is added."),
        _("The company is changed."),
        _("The company is removed."),
        _("There are none yet. Only OV and EV certificates need one."),
    ),
    queries.companies,
    queries.company,
    services.create_company,
    services.change_company,
    services.remove_company,
)


def _list_page(kind: Kind) -> Callable[..., HttpResponse]:
    @customer_page("GET", "POST")
    def view(request: PlaceRequest) -> HttpResponse:
        """The list, and the form that adds to it."""
        given: dict[str, str] = {}
        refusal = None
        if request.method == "POST":
            given = _given(kind, request)
            try:
                kind.create(request.place.actor, request.account, fields=given, at=request.at)
                return done(request, str(kind.words[2]), kind.pages[0])
            except Refusal as met:
                refusal = met
        listed = page(kind.rows(request.place.actor), sort="-created_at", cursor=request.GET.get("cursor"))
        content = {
            "kind": kind,
            "captions": [CAPTIONS[name] for name in kind.listed],
            "rows": [
                (row, [(getattr(row, name), CAPTIONS[name]) for name in kind.listed]) for row in listed.rows
            ],
            "next_cursor": listed.next_cursor,
            "fields": _fields(kind, given),
        }
        return answer(request, "console/people.html", content, refusal)

    return view


def _one_page(kind: Kind) -> Callable[..., HttpResponse]:
    @customer_page("GET", "POST")
    def view(request: PlaceRequest, person: str) -> HttpResponse:
        """One of them, to be changed."""
        row = kind.row(request.place.actor, person)
        given = {name: getattr(row, name) for name in kind.fields}
        refusal = None
        if request.method == "POST":
            given = _given(kind, request)
            try:
                kind.change(request.place.actor, row, fields=given, at=request.at)
                return done(request, str(kind.words[3]), kind.pages[0])
            except Refusal as met:
                refusal = met
        content = {"kind": kind, "title": getattr(row, kind.listed[0]), "fields": _fields(kind, given)}
        return answer(request, "console/one_of_people.html", content, refusal)

    return view


def _removal(kind: Kind) -> Callable[..., HttpResponse]:
    @customer_page("GET", "POST")
    def view(request: PlaceRequest, person: str) -> HttpResponse:
        """What names one of them still, and then its end."""
        actor, row = request.place.actor, kind.row(request.place.actor, person)
        if request.method != "POST":
            drafts = list(queries.drafts_naming(actor, person)[: NAMED + 1])
            content = {
                "kind": kind,
                "title": getattr(row, kind.listed[0]),
                "drafts": drafts[:NAMED],
                "more": len(drafts) > NAMED,
                "sites": sites_naming(actor, person),
            }
            return render(request, "console/remove_person.html", content)
        kind.remove(actor, row, at=request.at)
        return done(request, str(kind.words[4]), kind.pages[0])

    return view


def _given(kind: Kind, request: PlaceRequest) -> dict[str, str]:
    return {name: request.POST.get(name, "").strip() for name in kind.fields}


def _fields(kind: Kind, given: dict[str, str]) -> list[tuple[str, Any, str]]:
    return [(name, CAPTIONS[name], given.get(name, "")) for name in kind.fields]


contacts, contact, remove_contact = _list_page(CONTACTS), _one_page(CONTACTS), _removal(CONTACTS)
companies, company, remove_company = _list_page(COMPANIES), _one_page(COMPANIES), _removal(COMPANIES)
