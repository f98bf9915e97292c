"""The domain names of an application: parsed, judged and normalised before anything else happens.

Takes what a person or program typed, gives names as a certificate carries them (lower-case A-labels)
or every fault at once. Sources: SPEC.md section 6; Baseline Requirements 3.2.2.6 (wildcards), 4.2.2
(internal names), 7.1.2.7.12 (subjectAltName); RFC 1034 3.1 and 3.5, RFC 5890 to 5893, UTS 46.
"""

import ipaddress
import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

import idna

from hanaper.core.certificate import suffixes
from hanaper.core.certificate.homographs import lookalike_reason
from hanaper.core.errors import Fault, InvalidInput

MAX_NAMES = 5  # SPEC.md section 6: "At most five names for several-domain kinds."
MAX_NAME_LENGTH = 253  # RFC 1035 2.3.4: 255 octets on the wire, two of them for the root and a length
MAX_LABEL_LENGTH = 63
# What we show back of something that may be megabytes of anything.
_SHOWN = 60

_CODE_POINT = re.compile(r"U\+([0-9A-F]{4,6})")
_LDH_LABEL = re.compile(r"[a-z0-9](?:[a-z0-9-]*[a-z0-9])?\Z")


class DomainKind(StrEnum):
    """What kind of names a certificate is for."""

    SINGLE = "single"
    MULTI_DOMAIN = "multi_domain"
    WILDCARD = "wildcard"
    MULTI_WILDCARD = "multi_wildcard"
    HYBRID = "hybrid"

    @property
    def max_names(self) -> int:
        return 1 if self in (DomainKind.SINGLE, DomainKind.WILDCARD) else MAX_NAMES

    @property
    def allows_wildcards(self) -> bool:
        return self in (DomainKind.WILDCARD, DomainKind.MULTI_WILDCARD, DomainKind.HYBRID)

    @property
    def allows_plain_names(self) -> bool:
        return self in (DomainKind.SINGLE, DomainKind.MULTI_DOMAIN, DomainKind.HYBRID)


@dataclass(frozen=True, slots=True)
class DomainName:
    """One name applied for. `base` is the name above a wildcard, otherwise the name itself.

    `registrable` is the public suffix and one label more (what an owner registered), for limits and
    for finding where a validation record may live.
    """

    base: str
    wildcard: bool
    registrable: str

    @property
    def ascii(self) -> str:
        """As the certificate carries it, in A-labels: `*.xn--bcher-kva.example`."""
        return f"*.{self.base}" if self.wildcard else self.base

    @property
    def unicode(self) -> str:
        """For people: `*.bücher.example`."""
        shown = idna.decode(self.base)
        return f"*.{shown}" if self.wildcard else shown


@dataclass(frozen=True, slots=True)
class DomainNames:
    """The judged names of one application, in the order they were given."""

    kind: DomainKind
    domains: tuple[DomainName, ...]

    @property
    def applied(self) -> tuple[str, ...]:
        """The names applied for, normalised."""
        return tuple(domain.ascii for domain in self.domains)

    @property
    def san(self) -> tuple[str, ...]:
        """The names for subjectAltName: a wildcard carries the name above it (SPEC.md section 6)."""
        names: dict[str, None] = {}
        for domain in self.domains:
            names[domain.ascii] = None
            names[domain.base] = None
        return tuple(names)


class _Wrong(Exception):
    """Why one name is refused; becomes a Fault with its place in the list."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


def parse_domains(kind: DomainKind, names: Sequence[object], *, allow_reserved: bool = False) -> DomainNames:
    """Judge the names of an application for a certificate of `kind`.

    `allow_reserved` (sandbox only) also accepts names under special-use top-level domains such as
    `shop.test`. Raises InvalidInput `invalid_domains` with one Fault for every name that is wrong, at
    `domains.<index>`, and one at `domains` for what is wrong with the list.
    """
    if not names:
        raise _refused([Fault("domains", "Give at least one domain name.", "no_domains")])
    if len(names) > kind.max_names:
        # Judged before any name is looked at: the list may be as long as somebody liked.
        most = "exactly one name" if kind.max_names == 1 else f"at most {kind.max_names} names"
        message = f"This kind of certificate takes {most}; {len(names)} were given."
        raise _refused([Fault("domains", message, "too_many_domains")])

    faults: list[Fault] = []
    domains: list[DomainName] = []
    first_seen: dict[str, int] = {}
    for index, name in enumerate(names):
        try:
            domain = parse_domain(name, allow_reserved=allow_reserved)
            _check_fits(kind, domain)
            earlier = first_seen.setdefault(domain.ascii, index)
            if earlier != index:
                raise _Wrong("duplicate", f"{domain.ascii} is also name {earlier + 1} in the list.")
        except _Wrong as wrong:
            faults.append(Fault(f"domains.{index}", str(wrong), wrong.code))
        except InvalidInput as invalid:
            faults.append(Fault(f"domains.{index}", invalid.message, invalid.code))
        else:
            domains.append(domain)
    if kind is DomainKind.HYBRID and not faults and len({each.wildcard for each in domains}) < 2:
        message = "A hybrid certificate takes at least one single name and one wildcard together."
        faults.append(Fault("domains", message, "not_hybrid"))
    if faults:
        raise _refused(faults)
    return DomainNames(kind, tuple(domains))


def parse_domain(name: object, *, allow_reserved: bool = False) -> DomainName:
    """Judge one name by itself, wildcard or not; raises InvalidInput with the reason's own code."""
    try:
        return _parse(name, allow_reserved)
    except _Wrong as wrong:
        raise InvalidInput(str(wrong), code=wrong.code, field="domain") from None


def parse_host(name: object) -> tuple[str, bool]:
    """The syntax of one name alone, whoever owns it: its base in lower-case A-labels, and whether it is a
    wildcard. Single labels and private zones pass. Raises InvalidInput with the reason's own code."""
    try:
        return _syntax(name)
    except _Wrong as wrong:
        raise InvalidInput(str(wrong), code=wrong.code, field="domain") from None


def _refused(faults: list[Fault]) -> InvalidInput:
    message = faults[0].message if len(faults) == 1 else f"{len(faults)} domain names are wrong."
    return InvalidInput(message, code="invalid_domains", faults=faults)


def _check_fits(kind: DomainKind, domain: DomainName) -> None:
    if domain.wildcard and not kind.allows_wildcards:
        raise _Wrong("wildcard_not_in_kind", f"{domain.ascii} is a wildcard; this kind takes single names.")
    if not domain.wildcard and not kind.allows_plain_names:
        raise _Wrong(
            "wildcard_required",
            f"This kind takes wildcards: write *.{domain.ascii} (it includes {domain.ascii}).",
        )


def _parse(name: object, allow_reserved: bool) -> DomainName:
    base, wildcard = _syntax(name)
    return DomainName(base, wildcard, _check_suffix(base, wildcard, allow_reserved))


def _syntax(name: object) -> tuple[str, bool]:
    if not isinstance(name, str):
        raise _Wrong("not_a_domain", "A domain name is text, such as www.example.com.")
    text = name.strip(" ")
    if not text:
        raise _Wrong("empty", "The domain name is empty.")
    if len(text) > MAX_NAME_LENGTH + len("*..") + MAX_LABEL_LENGTH:
        # Nothing below is asked to walk through more than a name could ever be.
        raise _Wrong("too_long", f"A domain name has at most {MAX_NAME_LENGTH} characters.")
    _check_characters(text)
    _check_not_something_else(text)
    wildcard = text.startswith("*.")
    base = _to_ascii(text[2:] if wildcard else text)
    _check_labels(base)
    _check_length(base, wildcard)
    _check_unicode(base)
    return base, wildcard


def _check_characters(text: str) -> None:
    for character in text:
        # Cc control, Cf format (zero-width, direction marks), Cs surrogates, Z* separators. ZWJ and
        # ZWNJ are Cf too and legal in some labels (RFC 5892 A.1, A.2), where IDNA judges the context.
        category = unicodedata.category(character)
        if category in ("Cc", "Cs", "Co", "Cn") or category.startswith("Z"):
            raise _Wrong("forbidden_character", _forbidden(character))
    if "_" in text:
        raise _Wrong("underscore", "A certificate cannot carry a name with an underscore.")


def _check_not_something_else(text: str) -> None:
    shown = text[:_SHOWN]
    bare = text.removeprefix("[").removesuffix("]")
    try:
        ipaddress.ip_address(bare.partition("%")[0])
    except ValueError:
        pass
    else:
        raise _Wrong("ip_address", f"{shown} is an IP address; this certificate takes domain names.")
    if any(mark in text for mark in "/:@?#\\"):
        raise _Wrong(
            "not_a_domain",
            f"{shown} is not a bare domain name: leave out scheme, port, path and address marks.",
        )
    if "*" in text.removeprefix("*."):
        raise _Wrong("wildcard_place", "A wildcard is a whole first label: *.example.com.")


def _to_ascii(text: str) -> str:
    """The name in lower-case A-labels, by UTS 46 mapping and IDNA2008 rules, non-transitional."""
    try:
        mapped = idna.uts46_remap(text, std3_rules=True, transitional=False)
    except (idna.IDNAError, UnicodeError) as error:
        raise _Wrong("invalid_idn", _no_idn(error)) from None
    # One final dot names the root (RFC 1034 3.1): the same name, written absolutely.
    mapped = mapped.removesuffix(".")
    labels = mapped.split(".")
    if not all(labels):
        raise _Wrong("empty_label", "The name has an empty part: two dots in a row, or a leading one.")
    try:
        return ".".join(_label_to_ascii(label) for label in labels)
    except (idna.IDNAError, UnicodeError) as error:
        raise _Wrong("invalid_idn", _no_idn(error)) from None


def _forbidden(character: str) -> str:
    """The character as it is seen; by its code point if nobody sees it."""
    category = unicodedata.category(character)
    if category.startswith("Z"):
        return "There is a blank in the name: take it out."
    if category.startswith("C"):
        return f"There is a character in the name that nobody sees (U+{ord(character):04X}): take it out."
    return f"The name contains '{character}', which no domain name can hold there."


def _no_idn(error: Exception) -> str:
    """Of the library's words, which are English, only the character that it names."""
    found = _CODE_POINT.search(str(error))
    if found is None:
        return "The name is not valid as an internationalised one (RFC 5891)."
    return _forbidden(chr(int(found[1], 16)))


def _label_to_ascii(label: str) -> str:
    if label.isascii() and not label.startswith("xn--"):
        return label  # judged by _check_labels, whose messages are plainer than idna's
    encoded: str = idna.alabel(label).decode("ascii")
    return encoded


def _check_labels(base: str) -> None:
    for label in base.split("."):
        if len(label) > MAX_LABEL_LENGTH:
            raise _Wrong(
                "label_too_long",
                f"The part {label[:_SHOWN]} has more than {MAX_LABEL_LENGTH} characters.",
            )
        if not _LDH_LABEL.match(label):
            raise _Wrong(
                "forbidden_character",
                f"The part {label[:_SHOWN]} may hold letters, digits and inner hyphens only.",
            )
        # RFC 5890 2.3.1: two hyphens there are reserved, and only xn-- is given out.
        if label[2:4] == "--" and not label.startswith("xn--"):
            raise _Wrong("reserved_label", f"The part {label} has a reserved form (-- in third place).")
    if base.rpartition(".")[2].isdigit():
        raise _Wrong("ip_address", f"{base[:_SHOWN]} ends in a number, as an IP address does.")


def _check_unicode(base: str) -> None:
    """Every A-label must be one that IDNA2008 gives out, and none may pass for another name."""
    try:
        labels = [idna.ulabel(label) for label in base.split(".")]
    except (idna.IDNAError, UnicodeError) as error:
        raise _Wrong("invalid_idn", _no_idn(error)) from None
    for label in labels:
        reason = lookalike_reason(label, top_level=labels[-1])
        if reason:
            raise _Wrong("homograph", reason)


def _check_length(base: str, wildcard: bool) -> None:
    if len(base) + (2 if wildcard else 0) > MAX_NAME_LENGTH:
        raise _Wrong("too_long", f"A domain name has at most {MAX_NAME_LENGTH} characters.")


def _check_suffix(base: str, wildcard: bool, allow_reserved: bool) -> str:
    """The registrable domain of `base`, or why nobody can hold a certificate for it."""
    # Baseline Requirements 4.2.2 since ballot SC-086: nothing below the reverse zones.
    if suffixes.is_reverse_zone(base):
        raise _Wrong("reverse_zone", f"{base} lies in a zone that maps addresses back to names.")
    reserved = suffixes.is_reserved(base)
    if reserved and not allow_reserved:
        raise _Wrong("reserved_name", f"{base} is a reserved or internal name that nobody can own publicly.")
    suffix = suffixes.public_suffix(base, reserved=reserved)
    if suffix is None:
        raise _Wrong("unknown_suffix", f"{base} does not end in a registered top-level domain.")
    if base == suffix:
        what = f"*.{base} would cover everybody below" if wildcard else f"{base} is"
        raise _Wrong("public_suffix", f"{what} a public suffix, which many owners share.")
    return ".".join(base.split(".")[-(suffix.count(".") + 2) :])
