"""What a private CA is to be when it is enabled, and what can be wrong with it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings

from hanaper.apps.private_ca.states import PrivateCaKind
from hanaper.core.errors import Fault, InvalidInput
from hanaper.core.private_ca.name_constraints import NameConstraints, read_constraints
from hanaper.core.private_ca.subtrees import contradictions
from hanaper.core.x509.algorithms import KeyAlgorithm
from hanaper.core.x509.names import Subject, subject_faults

YEAR = timedelta(days=365)
LONGEST_YEARS, MOST_SHARDS, LONGEST_LIST, LONGEST_NAME, LONGEST_PATH = 25, 64, 365, 80, 5
DEFAULT_YEARS = {PrivateCaKind.ROOT: 10, PrivateCaKind.INTERMEDIATE: 5}
DEFAULT_ALGORITHM = {
    PrivateCaKind.ROOT: KeyAlgorithm.EC_P384,
    PrivateCaKind.INTERMEDIATE: KeyAlgorithm.EC_P256,
}


@dataclass(frozen=True, slots=True)
class CaSettings:
    """`years`, `algorithm`, `region`, `keystore` and `path_length` None: the default. `shards`: lists besides
    that of everything, each for a part of the serials; `delta`: short lists of what changed since;
    `list_days`: how long clients may keep a list; `path_length`: how many CAs may follow one another below.
    """

    subject: Subject
    algorithm: KeyAlgorithm | None = None
    years: int | None = None
    path_length: int | None = None
    name: str = ""
    region: str | None = None
    keystore: str | None = None
    ocsp: bool = False
    shards: int = 1
    delta: bool = False
    list_days: int = 7
    name_constraints: Mapping[str, Mapping[str, Sequence[str]]] | None = None


def read_settings(given: CaSettings) -> NameConstraints:
    """The name constraints in canonical form; InvalidInput with every fault of the settings at its field."""
    faults = subject_faults(given.subject)
    constraints = read_constraints(given.name_constraints or {}, faults)
    faults += contradictions(constraints)
    if not given.subject.common_name:
        faults.append(Fault("subject.common_name", "A CA has a name: give it a common name.", "missing"))
    for field, value, most in (
        ("years", given.years, LONGEST_YEARS),
        ("shards", given.shards, MOST_SHARDS),
        ("list_days", given.list_days, LONGEST_LIST),
    ):
        if value is not None and not 1 <= value <= most:
            faults.append(Fault(field, f"Between 1 and {most}.", "out_of_range"))
    if given.path_length is not None and not 0 <= given.path_length <= LONGEST_PATH:
        faults.append(Fault("path_length", f"Between 0 and {LONGEST_PATH}.", "out_of_range"))
    if given.region is not None and given.region not in settings.REGIONS:
        known = ", ".join(settings.REGIONS)
        faults.append(Fault("region", f"There is no such region. Choose one of: {known}.", "unknown_region"))
    if given.keystore is not None and given.keystore not in settings.KEYSTORES:
        known = ", ".join(settings.KEYSTORES)
        faults.append(
            Fault("keystore", f"There is no such keystore. Choose one of: {known}.", "unknown_keystore")
        )
    if len(given.name) > LONGEST_NAME:
        faults.append(Fault("name", f"At most {LONGEST_NAME} characters.", "too_long"))
    if faults:
        raise InvalidInput("The private CA cannot be enabled like this.", faults=faults)
    return constraints


def until(kind: PrivateCaKind, years: int | None, parent_until: datetime | None, at: datetime) -> datetime:
    """The end of its certificate: never after that of the CA above it, when that was asked for or not."""
    wanted = at + (years or DEFAULT_YEARS[kind]) * YEAR
    if parent_until is None or wanted <= parent_until:
        return wanted
    if years is None:
        return parent_until
    raise InvalidInput(
        f"A CA does not outlive the one above it, which ends on {parent_until:%Y-%m-%d}.",
        field="years",
        code="outlives_parent",
    )


def path_length_of(kind: PrivateCaKind, wanted: int | None, permitted_above: int | None) -> int | None:
    """What its certificate says (RFC 5280 4.2.1.9): None, any number, for a root; 0 for an intermediate,
    which then issues to end entities only. Less than what the CA above it permits."""
    if kind is PrivateCaKind.ROOT:
        if wanted == 0:
            raise InvalidInput(
                "A root signs intermediates: it permits one CA below it at least.",
                field="path_length",
                code="path_too_short",
            )
        return wanted
    if permitted_above is not None and (wanted or 0) >= permitted_above:
        raise InvalidInput(
            f"The CA above permits {permitted_above} below it, itself not counted: write less than that.",
            field="path_length",
            code="path_too_long",
        )
    return wanted or 0
