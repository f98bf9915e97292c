"""Whether a template and the CAs above permit what is asked for; if not, everything that is wrong at once."""

import ipaddress
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, fields, replace
from urllib.parse import urlsplit

from cryptography.x509.oid import ExtendedKeyUsageOID

from hanaper.core.errors import Fault, InvalidInput
from hanaper.core.private_ca.alternative_names import AlternativeNames, canonical_host, some
from hanaper.core.private_ca.name_constraints import NameConstraints
from hanaper.core.private_ca.templates import (
    CommonName,
    DnsRule,
    EmailRule,
    IpRule,
    Names,
    SubjectRule,
    Template,
    UriRule,
    use_of,
)
from hanaper.core.private_ca.violations import violations
from hanaper.core.x509.algorithms import KeyAlgorithm
from hanaper.core.x509.certificates import LeafContents
from hanaper.core.x509.names import Subject, subject_faults, to_name

SERVERS = ExtendedKeyUsageOID.SERVER_AUTH
LIMITS = ("domains", "networks", "below")  # what each kind of names is limited by
LEFT_OUT = "The template has no such field: leave it out, or choose another template."


@dataclass(frozen=True, slots=True)
class Asked:
    """What a certificate is asked for; `days` None: the template's own."""

    subject: Subject
    names: AlternativeNames
    algorithm: KeyAlgorithm
    days: int | None = None


def decide(template: Template, asked: Asked, constraints: Sequence[NameConstraints]) -> LeafContents:
    """What the certificate says. InvalidInput with everything that `template`, or a CA of the chain by its
    `constraints`, does not permit."""
    subject = replace(asked.subject, **template.subject.fixed)
    uses = tuple(use_of(one) for one in template.uses)
    faults = [
        *subject_faults(subject),
        *_subject(template.subject, asked),
        *_names(template, asked.names),
        *violations(asked.names, subject.common_name, constraints, for_servers=SERVERS in uses),
    ]
    if template.keys and asked.algorithm not in template.keys:
        kinds = ", ".join(template.keys)
        faults.append(
            Fault(
                "key_algorithm",
                f"The template takes keys of {kinds} only: choose one.",
                "key_not_in_template",
            )
        )
    if asked.days is not None and not 1 <= asked.days <= template.longest_days:
        faults.append(Fault("days", f"Between 1 and {template.longest_days}.", "out_of_range"))
    name = None if faults else to_name(subject)
    if name is not None and not name.rdns and not asked.names:
        faults.append(
            Fault(
                "names",
                "The certificate would name nobody and nothing: give a name or a subject.",
                "no_names",
            )
        )
    if faults or name is None:
        raise InvalidInput("The certificate cannot be issued like this.", faults=_each_once(faults))
    usages = tuple(one for one in template.key_usages if asked.algorithm.is_rsa or one != "key_encipherment")
    return LeafContents(
        subject=name,
        alternative_names=asked.names.general_names(),
        extended_key_usages=uses,
        key_usages=usages,
        key_identifier=True,
    )


def _subject(rule: SubjectRule, asked: Asked) -> Iterator[Fault]:
    for field in fields(Subject):
        value = getattr(asked.subject, field.name)
        fixed = rule.fixed.get(field.name)  # type: ignore[call-overload]
        if value is None:
            if field.name in rule.required and fixed is None:
                yield Fault(f"subject.{field.name}", "The template asks for it: fill it in.", "missing")
        elif fixed is not None and value != fixed:
            message = f"The template says {fixed}, for every certificate: leave it out."
            yield Fault(f"subject.{field.name}", message, "fixed_by_template")
        elif fixed is None and field.name not in rule.allowed:
            yield Fault(f"subject.{field.name}", LEFT_OUT, "not_in_template")
    common_name = asked.subject.common_name
    if common_name is None or rule.common_name is CommonName.FREE:
        return
    if rule.common_name is CommonName.NONE:
        yield Fault("subject.common_name", LEFT_OUT, "not_in_template")
    elif common_name not in (*asked.names.dns, *asked.names.ip):
        yield Fault("subject.common_name", _not_among(common_name, asked.names), "not_among_names")


def _not_among(common_name: str, names: AlternativeNames) -> str:
    """A certificate has its names in one form, and clients compare the common name with that."""
    try:
        written = canonical_host(common_name)
    except InvalidInput:
        written = ""
    if written in (*names.dns, *names.ip):
        return f"Write the common name as it stands among the names: {written}."
    return f"{common_name} is not among the alternative names: add it to them, or leave the common name out."


def _names(template: Template, names: AlternativeNames) -> Iterator[Fault]:
    for kind, values in names.by_kind().items():
        rule: Names = getattr(template, kind)
        if values and not rule.allowed:
            message = "The template takes no names of this kind: leave them out, or choose another template."
            yield Fault(f"names.{kind}", message, "not_in_template")
            continue
        if rule.required and not values:
            yield Fault(f"names.{kind}", "The template asks for at least one: add it.", "missing")
        for index, value in enumerate(values):
            if not _permits(rule, value):
                message = f"{value} is outside of what the template takes: {some(_limits(rule))}."
                yield Fault(f"names.{kind}.{index}", message, "not_in_template")
            elif isinstance(rule, DnsRule) and value.startswith("*.") and not rule.wildcards:
                yield Fault(
                    f"names.{kind}.{index}",
                    "The template takes no wildcards: name each host.",
                    "no_wildcards",
                )


def _limits(rule: Names) -> tuple[str, ...]:
    found: tuple[str, ...] = next(getattr(rule, one) for one in LIMITS if hasattr(rule, one))
    return found


def _permits(rule: Names, value: str) -> bool:
    if isinstance(rule, DnsRule):
        base = value.removeprefix("*.")
        return not rule.domains or any(base == one or base.endswith("." + one) for one in rule.domains)
    if isinstance(rule, IpRule):
        networks = [ipaddress.ip_network(one) for one in rule.networks]
        address = ipaddress.ip_address(value)
        return not networks or any(one.version == address.version and address in one for one in networks)
    if isinstance(rule, EmailRule):
        return not rule.domains or value.rpartition("@")[2] in rule.domains
    assert isinstance(rule, UriRule)  # noqa: S101 - the four kinds of names
    return not rule.below or any(_uri_below(value, one) for one in rule.below)


def _uri_below(uri: str, prefix: str) -> bool:
    """By whole segments: `spiffe://a/b` is not the beginning of `spiffe://a/bc`."""
    given, wanted = urlsplit(uri), urlsplit(prefix)
    if (given.scheme, given.hostname, given.port) != (wanted.scheme.lower(), wanted.hostname, wanted.port):
        return False
    segments, first = given.path.strip("/").split("/"), [one for one in wanted.path.split("/") if one]
    return "%" not in given.path and segments[: len(first)] == first


def _each_once(faults: Sequence[Fault]) -> list[Fault]:
    return list(dict.fromkeys(faults))
