"""Which names the CAs of a chain may not certify (RFC 5280 4.2.1.10), judged before anything is signed.

As strict as the stricter of OpenSSL and GnuTLS, so that nothing is issued that one of them rejects; stricter
than both where a wildcard, or another way of writing, would lead past a constraint.
"""

import ipaddress
import re
from collections.abc import Callable, Iterator, Sequence
from urllib.parse import urlsplit

from hanaper.core.errors import Fault, InvalidInput
from hanaper.core.private_ca.alternative_names import AlternativeNames, host_of, some
from hanaper.core.private_ca.name_constraints import NameConstraints
from hanaper.core.private_ca.subtrees import left_of

# What OpenSSL takes for a domain (v3_ncons.c, cn2dnsid): two labels or more, underscores among them.
_LABEL = r"[A-Za-z0-9_]+(-+[A-Za-z0-9_]+)*"
_LIKE_A_HOST = re.compile(rf"{_LABEL}(\.{_LABEL})+\Z")


def violations(
    names: AlternativeNames,
    common_name: str | None,
    chain: Sequence[NameConstraints],
    *,
    for_servers: bool,
) -> Iterator[Fault]:
    """Each name that a client would not accept below CAs with these constraints, once: at
    `names.<kind>.<index>` or `subject.common_name`. `for_servers`: what TLS servers show is asked for."""
    for kind, values in names.by_kind().items():
        for index, value in enumerate(values):
            if why := _why_not(kind, value, chain):
                yield Fault(f"names.{kind}.{index}", *why)
    if common_name is not None and (why := _why_no_common_name(common_name, names, chain, for_servers)):
        yield Fault("subject.common_name", *why)


def _why_not(kind: str, value: str, chain: Sequence[NameConstraints]) -> tuple[str, str] | None:
    """Sentence and code."""
    if (permitted := _not_permitted(kind, value, chain)) is not None:
        return f"{value} is not among the names that the CA may certify: {some(permitted)}.", "not_permitted"
    for one in _excluded(kind, chain):
        if _RULES[kind][1](value, one):
            return _why_excluded(kind, value, one), "excluded"
    return None


def _why_no_common_name(
    common_name: str, names: AlternativeNames, chain: Sequence[NameConstraints], for_servers: bool
) -> tuple[str, str] | None:
    """Judged as a domain wherever a client takes it for one (RFC 6125 B.2)."""
    if not names.dns and (for_servers or _LIKE_A_HOST.match(common_name)):
        # Beside a domain neither looks at it. Without one, OpenSSL judges what looks like a domain, and
        # GnuTLS whatever stands there if the certificate is for servers.
        value = common_name.lower().rstrip(".")
        if (permitted := _not_permitted("dns", value, chain)) is not None:
            return _taken_for_a_domain(common_name, permitted, for_servers), "not_permitted"
        if why := _why_not("dns", value, chain):
            return why
    written = _as_host(common_name)
    return _why_not("dns", written, chain) if written else None


def _taken_for_a_domain(common_name: str, permitted: Sequence[str], for_servers: bool) -> str:
    if for_servers:
        return (
            f"With no domain beside it, clients take {common_name} for one, and the CA may certify only"
            f" {some(permitted)}: add a domain, or choose a common name within these."
        )
    return (
        f"Clients take {common_name} for a domain, and the CA may certify only {some(permitted)}: choose a"
        " common name without dots."
    )


def _not_permitted(kind: str, value: str, chain: Sequence[NameConstraints]) -> tuple[str, ...] | None:
    """What all CAs permit, if `value` is outside of what one of them does."""
    limits = [found for each in chain if (found := getattr(each.permitted, kind))]
    if all(any(_RULES[kind][0](value, one) for one in permitted) for permitted in limits):
        return None
    return left_of(kind, limits[0], chain) or limits[0]


def _excluded(kind: str, chain: Sequence[NameConstraints]) -> Iterator[str]:
    for each in chain:
        yield from getattr(each.excluded, kind)


def _why_excluded(kind: str, value: str, one: str) -> str:
    if value.lower() == one.lower():
        return f"The CA may not certify {one}: choose another name."
    if _RULES[kind][0](value.lower(), one.lower()):
        return f"{value} lies within {one}, which the CA may not certify: choose another name."
    if kind == "uri":
        return f"{value} has an address where names of hosts are constrained: name its host."
    return f"{value} covers {one}, which the CA may not certify: name each host."


def _as_host(common_name: str) -> str | None:
    if "." not in common_name or " " in common_name:
        return None
    try:
        return host_of(common_name.removeprefix("*."))
    except InvalidInput:
        return None


def _below(name: str, domain: str) -> bool:
    return name == domain or name.endswith("." + domain)


def _dns_within(name: str, domain: str) -> bool:
    return _below(name.removeprefix("*."), domain)


def _dns_touches(name: str, domain: str) -> bool:
    """A wildcard covers every name one label below its base, so also an excluded one that stands there."""
    base = name.removeprefix("*.")
    covers_it = name.startswith("*.") and domain.partition(".")[2] == base
    return _below(base, domain) or covers_it


def _ip_within(address: str, network: str) -> bool:
    found, wanted = ipaddress.ip_address(address), ipaddress.ip_network(network)
    return found.version == wanted.version and found in wanted


def _host_within(host: str, constraint: str) -> bool:
    return host.endswith(constraint) if constraint.startswith(".") else host == constraint


def _email_within(mailbox: str, constraint: str) -> bool:
    if "@" in constraint:
        return mailbox == constraint
    return _host_within(mailbox.rpartition("@")[2], constraint)


def _email_touches(mailbox: str, constraint: str) -> bool:
    """RFC 5280 compares local parts exactly. Mail servers do not, and bring to one mailbox what is written to
    ADMIN and to admin: so what is excluded, is so in every case."""
    return _email_within(mailbox.lower(), constraint.lower())


def _uri_within(uri: str, constraint: str) -> bool:
    return _host_within(urlsplit(uri).hostname or "", constraint)


def _uri_touches(uri: str, constraint: str) -> bool:
    """RFC 5280: a constraint is on hosts by name; a URI with an address is under none, so it is refused."""
    host = urlsplit(uri).hostname or ""
    return _host_within(host, constraint) or ":" in host or host.replace(".", "").isdigit()


_RULES: dict[str, tuple[Callable[[str, str], bool], Callable[[str, str], bool]]] = {
    "dns": (_dns_within, _dns_touches),
    "ip": (_ip_within, _ip_within),
    "email": (_email_within, _email_touches),
    "uri": (_uri_within, _uri_touches),
}
