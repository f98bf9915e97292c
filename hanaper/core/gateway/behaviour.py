"""How a site behaves: data that its owner writes, held against rules before it is kept.

What stands here is all that a gateway can be told; how an engine does it is the engine's business
(hanaper/gateway_node/engines). Values are such that none can mean anything to an engine's configuration.
"""

import ipaddress
import re
from enum import StrEnum
from typing import Annotated, Literal, Self
from urllib.parse import unquote, urlsplit

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    ValidationInfo,
    field_validator,
    model_validator,
)
from pydantic_core import PydanticCustomError

from hanaper.core.certificate.identifiers import parse_host
from hanaper.core.errors import InvalidInput
from hanaper.core.gateway.headers import MOST_DOLLARS, WRITTEN_NOW, Headers, ResponseHeaders
from hanaper.core.gateway.paths import PATH, refuse_no_path, refuse_unwritable, refuse_what_never_fits
from hanaper.core.gateway.trusted import read_authorities, refuse_what_is_no_authority
from hanaper.core.rule_faults import refuse_all

_PRINTABLE = re.compile(r"[ -~]*\Z")
MOST_TOLD = 10  # of what is wrong with a list
MAPPED = 96  # bits before an IPv4 address in an IPv6 one
# In words of origins, where those of parse_host are of certificates.
_NAMES = {
    "underscore": "The name of an origin has no underscore: write another name of it, or its address.",
    "ip_address": "Write a name here, such as origin.example.com: this is an address, or looks like one.",
}


def _whole(given: object) -> object:
    """To Python, `true` is 1 and 60.0 is 60."""
    if isinstance(given, bool) or not isinstance(given, int):
        raise PydanticCustomError("int_type", "Write a whole number.")
    return given


Whole = BeforeValidator(_whole)
Switch = Annotated[bool, Field(strict=True)]


def _network(given: str) -> ipaddress.IPv4Network | ipaddress.IPv6Network:
    try:
        if "%" in given:  # a zone (RFC 4007): any text at all, to Python
            raise ValueError
        network = ipaddress.ip_network(given)
    except ValueError:
        raise ValueError(_no_network(given)) from None
    # RFC 4291 2.5.5.2: of whoever comes by IPv4 nothing but that address is ever seen.
    mapped = network.network_address.ipv4_mapped if isinstance(network, ipaddress.IPv6Network) else None
    if mapped is None or network.prefixlen < MAPPED:
        return network
    return ipaddress.IPv4Network((mapped, network.prefixlen - MAPPED))


def _no_network(given: str) -> str:
    """What is wrong with it: often it is an address with the size of its network."""
    try:
        if "%" in given:
            raise ValueError
        network = ipaddress.ip_interface(given).network
    except ValueError:
        return f"{given[:60]!r} is no address and no network such as 192.0.2.0/24."
    return f"{given[:60]!r} is an address inside a network: write {network} for all of it."


def _name(given: str, no_wildcard: str) -> str:
    """Of an origin; certificates have nothing to do with it."""
    try:
        name, wildcard = parse_host(given)
    except InvalidInput as wrong:
        raise ValueError(_NAMES.get(wrong.code, wrong.message)) from None
    if wildcard:
        raise ValueError(no_wildcard)
    return name


def _is_address(given: str) -> bool:
    try:
        parts = urlsplit(given)
    except ValueError:  # half of an IPv6 address
        return False
    return parts.scheme in ("http", "https") and bool(parts.hostname)


class Exhausted(StrEnum):
    """What visitors get once the quota is used up."""

    CONTINUE = "continue"
    PAGE = "page"


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Origin(_Part):
    """A server of the owner. `host`: a name or an address; `backup`: asked when no other answers."""

    scheme: Literal["http", "https"] = "http"
    host: Annotated[str, Field(max_length=253)]
    port: Annotated[int, Whole, Field(ge=1, le=65535)] | None = None
    weight: Annotated[int, Whole, Field(ge=1, le=100)] = 1
    backup: Switch = False

    @field_validator("host")
    @classmethod
    def _host(cls, given: str) -> str:
        try:
            if "%" not in given:  # a zone (RFC 4007): any text at all, to Python
                return str(ipaddress.ip_address(given.strip("[]")))
        except ValueError:
            pass
        return _name(given, "An origin is one server.")

    @property
    def asked_port(self) -> int:
        return self.port or (443 if self.scheme == "https" else 80)


class Hsts(_Part):
    """Strict-Transport-Security (RFC 6797); `preload` is hard to take back, so it wants a year and more."""

    seconds: Annotated[int, Whole, Field(ge=0, le=63_072_000)] = 0
    subdomains: Switch = False
    preload: Switch = False

    @model_validator(mode="after")
    def _preload(self) -> Self:
        if self.preload and (self.seconds < 31_536_000 or not self.subdomains):
            raise ValueError("Preload takes a year (31536000) or more, and subdomains.")
        return self


class Redirect(_Part):
    """One path, exactly but for upper and lower case, whatever stands behind its question mark, to an address
    or another path."""

    path: Annotated[str, Field(max_length=256)]
    to: Annotated[str, Field(max_length=1024)]
    status: Annotated[Literal[301, 302, 307, 308], Whole] = 308

    @field_validator("path")
    @classmethod
    def _path(cls, given: str, info: ValidationInfo) -> str:
        refuse_no_path(given)
        if info.context == WRITTEN_NOW:
            refuse_what_never_fits(given, whole=True)
        return given

    @field_validator("to")
    @classmethod
    def _to(cls, given: str) -> str:
        if given.startswith("/"):
            refuse_unwritable(given)
        if not _PRINTABLE.match(given) or " " in given or not (_is_address(given) or PATH.match(given)):
            raise ValueError("It leads to an http(s) address, or to a path that begins with /.")
        if given.startswith("//"):
            raise ValueError("An address says its scheme.")
        if given.count("$") > MOST_DOLLARS:
            raise ValueError(f"It has more than {MOST_DOLLARS} dollar signs.")
        return given


class CacheRule(_Part):
    """Answers for paths that begin with `prefix` are kept for `seconds`, whatever the origin says; 0: not."""

    prefix: Annotated[str, Field(max_length=256)]
    seconds: Annotated[Literal[0, 60, 300, 3600, 86_400, 604_800, 31_536_000], Whole]

    @field_validator("prefix")
    @classmethod
    def _path(cls, given: str, info: ValidationInfo) -> str:
        refuse_no_path(given)
        if info.context == WRITTEN_NOW:
            refuse_what_never_fits(given, whole=False)
        return given


class Cache(_Part):
    """`enabled`: keep what the origin permits to be kept; the longest fitting rule comes first.
    `development`: ask the origin every time, for now."""

    enabled: Switch = True
    development: Switch = False
    rules: tuple[CacheRule, ...] = Field(default=(), max_length=50)

    @field_validator("rules")
    @classmethod
    def _rules(cls, given: tuple[CacheRule, ...], info: ValidationInfo) -> tuple[CacheRule, ...]:
        if info.context == WRITTEN_NOW:
            prefixes = [unquote(rule.prefix) for rule in given]
            twice = dict.fromkeys(one for one in prefixes if prefixes.count(one) > 1)
            refuse_all([f"There are several rules for {one}: keep one of them." for one in twice])
        return given


class Health(_Part):
    """Nodes ask each origin for `path` every `seconds`. One that does not answer with `status`, twice, gets
    no visitors until it did, twice; if none of them does, all get them."""

    path: Annotated[str, Field(max_length=1024)] = "/"
    seconds: Annotated[Literal[2, 5, 10, 30, 60], Whole] = 10
    status: Annotated[int, Whole, Field(ge=200, le=599)] = 200

    @field_validator("path")
    @classmethod
    def _path(cls, given: str) -> str:
        refuse_unwritable(given)
        return given


class Behaviour(_Part):
    """Everything a site can be told. `host_header` None: what the visitor asked for; `origin_ca`: PEM of the
    CA that an https origin's certificate must lead to, None: those of the system; of `allow` and `deny` the
    most specific network decides, and with an `allow` nobody else comes in; `requests_per_second` is for one
    visitor's address."""

    origins: tuple[Origin, ...] = Field(min_length=1, max_length=8)
    host_header: Annotated[str, Field(max_length=253)] | None = None
    verify_origin: Switch = True
    origin_ca: Annotated[str, Field(max_length=100_000)] | None = None
    health: Health | None = None
    connect_seconds: Annotated[Literal[2, 5, 10, 30], Whole] = 5
    answer_seconds: Annotated[Literal[10, 30, 60, 300, 3600], Whole] = 60
    upload_megabytes: Annotated[Literal[1, 10, 100, 1000, 10_000], Whole] = 100
    force_https: Switch = True
    hsts: Hsts = Hsts()
    least_tls: Literal["1.2", "1.3"] = "1.2"
    http3: Switch = False
    compression: Switch = True
    request_headers: Headers = Headers()
    response_headers: ResponseHeaders = ResponseHeaders()
    redirects: tuple[Redirect, ...] = Field(default=(), max_length=200)
    cache: Cache = Cache()
    allow: tuple[str, ...] = Field(default=(), max_length=500)
    deny: tuple[str, ...] = Field(default=(), max_length=500)
    requests_per_second: Annotated[Literal[5, 10, 50, 100, 500], Whole] | None = None
    maintenance: Switch = False
    exhausted: Exhausted = Exhausted.CONTINUE

    @field_validator("host_header")
    @classmethod
    def _host(cls, given: str | None) -> str | None:
        if given is None:
            return None
        return _name(given, "An origin is asked for one name.")

    @field_validator("allow", "deny")
    @classmethod
    def _networks(cls, given: tuple[str, ...]) -> tuple[str, ...]:
        found, wrong = [], []
        for one in given:
            try:
                found.append(str(_network(one)))
            except ValueError as error:
                wrong.append(str(error))
        refuse_all(wrong[:MOST_TOLD])
        return tuple(dict.fromkeys(found))

    @field_validator("origin_ca")
    @classmethod
    def _certificates(cls, given: str | None, info: ValidationInfo) -> str | None:
        if given is None:
            return None
        if info.context == WRITTEN_NOW:
            refuse_what_is_no_authority(given)
        return read_authorities(given)

    @field_validator("origins")
    @classmethod
    def _origins(cls, given: tuple[Origin, ...], info: ValidationInfo) -> tuple[Origin, ...]:
        asked = {(origin.host, origin.asked_port) for origin in given}
        if info.context == WRITTEN_NOW and len(asked) < len(given):
            raise ValueError("Each origin is there once: give one that is to get more a greater weight.")
        if len({origin.scheme for origin in given}) > 1:
            raise ValueError("All origins are http, or all are https.")
        if all(origin.backup for origin in given):
            raise ValueError("One origin at least is no backup.")
        return given

    @field_validator("redirects")
    @classmethod
    def _redirects(cls, given: tuple[Redirect, ...]) -> tuple[Redirect, ...]:
        paths = [unquote(redirect.path).lower() for redirect in given]
        if len(set(paths)) < len(paths):
            raise ValueError("Each path is redirected once; upper and lower case are the same here.")
        return given
