"""How control of an identifier may be shown (RFC 8555 8, RFC 8737, RFC 8738)."""

import hashlib
from enum import StrEnum

from hanaper.core.acme.base64url import encode
from hanaper.core.acme.identifiers import Identifier
from hanaper.core.acme.problems import ProblemType

DNS_LABEL = "_acme-challenge"
HTTP_PATH = "/.well-known/acme-challenge/{check}"


class ChallengeKind(StrEnum):
    HTTP = "http-01"
    DNS = "dns-01"
    TLS_ALPN = "tls-alpn-01"


def kinds_for(identifier: Identifier) -> tuple[ChallengeKind, ...]:
    """A wildcard is shown in DNS only (RFC 8555 8.3, RFC 8737 3), an address never (RFC 8738 7)."""
    if identifier.wildcard:
        return (ChallengeKind.DNS,)
    if identifier.kind == "ip":
        return (ChallengeKind.HTTP, ChallengeKind.TLS_ALPN)
    return (ChallengeKind.HTTP, ChallengeKind.DNS, ChallengeKind.TLS_ALPN)


def key_authorization(token: str, thumbprint: str) -> str:
    return f"{token}.{thumbprint}"


def dns_value(authorization: str) -> str:
    """What the TXT record holds (RFC 8555 8.4)."""
    return encode(hashlib.sha256(authorization.encode()).digest())


_DNS = frozenset({"dns_error", "no_such_name", "no_txt_record"})
_CONNECTION = frozenset({"timeout", "no_connection", "no_public_address", "broken_answer", "too_big"})
_TLS = frozenset({"bad_tls", "wrong_protocol"})


def problem_type(found: str) -> ProblemType:
    """What a probe found wrong, in ACME's words."""
    if found in _DNS:
        return ProblemType.DNS
    if found in _CONNECTION:
        return ProblemType.CONNECTION
    if found in _TLS:
        return ProblemType.TLS
    if found == "internal":
        return ProblemType.SERVER_INTERNAL
    return ProblemType.INCORRECT_RESPONSE
