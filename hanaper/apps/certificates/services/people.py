"""Contacts and companies: who answers for an application, and whom OV and EV certificates name.

An application keeps both as they were when it was submitted; changing or removing them later changes nothing
that was applied for.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import transaction

from hanaper.apps.accounts.models import Account
from hanaper.apps.audit.services import record
from hanaper.apps.audit.vocabulary import AuditAction
from hanaper.apps.certificates.models.people import Company, Contact
from hanaper.core.actor import Actor
from hanaper.core.certificate.profiles import BUSINESS_CATEGORIES
from hanaper.core.errors import Fault, InvalidInput
from hanaper.core.x509.names import LIMITS, Subject, subject_faults
from hanaper.storage.walls import require_write

CONTACT_FIELDS = {"name": 100, "email": 254, "phone": 40, "id_number": 64}
COMPANY_FIELDS = (
    "organization",
    "country",
    "state",
    "locality",
    "business_category",
    "registration_number",
    "jurisdiction_country",
    "jurisdiction_state",
    "jurisdiction_locality",
)


def create_contact(actor: Actor, account: Account, *, fields: Mapping[str, str], at: datetime) -> Contact:
    """`fields`: those of CONTACT_FIELDS; name and e-mail address are needed."""
    require_write(actor)
    clean = _contact(dict.fromkeys(CONTACT_FIELDS, ""), fields)
    with transaction.atomic():
        contact = Contact.objects.create(account=account, created_at=at, **clean)
        _record(actor, AuditAction.CONTACT_CREATED, contact, at, sorted(fields))
    return contact


def change_contact(actor: Actor, contact: Contact, *, fields: Mapping[str, str], at: datetime) -> Contact:
    """Write those of CONTACT_FIELDS that `fields` has."""
    require_write(actor)
    clean = _contact({name: getattr(contact, name) for name in CONTACT_FIELDS}, fields)
    with transaction.atomic():
        Contact.objects.filter(pk=contact.pk).update(**clean)
        _record(actor, AuditAction.CONTACT_CHANGED, contact, at, sorted(fields))
    contact.refresh_from_db()
    return contact


def remove_contact(actor: Actor, contact: Contact, *, at: datetime) -> None:
    """Off the list; what was applied for with it stands."""
    require_write(actor)
    with transaction.atomic():
        if Contact.objects.filter(pk=contact.pk, removed_at=None).update(removed_at=at):
            _record(actor, AuditAction.CONTACT_REMOVED, contact, at, [])


def create_company(actor: Actor, account: Account, *, fields: Mapping[str, str], at: datetime) -> Company:
    """`fields`: those of COMPANY_FIELDS; organization, country and a place are needed."""
    require_write(actor)
    clean = _company(dict.fromkeys(COMPANY_FIELDS, ""), fields)
    with transaction.atomic():
        company = Company.objects.create(account=account, created_at=at, **clean)
        _record(actor, AuditAction.COMPANY_CREATED, company, at, sorted(fields))
    return company


def change_company(actor: Actor, company: Company, *, fields: Mapping[str, str], at: datetime) -> Company:
    """Write those of COMPANY_FIELDS that `fields` has."""
    require_write(actor)
    clean = _company({name: getattr(company, name) for name in COMPANY_FIELDS}, fields)
    with transaction.atomic():
        Company.objects.filter(pk=company.pk).update(**clean)
        _record(actor, AuditAction.COMPANY_CHANGED, company, at, sorted(fields))
    company.refresh_from_db()
    return company


def remove_company(actor: Actor, company: Company, *, at: datetime) -> None:
    """Off the list; what was applied for with it stands."""
    require_write(actor)
    with transaction.atomic():
        if Company.objects.filter(pk=company.pk, removed_at=None).update(removed_at=at):
            _record(actor, AuditAction.COMPANY_REMOVED, company, at, [])


def subject_of(company: Mapping[str, str] | None) -> Subject | None:
    """The X.509 subject of a company's fields as an application keeps them."""
    if company is None:
        return None
    return Subject(**{name: company.get(name) or None for name in COMPANY_FIELDS})


def contact_as_kept(contact: Contact) -> dict[str, str]:
    """As an application keeps it."""
    return {"id": contact.public_id, **{name: getattr(contact, name) for name in CONTACT_FIELDS}}


def company_as_kept(company: Company) -> dict[str, str]:
    """As an application keeps it."""
    return {"id": company.public_id, **{name: getattr(company, name) for name in COMPANY_FIELDS}}


def _contact(now: dict[str, str], fields: Mapping[str, str]) -> dict[str, str]:
    faults = []
    for name, value in fields.items():
        if name not in CONTACT_FIELDS:
            faults.append(Fault(name, "A contact has no such field.", "unknown_field"))
        elif len(value) > CONTACT_FIELDS[name] or not value.isprintable():
            message = f"At most {CONTACT_FIELDS[name]} printable characters."
            faults.append(Fault(name, message, "invalid"))
        else:
            now[name] = value.strip()
    if not faults:
        if not now["name"]:
            faults.append(Fault("name", "Give the contact's name.", "missing"))
        try:
            validate_email(now["email"])
        except ValidationError:
            faults.append(Fault("email", "Give the contact's e-mail address.", "invalid_email"))
    if faults:
        raise InvalidInput(faults[0].message, code="invalid_contact", faults=faults)
    return now


def _company(now: dict[str, str], fields: Mapping[str, str]) -> dict[str, str]:
    faults = []
    for name, value in fields.items():
        if name not in COMPANY_FIELDS:
            faults.append(Fault(name, "A company has no such field.", "unknown_field"))
        elif len(value) > LIMITS[name]:
            faults.append(Fault(name, f"At most {LIMITS[name]} characters.", "too_long"))
        else:
            now[name] = value.strip()
    for name in ("organization", "country"):
        if not now[name]:
            faults.append(Fault(name, f"Give the company's {name}.", "missing"))
    if not now["locality"] and not now["state"]:
        faults.append(Fault("locality", "Give the town, the state or province, or both.", "missing"))
    category = now["business_category"]
    if category and category not in BUSINESS_CATEGORIES:
        faults.append(
            Fault("business_category", f"One of: {', '.join(BUSINESS_CATEGORIES)}.", "unknown_category")
        )
    named = subject_faults(Subject(**{name: value or None for name, value in now.items()}))
    told = {fault.field for fault in faults}
    for fault in named:
        name = fault.field.partition(".")[2]
        if name not in told:
            faults.append(Fault(name, fault.message, fault.code))
    if faults:
        raise InvalidInput(faults[0].message, code="invalid_company", faults=faults)
    return now


def _record(actor: Actor, action: AuditAction, row: Any, at: datetime, changed: list[str]) -> None:
    # Names of fields only: what they hold is personal, and an audit log cannot be made to forget.
    record(actor, action, row.public_id, at=at, account_id=row.account_id, after={"fields": changed})
