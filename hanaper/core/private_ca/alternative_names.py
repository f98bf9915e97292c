"""One way in for the names of a certificate, whether a call, a CSR or ACME brought them.

What passes is in one canonical form, so that no policy is got round by another way of writing a name.
Sources: RFC 5280 4.2.1.6; RFC 5890 to 5893 and UTS 46 (domain names); RFC 9525 6.3 (wildcards);
RFC 3986 (URIs); RFC 5321 4.1.2 (mailboxes); SPIFFE-ID 2.
"""

import ipaddress
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, fields
from urllib.parse import urlsplit

from cryptography import x509

from hanaper.core.certificate.identifiers import parse_host
from hanaper.core.errors import Fault, InvalidInput

MOST = 100
LONGEST = 2048
SHOWN = 5
_LOCAL_PART = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*\Z")
_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*\Z")
_URI = re.compile(r"[!-~]+\Z")


@dataclass(frozen=True, slots=True)
class AlternativeNames:
    """By kind, each in canonical form and in the order given: A-labels, compressed addresses, mailboxes and
    URIs with their host in lower case."""

    dns: tuple[str, ...] = ()
    ip: tuple[str, ...] = ()
    email: tuple[str, ...] = ()
    uri: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.dns or self.ip or self.email or self.uri)

    def by_kind(self) -> dict[str, tuple[str, ...]]:
        return {field.name: getattr(self, field.name) for field in fields(self)}

    def general_names(self) -> tuple[x509.GeneralName, ...]:
        return (
            *(x509.DNSName(name) for name in self.dns),
            *(x509.IPAddress(ipaddress.ip_address(address)) for address in self.ip),
            *(x509.RFC822Name(address) for address in self.email),
            *(x509.UniformResourceIdentifier(uri) for uri in self.uri),
        )


def read_names(given: Mapping[str, Sequence[object]], faults: list[Fault]) -> AlternativeNames:
    """The names by kind, each once; what is wrong goes to `faults`, at `names.<kind>.<index>`."""
    if sum(len(values) for values in given.values()) > MOST:
        message = f"A certificate takes at most {MOST} names: spread them over several certificates."
        faults.append(Fault("names", message, "too_many_names"))
        return AlternativeNames()
    found: dict[str, tuple[str, ...]] = {}
    for kind, read in _READERS.items():
        values: dict[str, None] = {}
        for index, value in enumerate(given.get(kind, ())):
            try:
                values[_read(read, value)] = None
            except InvalidInput as wrong:
                faults.append(Fault(f"names.{kind}.{index}", wrong.message, wrong.code))
        found[kind] = tuple(values)
    return AlternativeNames(**found)


def names_of(value: x509.SubjectAlternativeName) -> dict[str, list[object]]:
    """What a CSR names, as `read_names` takes it; InvalidInput for a kind that nothing is issued for."""
    found: dict[str, list[object]] = {kind: [] for kind in _READERS}
    for name in value:
        if isinstance(name, x509.DNSName):
            found["dns"].append(name.value)
        elif isinstance(name, x509.IPAddress):
            found["ip"].append(str(name.value))
        elif isinstance(name, x509.RFC822Name):
            found["email"].append(name.value)
        elif isinstance(name, x509.UniformResourceIdentifier):
            found["uri"].append(name.value)
        else:
            message = (
                "The request names something other than domains, addresses, mailboxes and URIs: make it again"
                " without that, or give the names in the call."
            )
            raise InvalidInput(message, code="csr_names", field="csr")
    return found


def _read(read: Callable[[str], str], value: object) -> str:
    if not isinstance(value, str) or not value.strip():
        raise InvalidInput(
            "A name is a text that is not empty: write it, or leave it out.", code="not_a_name"
        )
    if len(value) > LONGEST:
        raise InvalidInput(f"A name has at most {LONGEST} characters.", code="too_long")
    return read(value.strip(" "))


def _dns(value: str) -> str:
    base, wildcard = parse_host(value)
    return f"*.{base}" if wildcard else base


def _ip(value: str) -> str:
    try:
        address = ipaddress.ip_address(value)
    except ValueError:
        raise InvalidInput(
            f"{value[:60]!r} is no IP address: write one such as 10.0.0.1 or 2001:db8::1.",
            code="not_an_address",
        ) from None
    if isinstance(address, ipaddress.IPv6Address):
        if address.scope_id:
            raise InvalidInput(
                "Leave out the zone after %: an address in a certificate has none.", code="address_zone"
            )
        if address.ipv4_mapped:
            # RFC 4291 2.5.5.2: the same host as its IPv4 address, which a rule for that would not see.
            raise InvalidInput(f"Write the IPv4 address {address.ipv4_mapped}.", code="mapped_address")
    return address.compressed


def _email(value: str) -> str:
    local, at, host = value.rpartition("@")
    if not at or len(local) > 64 or not _LOCAL_PART.match(local):
        raise InvalidInput("This is not an e-mail address, such as ada@example.com.", code="not_an_email")
    return f"{local}@{host_of(host)}"


def _uri(value: str) -> str:
    try:
        parts = urlsplit(value)
        port = parts.port
    except ValueError:
        raise _no_uri() from None
    if not _URI.match(value) or not _SCHEME.match(parts.scheme) or not parts.hostname or parts.fragment:
        raise _no_uri()
    if "@" in parts.netloc:
        raise InvalidInput("Leave out the user before @: a URI in a certificate names none.", code="uri_user")
    literal = parts.netloc.startswith("[")
    host = f"[{_ip(parts.hostname)}]" if literal else _name_or_ipv4(parts.hostname)
    scheme = parts.scheme.lower()
    if scheme == "spiffe" and (port is not None or parts.query or literal or host[-1].isdigit()):
        raise InvalidInput(
            "A SPIFFE id has a trust domain and a path, nothing else: write one such as"
            " spiffe://example.org/db.",
            code="not_a_spiffe_id",
        )
    if any(segment in (".", "..") for segment in parts.path.split("/")):
        raise InvalidInput("Write the path without . and .. in it.", code="uri_path")
    where = host if port is None else f"{host}:{port}"
    return f"{scheme}://{where}{parts.path}" + (f"?{parts.query}" if parts.query else "")


def _name_or_ipv4(value: str) -> str:
    return _ip(value) if value.rpartition(".")[2].isdigit() else host_of(value)


def canonical_host(value: str) -> str:
    """A name, wildcard or address as it stands in a certificate."""
    return _ip(value) if ":" in value or value.rpartition(".")[2].isdigit() else _dns(value)


def host_of(value: str) -> str:
    """One host in canonical form, no wildcard."""
    base, wildcard = parse_host(value)
    if wildcard:
        raise InvalidInput("A wildcard cannot stand here: leave out the *.", code="wildcard_place")
    return base


def some(names: Sequence[str]) -> str:
    """The first few, for a sentence."""
    return ", ".join(names[:SHOWN]) + (", ..." if len(names) > SHOWN else "")


def network_of(value: str) -> str:
    """One network in canonical form (RFC 4632, RFC 4291 2.3); an address alone is a network of one."""
    try:
        network = ipaddress.ip_network(value, strict=False)
    except ValueError:
        network = None
    if network is None or "%" in value:
        raise InvalidInput(
            f"{value[:60]!r} is no network: write one such as 10.0.0.0/8 or 2001:db8::/32.",
            code="not_a_network",
        )
    try:
        ipaddress.ip_network(value)
    except ValueError:
        address = value.partition("/")[0]
        raise InvalidInput(
            f"{address} is an address within {network}: write {network}.", code="not_a_network"
        ) from None
    return str(network)


def _no_uri() -> InvalidInput:
    return InvalidInput("This is not a URI with a host, such as spiffe://example.org/db.", code="not_a_uri")


_READERS: dict[str, Callable[[str], str]] = {"dns": _dns, "ip": _ip, "email": _email, "uri": _uri}
KINDS = tuple(_READERS)
