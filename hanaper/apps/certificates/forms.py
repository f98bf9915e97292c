"""The application form: what a customer fills in, judged as a whole so that every fault shows at once.

The form is kept as typed (a draft may be wrong); an application is made only of one that was judged.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.conf import settings

from hanaper.apps.authority import services as authority
from hanaper.apps.certificates.models.certificates import Certificate
from hanaper.apps.certificates.models.issuing import IssuerOrder
from hanaper.apps.certificates.models.people import Company, Contact
from hanaper.apps.certificates.private_keys import DEFAULT, GENERATED
from hanaper.apps.certificates.services.people import company_as_kept, contact_as_kept, subject_of
from hanaper.apps.certificates.vocabulary import CheckMethod, RevocationReason
from hanaper.core.certificate.csr import CheckedRequest, check_csr
from hanaper.core.certificate.identifiers import DomainKind, DomainNames, parse_domains
from hanaper.core.certificate.profiles import ValidationLevel, leaf_contents
from hanaper.core.errors import Fault, InvalidInput
from hanaper.core.x509.algorithms import KeyAlgorithm

ID_NUMBER_MISSING = "The selected contact does not contain the required ID number information"

FIELDS = frozenset({"domains", "csr", "key_algorithm", "contact", "company", "methods", "method"})
MOST_CHARACTERS = 40_000


@dataclass(frozen=True, slots=True)
class JudgedForm:
    """A form that may be submitted. `request` is the customer's CSR; without one a key is generated here."""

    names: DomainNames
    methods: dict[str, CheckMethod]  # by base name
    request: CheckedRequest | None
    key_algorithm: KeyAlgorithm
    contact: dict[str, str]
    company: dict[str, str] | None


def merged(stored: Mapping[str, Any], given: Mapping[str, Any]) -> dict[str, Any]:
    """The stored form with what was given now; refuses fields that a form does not have."""
    unknown = sorted(set(given) - FIELDS)
    if unknown:
        faults = [Fault(name[:60], "The form has no such field.", "unknown_field") for name in unknown]
        raise InvalidInput("The form has no such field.", code="invalid_application", faults=faults)
    if len(repr(given)) > MOST_CHARACTERS:
        raise InvalidInput("The form is too long.", code="invalid_application", field="form")
    if "PRIVATE KEY-----" in str(given.get("csr") or ""):
        # Judged here too, for a draft is kept as typed, and this must be kept nowhere.
        check_csr(str(given["csr"]), None)
    return {**stored, **given}


def judge(certificate: Certificate, form: Mapping[str, Any]) -> JudgedForm:
    """Hold the form against the kind and level of the certificate; InvalidInput names every fault."""
    faults: list[Fault] = []
    names = _names(certificate, form, faults)
    request = _request(form, names, faults)
    key_algorithm = _key_algorithm(form, request, faults)
    methods = _methods(form, names, faults)
    contact = _contact(certificate, form, faults)
    company = _company(certificate, form, faults)
    if names is not None:
        _profile(certificate, names, company, faults)
    if faults or names is None:
        if len(faults) == 1:
            message = faults[0].message
        else:
            message = f"{len(faults)} things must be mended before this can be submitted."
        raise InvalidInput(
            message,
            code=faults[0].code if len(faults) == 1 else "invalid_application",
            clause="R11",
            faults=faults,
            next_steps=["Modify the application information, then Submit."],
        )
    return JudgedForm(names, methods, request, key_algorithm, contact or {}, company)


def _names(certificate: Certificate, form: Mapping[str, Any], faults: list[Fault]) -> DomainNames | None:
    given = form.get("domains") or []
    if not isinstance(given, list):
        faults.append(Fault("domains", "Domains are a list of names.", "not_a_list"))
        return None
    try:
        return parse_domains(DomainKind(certificate.domain_kind), given, allow_reserved=settings.SANDBOX)
    except InvalidInput as invalid:
        faults.extend(invalid.faults)
        return None


def _request(
    form: Mapping[str, Any], names: DomainNames | None, faults: list[Fault]
) -> CheckedRequest | None:
    pem = form.get("csr")
    if not pem:
        return None
    if not isinstance(pem, str):
        faults.append(Fault("csr", "Send the signing request as PEM text.", "csr_not_pem"))
        return None
    try:
        request = check_csr(pem, names)
    except InvalidInput as invalid:
        faults.extend(invalid.faults)
        return None
    if is_compromised(request.key_fingerprint):
        message = "This key was reported as compromised. Make a new one."
        faults.append(Fault("csr", message, "csr_key_compromised"))
        return None
    return request


def _key_algorithm(
    form: Mapping[str, Any], request: CheckedRequest | None, faults: list[Fault]
) -> KeyAlgorithm:
    if request is not None:
        return request.key_algorithm
    return generated_algorithm(form.get("key_algorithm") or DEFAULT.value, faults)


def _methods(
    form: Mapping[str, Any], names: DomainNames | None, faults: list[Fault]
) -> dict[str, CheckMethod]:
    """How each base name is checked. `methods` says it by name, `method` for the rest; DNS by default."""
    usual = form.get("method") or CheckMethod.DNS.value
    if usual not in list(CheckMethod):
        faults.append(Fault("method", "One of: dns, http.", "unknown_method"))
        usual = CheckMethod.DNS.value
    given = form.get("methods") or {}
    if not isinstance(given, dict):
        faults.append(Fault("methods", "Methods are an object of names and methods.", "not_an_object"))
        given = {}
    if names is None:
        return {}
    wildcards = {domain.base for domain in names.domains if domain.wildcard}
    chosen: dict[str, CheckMethod] = {}
    unused = {str(name) for name in given}
    for domain in names.domains:
        spelled = [name for name in (domain.ascii, domain.unicode, domain.base) if name in given]
        unused -= {domain.ascii, domain.unicode, domain.base}
        method = given[spelled[0]] if spelled else usual
        if domain.base in wildcards and not spelled:
            method = CheckMethod.DNS.value
        if method not in list(CheckMethod):
            faults.append(Fault(f"methods.{domain.ascii}", "One of: dns, http.", "unknown_method"))
        elif domain.base in wildcards and method != CheckMethod.DNS:
            message = f"Control of *.{domain.base} can be shown by a DNS record only."
            faults.append(Fault(f"methods.{domain.ascii}", message, "wildcard_needs_dns"))
        else:
            chosen[domain.base] = CheckMethod(method)
    faults.extend(
        Fault(f"methods.{name[:60]}", "This name is not applied for.", "unknown_domain")
        for name in sorted(unused)
    )
    return chosen


def _contact(certificate: Certificate, form: Mapping[str, Any], faults: list[Fault]) -> dict[str, str] | None:
    given = form.get("contact")
    if not given:
        faults.append(Fault("contact", "Choose a contact.", "contact_missing"))
        return None
    # The account's own, whoever asks: an operator must not slip in somebody else's either.
    contact = Contact.objects.filter(
        account_id=certificate.account_id, public_id=str(given)[:60], removed_at=None
    ).first()
    if contact is None:
        faults.append(Fault("contact", "There is no such contact in this account.", "contact_not_found"))
        return None
    if certificate.needs_id_number and not contact.id_number:
        faults.append(Fault("contact", ID_NUMBER_MISSING, "contact_id_number_missing"))
    return contact_as_kept(contact)


def _company(certificate: Certificate, form: Mapping[str, Any], faults: list[Fault]) -> dict[str, str] | None:
    if not ValidationLevel(certificate.level).needs_organisation:
        return None
    given = form.get("company")
    if not given:
        message = f"An {certificate.level.upper()} certificate names a company: choose one."
        faults.append(Fault("company", message, "company_missing"))
        return None
    company = Company.objects.filter(
        account_id=certificate.account_id, public_id=str(given)[:60], removed_at=None
    ).first()
    if company is None:
        faults.append(Fault("company", "There is no such company in this account.", "company_not_found"))
        return None
    kept = company_as_kept(company)
    if certificate.level == ValidationLevel.OV:
        # Registration data stands in EV certificates only.
        ours = ("id", "organization", "country", "state", "locality")
        kept = {name: value if name in ours else "" for name, value in kept.items()}
    return kept


def _profile(
    certificate: Certificate, names: DomainNames, company: dict[str, str] | None, faults: list[Fault]
) -> None:
    level = ValidationLevel(certificate.level)
    if level.needs_organisation and company is None:
        return
    try:
        leaf_contents(level, names, subject_of(company))
    except InvalidInput as invalid:
        for fault in invalid.faults:
            field = fault.field.replace("subject", "company", 1)
            faults.append(Fault(field, fault.message, fault.code))


def key_fingerprint(spki: bytes) -> str:
    return hashlib.sha256(spki).hexdigest()


def is_compromised(key: str) -> bool:
    """BR 6.1.1.3 (4): a key once revoked as compromised is never certified again, for nobody."""
    revoked = IssuerOrder.objects.filter(revocation_reason=RevocationReason.KEY_COMPROMISE)
    return authority.is_compromised(key) or revoked.filter(application__key_fingerprint=key).exists()


def generated_algorithm(given: object, faults: list[Fault]) -> KeyAlgorithm:
    """The kind of key to generate here; a fault for one that is not."""
    if given not in [algorithm.value for algorithm in GENERATED]:
        choices = ", ".join(algorithm.value for algorithm in GENERATED)
        faults.append(Fault("key_algorithm", f"One of: {choices}.", "unknown_key_algorithm"))
        return DEFAULT
    return KeyAlgorithm(str(given))
