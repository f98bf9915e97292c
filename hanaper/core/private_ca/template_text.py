"""A template as people have it: TOML to write and keep, sentences to read before it is used."""

import tomllib
from collections.abc import Iterator, Sequence
from typing import Any

import tomli_w

from hanaper.core.errors import InvalidInput
from hanaper.core.private_ca.templates import CommonName, Template

LONGEST_TOML = 20_000
FIELDS = {
    "country": "country",
    "state": "state or province",
    "locality": "locality",
    "organization": "organization",
    "common_name": "common name",
    "registration_number": "serial number",
}
USES = {
    "serverAuth": "TLS servers",
    "clientAuth": "TLS clients",
    "emailProtection": "e-mail",
    "codeSigning": "code signing",
    "timeStamping": "time stamping",
    "smartcardLogon": "smart card log-on",
    "ipsecIKE": "IPsec",
}


def read_toml(text: str) -> dict[str, Any]:
    """The rules in `text`, not judged yet. InvalidInput: `not_toml`."""
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as wrong:
        raise InvalidInput(f"This is not TOML: {wrong}.", field="toml", code="not_toml") from None
    except RecursionError:
        raise InvalidInput("This is not a template: it is nested too deep.", field="toml") from None


def to_toml(template: Template) -> str:
    """What differs from a template that permits nothing; reading it gives the same template."""
    return tomli_w.dumps(template.model_dump(mode="json", exclude_defaults=True))


def describe(template: Template) -> list[str]:
    """What certificates of it are for, whom they may name, and for how long."""
    return [*_uses(template), *_subject(template), *_names(template), *_terms(template)]


def _uses(template: Template) -> Iterator[str]:
    known = [USES.get(use, use) for use in template.uses]
    yield f"Certificates are for {_and(known)}, and for nothing else."
    if more := [one.replace("_", " ") for one in template.key_usages if one != "digital_signature"]:
        yield f"Besides signing, their keys may be used for {_and(more)}."
    kinds = _or([kind.value for kind in template.keys])
    yield f"Keys are {kinds}." if template.keys else "Keys are of any kind that is issued here."


def _subject(template: Template) -> Iterator[str]:
    rule = template.subject
    free = [FIELDS[one] for one in rule.allowed if one not in rule.fixed and one not in rule.required]
    needed = [FIELDS[one] for one in rule.required if one not in rule.fixed]
    for name, value in rule.fixed.items():
        yield f"The {FIELDS[name]} is always {value}."
    if needed:
        yield f"A request gives {_and(needed)}."
    if free:
        yield f"A request may give {_and(free)}."
    if "common_name" not in (*rule.allowed, *rule.fixed) or rule.common_name is CommonName.NONE:
        yield "There is no common name."
    elif rule.common_name is CommonName.ONE_OF_THE_NAMES:
        yield "A common name is one of the alternative names."


def _names(template: Template) -> Iterator[str]:
    dns, ip, email, uri = template.dns, template.ip, template.email, template.uri
    if dns.allowed:
        many = "At least one domain name" if dns.required else "Domain names"
        where = f", of {_or(dns.domains)} or below" if dns.domains else ""
        wild = "wildcards too" if dns.wildcards else "no wildcards"
        yield f"{many} may be named{where}; {wild}."
    for rule, plural, singular, within in (
        (ip, "IP addresses", "IP address", ip.networks),
        (email, "Mailboxes", "mailbox", email.domains),
        (uri, "URIs", "URI", uri.below),
    ):
        if rule.allowed:
            many = f"At least one {singular}" if rule.required else plural
            where = f", in {_or(within)}" if within else ""
            yield f"{many} may be named{where}."
    if not (dns.allowed or ip.allowed or email.allowed or uri.allowed):
        yield "There are no alternative names."


def _terms(template: Template) -> Iterator[str]:
    yield f"They are valid for {template.days} days unless asked otherwise, {template.longest_days} at most."
    if template.notice_days:
        days = _and([str(one) for one in sorted(template.notice_days, reverse=True)])
        yield f"Their end is told of {days} days before, in the last third of their life."
    else:
        yield "Nobody is told before they end."


def _and(words: Sequence[str]) -> str:
    return _joined(words, "and")


def _or(words: Sequence[str]) -> str:
    return _joined(words, "or")


def _joined(words: Sequence[str], word: str) -> str:
    *most, last = words or [""]
    return f"{', '.join(most)} {word} {last}" if most else last
