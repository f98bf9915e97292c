"""Distinguished names: plain fields in, an X.509 name in the order that the rules want out."""

import re
import unicodedata
from dataclasses import dataclass, fields

from cryptography import x509
from cryptography.x509.oid import NameOID

from hanaper.core.errors import Fault


@dataclass(frozen=True, slots=True)
class Subject:
    """Who a certificate is about; None leaves a field out. Countries are ISO 3166-1 alpha-2 codes.

    The last five are for EV (EV Guidelines 9.2.3 to 9.2.5): where a company is registered, under
    which number and as what.
    """

    country: str | None = None
    state: str | None = None
    locality: str | None = None
    organization: str | None = None
    common_name: str | None = None
    business_category: str | None = None
    jurisdiction_country: str | None = None
    jurisdiction_state: str | None = None
    jurisdiction_locality: str | None = None
    registration_number: str | None = None


# The order is that of Baseline Requirements 7.1.4.2, broad to narrow, the EV fields before it; the
# limits are the upper bounds of RFC 5280 appendix A.1 in characters.
_ATTRIBUTES = (
    ("jurisdiction_country", NameOID.JURISDICTION_COUNTRY_NAME, 2),
    ("jurisdiction_state", NameOID.JURISDICTION_STATE_OR_PROVINCE_NAME, 128),
    ("jurisdiction_locality", NameOID.JURISDICTION_LOCALITY_NAME, 128),
    ("business_category", NameOID.BUSINESS_CATEGORY, 128),
    ("registration_number", NameOID.SERIAL_NUMBER, 64),
    ("country", NameOID.COUNTRY_NAME, 2),
    ("state", NameOID.STATE_OR_PROVINCE_NAME, 128),
    ("locality", NameOID.LOCALITY_NAME, 128),
    ("organization", NameOID.ORGANIZATION_NAME, 64),
    ("common_name", NameOID.COMMON_NAME, 64),
)

LIMITS = {name: limit for name, _, limit in _ATTRIBUTES}

_COUNTRY = re.compile(r"[A-Z]{2}\Z")
_PRINTABLE = re.compile(r"[A-Za-z0-9 '()+,./:=?-]+\Z")  # X.680 41.4
_SAYS_SOMETHING = re.compile(r"\w")


def subject_faults(subject: Subject, prefix: str = "subject") -> list[Fault]:
    """What is wrong with a subject's fields, each at `<prefix>.<field>`; empty when it can be used."""
    faults = []
    for each in fields(subject):
        value = getattr(subject, each.name)
        reason = None if value is None else _wrong(each.name, value)
        if reason:
            faults.append(Fault(f"{prefix}.{each.name}", reason, "subject"))
    return faults


def _wrong(field: str, value: str) -> str | None:
    if field in ("country", "jurisdiction_country"):
        return None if _COUNTRY.match(value) else "A country is its two-letter code, such as DE."
    if field == "registration_number" and not _PRINTABLE.match(value):
        return "A registration number holds letters, digits and plain punctuation only."  # X.520
    if len(value) > LIMITS[field]:
        return f"At most {LIMITS[field]} characters fit into a certificate here."
    if any(unicodedata.category(character) in ("Cc", "Cs", "Cn", "Co") for character in value):
        return "Control characters cannot stand in a certificate."
    # Direction marks turn what is read around, and what has no width hides. Two of the kind belong to words.
    if any(unicodedata.category(one) in ("Cf", "Zl", "Zp") and one not in "\u200c\u200d" for one in value):
        return "Characters that nobody sees cannot stand in a certificate."
    if value != value.strip():
        return "Leave out the blanks before and after."
    # BR 7.1.4.2: no field may hold only a dash, dot or blank to say that it is empty.
    if not _SAYS_SOMETHING.search(value):
        return "The field says nothing: give it a value or leave it out."
    return None


def to_name(subject: Subject) -> x509.Name:
    """The X.509 name; raises ValueError for a field that `subject_faults` would have named."""
    faults = subject_faults(subject)
    if faults:
        raise ValueError(f"{faults[0].field}: {faults[0].message}")
    return x509.Name(
        [
            x509.NameAttribute(oid, value)
            for name, oid, _ in _ATTRIBUTES
            if (value := getattr(subject, name)) is not None
        ]
    )
