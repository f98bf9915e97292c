"""What each level and kind of certificate says: policies, uses, subject.

Sources: Baseline Requirements 7.1.2.7 (subscriber certificates), 7.1.6.1 (policy identifiers),
7.1.4.2 (subject); EV Guidelines 9.2 (subject) and 9.8.1 (no wildcards).
"""

from dataclasses import dataclass
from enum import StrEnum

from cryptography import x509

from hanaper.core.certificate.identifiers import DomainNames
from hanaper.core.errors import Fault, InvalidInput
from hanaper.core.x509.certificates import LeafContents, dns_names
from hanaper.core.x509.extensions import SERVER_AUTH
from hanaper.core.x509.names import Subject, subject_faults, to_name


class ValidationLevel(StrEnum):
    """What the CA has established: control of the domain, the organisation too, or it extensively."""

    DV = "dv"
    OV = "ov"
    EV = "ev"

    @property
    def label(self) -> str:
        return self.value.upper()

    @property
    def needs_organisation(self) -> bool:
        return self is not ValidationLevel.DV


# EV Guidelines 9.2.3.
BUSINESS_CATEGORIES = (
    "Private Organization",
    "Government Entity",
    "Business Entity",
    "Non-Commercial Entity",
)


@dataclass(frozen=True, slots=True)
class LeafProfile:
    """The part of a leaf that its level alone decides; `required` are fields of its Subject."""

    level: ValidationLevel
    policy: str
    required: tuple[str, ...]
    wildcards: bool
    # serverAuth only: browsers' programmes end clientAuth beside it (Chrome Root Program 1.8).
    extended_key_usages: tuple[x509.ObjectIdentifier, ...] = (SERVER_AUTH,)


PROFILES = {
    ValidationLevel.DV: LeafProfile(ValidationLevel.DV, "2.23.140.1.2.1", (), wildcards=True),
    ValidationLevel.OV: LeafProfile(
        ValidationLevel.OV, "2.23.140.1.2.2", ("organization", "country"), wildcards=True
    ),
    ValidationLevel.EV: LeafProfile(
        ValidationLevel.EV,
        "2.23.140.1.1",
        (
            "organization",
            "country",
            "business_category",
            "jurisdiction_country",
            "registration_number",
        ),
        wildcards=False,
    ),
}


def leaf_contents(
    level: ValidationLevel, names: DomainNames, organisation: Subject | None = None
) -> LeafContents:
    """What to put into a leaf of `level` for `names`.

    `organisation` is what was vetted for OV and EV; DV says nothing of it, whatever is given. There is
    no common name, which the BR advise against (7.1.2.7.2 to 7.1.2.7.4): names stand in the SAN alone.
    Raises InvalidInput naming every field of `subject` that is missing or wrong, and `domains.<i>` for
    wildcards that the level does not permit.
    """
    profile = PROFILES[level]
    faults: list[Fault] = []
    if not profile.wildcards:
        message = f"An {level.label} certificate cannot hold a wildcard (EV Guidelines 9.8.1)."
        faults += [
            Fault(f"domains.{index}", message, "wildcard_not_in_level")
            for index, domain in enumerate(names.domains)
            if domain.wildcard
        ]
    subject = Subject()
    if level.needs_organisation:
        subject = organisation or Subject()
        faults += _organisation_faults(profile, subject)
    if faults:
        raise InvalidInput(faults[0].message, code="invalid_profile", faults=faults)
    return LeafContents(
        subject=to_name(subject),
        alternative_names=dns_names(names.san),
        extended_key_usages=profile.extended_key_usages,
        policies=(profile.policy,),
    )


def _organisation_faults(profile: LeafProfile, subject: Subject) -> list[Fault]:
    faults = subject_faults(subject)
    faults += [
        Fault(f"subject.{field}", f"{profile.level.label} needs the field {field}.", "missing")
        for field in profile.required
        if not getattr(subject, field)
    ]
    # BR 7.1.2.7.4 and EV Guidelines 9.2.6: a place, by town or by state.
    if not subject.locality and not subject.state:
        faults.append(Fault("subject.locality", "Give the town, the state or province, or both.", "missing"))
    if subject.common_name is not None:
        faults.append(Fault("subject.common_name", "Names belong among the domains.", "unexpected"))
    if profile.level is ValidationLevel.EV:
        faults += _ev_faults(subject)
    elif any((subject.business_category, subject.registration_number, subject.jurisdiction_country,
              subject.jurisdiction_state, subject.jurisdiction_locality)):  # fmt: skip
        faults.append(Fault("subject", "Registration data stands in EV certificates only.", "unexpected"))
    return faults


def _ev_faults(subject: Subject) -> list[Fault]:
    faults = []
    if subject.business_category and subject.business_category not in BUSINESS_CATEGORIES:
        choices = ", ".join(BUSINESS_CATEGORIES)
        faults.append(Fault("subject.business_category", f"One of: {choices}.", "subject"))
    # EV Guidelines 9.2.4: a town of registration only with its state.
    if subject.jurisdiction_locality and not subject.jurisdiction_state:
        faults.append(
            Fault("subject.jurisdiction_state", "A town of registration needs its state.", "missing")
        )
    return faults
