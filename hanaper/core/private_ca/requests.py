"""What is wanted of a private CA: read from a call and its CSR, and held against template and constraints.

The names of a CSR pass the same way as those of a call. Nothing is made here: no key, no serial.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from cryptography import x509
from cryptography.x509.oid import NameOID

from hanaper.core.certificate.csr import open_csr
from hanaper.core.errors import Fault, InvalidInput
from hanaper.core.private_ca.alternative_names import names_of, read_names
from hanaper.core.private_ca.deciding import Asked, decide
from hanaper.core.private_ca.name_constraints import NameConstraints
from hanaper.core.private_ca.templates import Template
from hanaper.core.x509.algorithms import KeyAlgorithm
from hanaper.core.x509.certificates import LeafContents
from hanaper.core.x509.names import Subject

DEFAULT_KEY = KeyAlgorithm.EC_P256
_FIELDS = {
    NameOID.COUNTRY_NAME: "country",
    NameOID.STATE_OR_PROVINCE_NAME: "state",
    NameOID.LOCALITY_NAME: "locality",
    NameOID.ORGANIZATION_NAME: "organization",
    NameOID.COMMON_NAME: "common_name",
    NameOID.SERIAL_NUMBER: "registration_number",
}
# As RFC 4514 and openssl write them.
_WRITTEN = {
    "country": "C",
    "state": "ST",
    "locality": "L",
    "organization": "O",
    "common_name": "CN",
    "registration_number": "serialNumber",
}


@dataclass(frozen=True, slots=True)
class Request:
    """What is wanted. With a CSR its key is certified, and what the call leaves open is taken from it;
    without one a key of `key_algorithm` is made here and kept sealed. `until`: its end to the second, in
    place of `days`."""

    template: str
    subject: Subject | None = None
    names: Mapping[str, Sequence[object]] | None = None
    csr: str | None = None
    key_algorithm: KeyAlgorithm | None = None
    days: int | None = None
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Judged:
    """A request that may be granted; `spki` None: its key is yet to be made."""

    asked: Asked
    contents: LeafContents
    not_after: datetime
    spki: bytes | None = field(repr=False)


def judge(
    request: Request,
    template: Template,
    constraints: Sequence[NameConstraints],
    *,
    at: datetime,
    latest: datetime,
) -> Judged:
    """What the certificate is to say. `constraints`: of every CA above; `latest`: the end of CA and
    subscription, which nothing outlives (SPEC section 6). InvalidInput with every fault."""
    asked, spki, unread = _read(request)
    try:
        contents = decide(template, asked, constraints)
    except InvalidInput as refused:
        found = [*unread, *_beside(unread, refused.faults)]
        wrong = InvalidInput(refused.message, faults=found)
        of_csr = request.csr is not None and request.subject is None
        if of_csr and any(fault.field.startswith("subject.") for fault in wrong.faults):
            # Nobody can leave something out of a request that is signed.
            step = (
                "Give the subject in the call, such as --common-name, or an empty one, on the command line"
                " --no-subject: it takes the place of the CSR's."
            )
            faults = [_of_csr(fault, asked.subject, template) for fault in wrong.faults]
            raise InvalidInput(wrong.message, faults=faults, next_steps=[step]) from None
        raise wrong from None
    if unread:
        raise InvalidInput("The certificate cannot be issued like this.", faults=unread)
    wanted = request.until or at + timedelta(days=asked.days or template.days)
    if request.until is not None and not at < wanted <= at + timedelta(days=template.longest_days):
        message = f"A certificate of this template ends within {template.longest_days} days."
        raise InvalidInput(message, field="until", code="out_of_range")
    if wanted > latest and (request.days is not None or request.until is not None):
        raise InvalidInput(
            f"A certificate outlives neither its CA nor the subscription: until {latest:%Y-%m-%d} at most.",
            field="days",
            code="outlives_ca",
        )
    return Judged(asked, contents, min(wanted, latest), spki)


def _of_csr(fault: Fault, subject: Subject, template: Template) -> Fault:
    """The same of a subject that stands in a CSR, where it has no fields to fill in or leave out."""
    name = fault.field.removeprefix("subject.")
    written = _WRITTEN.get(name)
    if written is None or name == fault.field:
        return fault
    value = getattr(subject, name)
    if fault.code == "not_in_template":
        message = f"The subject of the CSR has {written}={value}, which the template does not allow."
    elif fault.code == "fixed_by_template":
        says = {str(one): said for one, said in template.subject.fixed.items()}[name]
        message = f"The subject of the CSR has {written}={value}, and the template says {says}."
    elif fault.code == "missing":
        message = f"The template asks for {written}, which the subject of the CSR does not have."
    else:
        return fault
    return replace(fault, message=message)


def subject_fields(subject: Subject) -> dict[str, str]:
    """The fields that are there."""
    return {name: value for name in _FIELDS.values() if (value := getattr(subject, name)) is not None}


def _beside(unread: Sequence[Fault], others: Sequence[Fault]) -> list[Fault]:
    """What else is wrong, without what only follows from names that could not be read."""
    kinds = {".".join(fault.field.split(".")[:2]) for fault in unread if fault.field.startswith("names")}
    follows = {"no_names", "not_among_names"} if kinds else set()
    told = []
    for one in others:
        kind = ".".join(one.field.split(".")[:2])
        of_names = one.field.startswith("names") and (kind in kinds or "names" in kinds)
        if one.code not in follows and not of_names:
            told.append(one)
    return told


def _read(request: Request) -> tuple[Asked, bytes | None, list[Fault]]:
    """Key, subject and names, of the CSR or of the call; and every fault of what could not be read."""
    faults: list[Fault] = []
    subject, given, spki = request.subject, request.names, None
    algorithm = request.key_algorithm or DEFAULT_KEY
    if request.csr is not None:
        csr, spki, algorithm = open_csr(request.csr)
        if request.key_algorithm is not None:
            message = f"The key of the request is certified, which is {algorithm}: leave this out."
            faults.append(Fault("key_algorithm", message, "key_in_csr"))
        given = _names_in(csr) if given is None else given
        subject = _subject_in(csr) if subject is None else subject
    names = read_names(given or {}, faults)
    return Asked(subject or Subject(), names, algorithm, request.days), spki, faults


def _names_in(csr: x509.CertificateSigningRequest) -> dict[str, list[object]]:
    try:
        return names_of(csr.extensions.get_extension_for_class(x509.SubjectAlternativeName).value)
    except x509.ExtensionNotFound:
        return {}


def _called(attribute: x509.NameAttribute[str | bytes]) -> str:
    """As openssl writes it, where it is known: RFC 4514 knows few."""
    known = attribute.oid._name
    return attribute.rfc4514_attribute_name if known == "Unknown OID" else known


def _subject_in(csr: x509.CertificateSigningRequest) -> Subject:
    """The fields that a certificate here can have; the template decides which of them it takes."""
    found: dict[str, str] = {}
    for attribute in csr.subject:
        name = _FIELDS.get(attribute.oid)
        if name is None or name in found:
            raise InvalidInput(
                f"The subject of the request has {_called(attribute)}, which is not certified"
                " here, or a field twice: give the subject in the call.",
                field="csr",
                code="csr_subject",
            )
        found[name] = str(attribute.value)
    return Subject(**found)
