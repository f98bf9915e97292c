"""A template as people have it: TOML to write and keep, phrases to read before it is used."""

import tomllib
from collections.abc import Iterator
from typing import Any

import tomli_w

from hanaper.core.errors import InvalidInput
from hanaper.core.private_ca.templates import BUILT_IN, CommonName, SubjectRule, Template

LONGEST_TOML = 20_000
USES = {
    "serverAuth": "TLS servers",
    "clientAuth": "TLS clients",
    "emailProtection": "e-mail (S/MIME)",
    "codeSigning": "code signing",
    "timeStamping": "time stamps",
    "smartcardLogon": "smart card logon",
    "ipsecIKE": "IPsec",
}
USAGES = {
    "digital_signature": "signs",
    "content_commitment": "signs with commitment (non-repudiation)",
    "key_encipherment": "encrypts keys (RSA)",
    "data_encipherment": "encrypts data",
    "key_agreement": "agrees on keys",
}
COMMON_NAMES = {
    CommonName.ONE_OF_THE_NAMES: "one of the alternative names",
    CommonName.FREE: "anything",
    CommonName.NONE: "none",
}
_FIELDS = {
    "country": "country",
    "state": "state or province",
    "locality": "city",
    "organization": "organisation",
    "common_name": "common name",
    "registration_number": "serial number of the device",
}
_KINDS = (
    ("dns", "domains", "DNS names", "at least one DNS name"),
    ("ip", "networks", "IP addresses", "at least one IP address"),
    ("email", "domains", "e-mail addresses", "at least one e-mail address"),
    ("uri", "below", "URIs", "at least one URI"),
)


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


def describe(template: Template) -> list[tuple[str, list[str]]]:
    """What certificates of it are for, whom they may name, and for how long: a caption, and phrases under it
    that `PHRASES` has, with values in their places, or that are values."""
    return [
        ("For", [USES.get(one, one) for one in template.uses]),
        ("Alternative names", list(_names(template)) or ["none but the subject"]),
        ("Subject", list(_subject(template.subject)) or ["empty"]),
        ("Common name", [_common_name(template.subject)]),
        ("Keys", list(template.keys) or ["every kind"]),
        ("The key", [USAGES[one] for one in template.key_usages]),
        ("Valid for", [f"{template.days} days, at most {template.longest_days}"]),
        ("Told of its end", [_before(one) for one in _latest_last(template)] or ["nobody"]),
    ]


def _before(days: int) -> str:
    return "1 day before" if days == 1 else f"{days} days before"


def in_lines(template: Template) -> list[str]:
    """`describe`, a line for each caption."""
    return [f"{caption}: {', '.join(phrases)}" for caption, phrases in describe(template)]


def _names(template: Template) -> Iterator[str]:
    for kind, limits, many, one in _KINDS:
        rule = getattr(template, kind)
        if not rule.allowed:
            continue
        within = getattr(rule, limits)
        yield f"{many} within {', '.join(within)}" if within else many
        if getattr(rule, "wildcards", False):
            yield "wildcards too"
        if rule.required:
            yield one


def _subject(rule: SubjectRule) -> Iterator[str]:
    for name, value in rule.fixed.items():
        yield f"{_FIELDS[name]}: {value}"
    for name in rule.allowed:
        if name not in rule.fixed:
            yield _FIELDS[name] + (" (needed)" if name in rule.required else "")


def _common_name(rule: SubjectRule) -> str:
    possible = "common_name" in (*rule.allowed, *rule.fixed)
    return COMMON_NAMES[rule.common_name if possible else CommonName.NONE]


def _latest_last(template: Template) -> list[int]:
    return sorted(template.notice_days, reverse=True)


PHRASES = (
    *(
        "For",
        "Alternative names",
        "Subject",
        "Common name",
        "Keys",
        "The key",
        "Valid for",
        "Told of its end",
    ),
    *USES.values(),
    *USAGES.values(),
    *COMMON_NAMES.values(),
    *(phrase for one in _FIELDS.values() for phrase in (one, f"{one} (needed)", f"{one}: {{}}")),
    *(phrase for _, _, many, one in _KINDS for phrase in (many, f"{many} within {{}}", one)),
    *("wildcards too", "none but the subject", "empty", "every kind", "nobody"),
    *("{} days, at most {}", "{} days before", "1 day before"),
    *(one.title for one in BUILT_IN.values()),
)
