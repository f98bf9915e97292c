"""What constraints on names have in common: each CA narrows what those above it permit (RFC 5280 6.1.4 g)."""

import ipaddress
from collections.abc import Callable, Sequence

from hanaper.core.errors import Fault
from hanaper.core.private_ca.alternative_names import KINDS, some
from hanaper.core.private_ca.name_constraints import NameConstraints


def within(kind: str, inner: str, outer: str) -> bool:
    """Whether every name below the constraint `inner` is below `outer`, both of one kind."""
    return _WITHIN[kind](inner, outer)


def left_of(kind: str, wanted: Sequence[str], above: Sequence[NameConstraints]) -> tuple[str, ...]:
    """The parts of `wanted` that every CA above permits."""
    left = tuple(wanted)
    for each in above:
        if permitted := getattr(each.permitted, kind):
            left = _common(kind, left, permitted)
        excluded = getattr(each.excluded, kind)
        left = tuple(one for one in left if not any(_excludes(kind, out, one) for out in excluded))
    return left


def _excludes(kind: str, excluded: str, one: str) -> bool:
    """A mailbox in whatever case: `violations` says why."""
    return within(kind, one.lower(), excluded.lower())


def contradictions(constraints: NameConstraints) -> list[Fault]:
    """Each kind of which everything permitted is excluded too, at `name_constraints.permitted.<kind>`."""
    faults = []
    for kind in KINDS:
        permitted, excluded = getattr(constraints.permitted, kind), getattr(constraints.excluded, kind)
        if permitted and not left_of(kind, permitted, [NameConstraints(excluded=constraints.excluded)]):
            message = (
                f"This CA could certify nothing: all of {some(permitted)} is excluded too ({some(excluded)})."
            )
            faults.append(Fault(f"name_constraints.permitted.{kind}", message, "nothing_permitted"))
    return faults


def why_never(kind: str, wanted: Sequence[str], above: Sequence[NameConstraints]) -> str | None:
    """Why no name below any of `wanted` is ever permitted, and by what; None: some are."""
    if left_of(kind, wanted, above):
        return None
    for each in above:
        permitted = getattr(each.permitted, kind)
        if permitted and not _common(kind, wanted, permitted):
            return f"Outside of what may be certified here ({some(permitted)}): {some(wanted)}."
    return f"Within what may not be certified here: {some(wanted)}. Name something else."


def faults_below(constraints: NameConstraints, above: Sequence[NameConstraints]) -> list[Fault]:
    """Each kind of names that a CA with these could never certify, at `name_constraints.permitted.<kind>`."""
    faults = []
    for kind in KINDS:
        permitted = getattr(constraints.permitted, kind)
        if permitted and (why := why_never(kind, permitted, above)):
            faults.append(Fault(f"name_constraints.permitted.{kind}", why, "nothing_permitted"))
    return faults


def _common(kind: str, some_: Sequence[str], others: Sequence[str]) -> tuple[str, ...]:
    """The narrower of each two that overlap: one then lies in the other."""
    narrower = [one if within(kind, one, other) else other for one in some_ for other in others
                if within(kind, one, other) or within(kind, other, one)]  # fmt: skip
    return tuple(dict.fromkeys(narrower))


def _network_within(inner: str, outer: str) -> bool:
    one, other = ipaddress.ip_network(inner), ipaddress.ip_network(outer)
    if isinstance(one, ipaddress.IPv4Network):
        return isinstance(other, ipaddress.IPv4Network) and one.subnet_of(other)
    return isinstance(other, ipaddress.IPv6Network) and one.subnet_of(other)


def _domain_within(inner: str, outer: str) -> bool:
    return inner == outer or inner.endswith("." + outer)


def _host_within(inner: str, outer: str) -> bool:
    """`.domain` stands for every host below it, and a mailbox lies in its host."""
    if inner == outer:
        return True
    host = inner.rpartition("@")[2]
    return "@" not in outer and (host.endswith(outer) if outer.startswith(".") else host == outer)


_WITHIN: dict[str, Callable[[str, str], bool]] = {
    "dns": _domain_within, "ip": _network_within, "email": _host_within, "uri": _host_within,
}  # fmt: skip
