"""What an order is for: names and addresses, in one canonical form (RFC 8555 7.1.3, RFC 8738)."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from hanaper.core.acme.problems import AcmeProblem, ProblemType, Subproblem, malformed
from hanaper.core.errors import Fault
from hanaper.core.private_ca.alternative_names import AlternativeNames, read_names

TYPES = ("dns", "ip")
MOST = 100


@dataclass(frozen=True, slots=True)
class Identifier:
    """`kind` of TYPES; `value` as a certificate carries it: `*.` begins a wildcard."""

    kind: str
    value: str

    @property
    def wildcard(self) -> bool:
        return self.value.startswith("*.")

    @property
    def base(self) -> str:
        """What is proven: the name above a wildcard."""
        return self.value.removeprefix("*.")

    def document(self) -> dict[str, str]:
        return {"type": self.kind, "value": self.value}


def read_identifiers(given: object, *, wildcards: bool = True) -> tuple[Identifier, ...]:
    """Sorted, each once. AcmeProblem: `malformed`, `unsupportedIdentifier`, `rejectedIdentifier`."""
    if not isinstance(given, list) or not given:
        raise malformed("identifiers: at least one is needed.")
    if len(given) > MOST:
        raise malformed(f"identifiers: at most {MOST}.")
    if not all(isinstance(one, dict) and set(one) == {"type", "value"} for one in given):
        raise malformed("identifiers: each is an object with a type and a value.")
    unsupported = sorted({str(one["type"])[:40] for one in given if one["type"] not in TYPES})
    if unsupported:
        raise AcmeProblem(
            ProblemType.UNSUPPORTED_IDENTIFIER,
            f"There are identifiers of the types {' and '.join(TYPES)}, not {', '.join(unsupported)}.",
        )
    by_kind = {kind: [one["value"] for one in given if one["type"] == kind] for kind in TYPES}
    faults: list[Fault] = []
    names = read_names(by_kind, faults)
    if faults:
        raise rejected(faults, by_kind)
    found = tuple(sorted(identifiers_of(names), key=lambda one: (one.kind, one.value)))
    if not wildcards and any(one.wildcard for one in found):
        raise malformed("A wildcard is authorized with an order.")
    return found


def identifiers_of(names: AlternativeNames) -> Iterable[Identifier]:
    yield from (Identifier("dns", name) for name in names.dns)
    yield from (Identifier("ip", address) for address in names.ip)


def by_kind(identifiers: Iterable[Identifier]) -> dict[str, list[str]]:
    """As names of a certificate are given."""
    found: dict[str, list[str]] = {kind: [] for kind in TYPES}
    for one in identifiers:
        found[one.kind].append(one.value)
    return found


def rejected(faults: Sequence[Fault], given: Mapping[str, Sequence[object]]) -> AcmeProblem:
    """A subproblem for each identifier at fault; `faults` at `names.<kind>.<index>` of `given`."""
    subproblems = []
    for fault in faults:
        _, _, where = fault.field.partition(".")
        kind, _, index = where.partition(".")
        values = given.get(kind, ())
        value = str(values[int(index)])[:253] if index.isdigit() and int(index) < len(values) else ""
        named = {"type": kind, "value": value}
        subproblems.append(Subproblem(ProblemType.REJECTED_IDENTIFIER, fault.message, named))
    detail = faults[0].message if len(faults) == 1 else f"{len(faults)} identifiers cannot be certified."
    return AcmeProblem(ProblemType.REJECTED_IDENTIFIER, detail, subproblems=subproblems)
