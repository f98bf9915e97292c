"""Which names a CA and everything below it may certify (RFC 5280 4.2.1.10).

Said in the CA's own certificate so that clients judge by them; `violations` judges before anything is signed.
"""

import ipaddress
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from cryptography import x509

from hanaper.core.errors import Fault, InvalidInput
from hanaper.core.private_ca.alternative_names import KINDS, host_of, network_of

MOST = 200
SIDES = ("permitted", "excluded")


@dataclass(frozen=True, slots=True)
class Subtrees:
    """`dns`: a domain and everything below it; `ip`: networks; `email`: a mailbox, a host, or `.domain` for
    every host below it; `uri`: a host, or `.domain`."""

    dns: tuple[str, ...] = ()
    ip: tuple[str, ...] = ()
    email: tuple[str, ...] = ()
    uri: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class NameConstraints:
    permitted: Subtrees = Subtrees()
    excluded: Subtrees = Subtrees()

    def to_x509(self) -> x509.NameConstraints | None:
        """None where nothing is constrained: an empty extension is not allowed."""
        permitted, excluded = (list(_general_names(side)) or None for side in (self.permitted, self.excluded))
        if permitted is None and excluded is None:
            return None
        return x509.NameConstraints(permitted, excluded)


def read_constraints(
    given: Mapping[str, Mapping[str, Sequence[str]]], faults: list[Fault]
) -> NameConstraints:
    """What was given, in canonical form; what is wrong goes to `faults`, at `name_constraints...`."""
    sides = {}
    for side in SIDES:
        found = {}
        for kind in KINDS:
            values: dict[str, None] = {}
            for index, value in enumerate(list(given.get(side, {}).get(kind, ()))[: MOST + 1]):
                try:
                    values[_CANONICAL[kind](str(value).strip())] = None
                except InvalidInput as wrong:
                    field = f"name_constraints.{side}.{kind}.{index}"
                    faults.append(Fault(field, wrong.message, "not_a_constraint"))
            if len(values) > MOST:
                field = f"name_constraints.{side}.{kind}"
                faults.append(Fault(field, f"At most {MOST} of a kind.", "too_many"))
            found[kind] = tuple(values)
        sides[side] = Subtrees(**found)
    return NameConstraints(**sides)


@lru_cache(maxsize=256)
def of_certificate(der: bytes) -> NameConstraints:
    """Those in a CA's certificate."""
    return of_extensions(x509.load_der_x509_certificate(der).extensions)


def of_extensions(extensions: x509.Extensions) -> NameConstraints:
    """Those of a certificate or a request."""
    try:
        value = extensions.get_extension_for_class(x509.NameConstraints).value
    except x509.ExtensionNotFound:
        return NameConstraints()
    return NameConstraints(_subtrees(value.permitted_subtrees), _subtrees(value.excluded_subtrees))


def _subtrees(names: Sequence[x509.GeneralName] | None) -> Subtrees:
    found: dict[str, list[str]] = {kind: [] for kind in KINDS}
    for name in names or ():
        if isinstance(name, x509.DNSName):
            found["dns"].append(name.value.lstrip(".").lower())
        elif isinstance(name, x509.IPAddress):
            found["ip"].append(str(name.value))
        elif isinstance(name, x509.RFC822Name):
            local, at, host = name.value.rpartition("@")
            found["email"].append(f"{local}{at}{host.lower()}")
        elif isinstance(name, x509.UniformResourceIdentifier):
            found["uri"].append(name.value.lower())
    return Subtrees(**{kind: tuple(values) for kind, values in found.items()})


def _general_names(side: Subtrees) -> Iterator[x509.GeneralName]:
    yield from (x509.DNSName(name) for name in side.dns)
    yield from (x509.IPAddress(ipaddress.ip_network(network)) for network in side.ip)
    yield from (x509.RFC822Name(name) for name in side.email)
    yield from (x509.UniformResourceIdentifier(name) for name in side.uri)


def _domain(value: str) -> str:
    if value.startswith("."):
        raise InvalidInput(
            "Leave out the first dot: a domain stands for itself and for all that is below it."
        )
    return host_of(value)


def _host_or_below(value: str) -> str:
    return f".{host_of(value[1:])}" if value.startswith(".") else host_of(value)


def _mailbox(value: str) -> str:
    local, at, host = value.rpartition("@")
    return f"{local}@{host_of(host)}" if at and local else _host_or_below(value)


_CANONICAL: dict[str, Callable[[str], str]] = {
    "dns": _domain, "ip": network_of, "email": _mailbox, "uri": _host_or_below,
}  # fmt: skip
