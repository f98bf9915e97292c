"""What nginx takes no variable for, and what only some sites ask for. Sites that agree in all of it share a
class, and so a server block: whoever asks for nothing special pays for nothing special.
"""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass

from hanaper.core.gateway.headers import ANSWERED, ASKED
from hanaper.core.gateway.wire import Site


@dataclass(frozen=True, slots=True, order=True)
class Class:
    """`origin_ca`: PEM, or empty for the system's; names of headers in lower case; `closed`: the page that
    visitors get instead, or empty; `rate`: requests a second of one visitor, 0 without a limit. `redirects`:
    the statuses of them. `ruled`, `guarded`, `strict`: whether there are rules for the cache, lists of
    networks, HSTS; what they say is in maps."""

    https_origin: bool
    verify: bool
    origin_ca: str
    connect_seconds: int
    answer_seconds: int
    upload_megabytes: int
    least_tls: str
    http3: bool
    compression: bool
    request_headers: tuple[str, ...]
    response_headers: tuple[str, ...]
    hidden_headers: tuple[str, ...]
    closed: str
    rate: int
    redirects: tuple[int, ...]
    cached: bool
    ruled: bool
    guarded: bool
    strict: bool

    @property
    def name(self) -> str:
        return hashlib.sha256(repr(self).encode()).hexdigest()[:12]


def class_of(site: Site) -> Class:
    behaviour = site.behaviour
    https = behaviour.origins[0].scheme == "https"
    cached = behaviour.cache.enabled and not behaviour.cache.development
    return Class(
        https_origin=https,
        verify=https and behaviour.verify_origin,
        origin_ca=(behaviour.origin_ca or "") if https and behaviour.verify_origin else "",
        connect_seconds=behaviour.connect_seconds,
        answer_seconds=behaviour.answer_seconds,
        upload_megabytes=behaviour.upload_megabytes,
        least_tls=behaviour.least_tls,
        http3=behaviour.http3,
        compression=behaviour.compression,
        request_headers=_names([*behaviour.request_headers.add, *behaviour.request_headers.remove], ASKED),
        response_headers=_names(behaviour.response_headers.add, ANSWERED),
        hidden_headers=_names(behaviour.response_headers.remove, ANSWERED),
        closed="maintenance" if behaviour.maintenance else site.closed,
        rate=behaviour.requests_per_second or 0,
        redirects=tuple(sorted({one.status for one in behaviour.redirects})),
        cached=cached,
        ruled=cached and bool(behaviour.cache.rules),
        guarded=bool(behaviour.allow or behaviour.deny),
        strict=bool(behaviour.hsts.seconds),
    )


def _names(given: Iterable[str], reserved: frozenset[str]) -> tuple[str, ...]:
    """What was kept before a name was reserved does not reach the engine."""
    return tuple(sorted({name.lower() for name in given} - reserved))
