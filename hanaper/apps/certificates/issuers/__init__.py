"""Issuers answer later: submit, poll, fetch, revoke. One file an issuer; `wiring.py` registers them.

Any call may raise `IssuerTimeout`: then whether it was done is unknown, and it is made again with the same
key, which is the same order there.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from hanaper.core.certificate.identifiers import DomainNames
from hanaper.core.certificate.profiles import ValidationLevel
from hanaper.core.x509.crl import RevocationReason
from hanaper.core.x509.names import Subject

BUILTIN = "builtin"


class IssuerTimeout(Exception):
    """No answer: whether it was done is unknown."""


class IssuerRefused(Exception):
    """Understood and refused for good; `code` is stable, the message is for the customer."""

    def __init__(self, message: str, code: str = "issuer_refused") -> None:
        super().__init__(message)
        self.message, self.code = message, code


class Standing(StrEnum):
    PENDING = "pending"
    ISSUED = "issued"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class IssuerRequest:
    """One X.509 certificate wanted. `key`: idempotency; `reference`: the public id of the service year.

    `spki` and `csr` are DER; `csr` is None for a key made here. Business times.
    """

    key: str
    reference: str
    names: DomainNames
    level: ValidationLevel
    organisation: Subject | None
    spki: bytes
    csr: bytes | None
    not_before: datetime
    not_after: datetime


@dataclass(frozen=True, slots=True)
class Answer:
    """How far an order is; `code` and `message` say why it was refused."""

    standing: Standing
    code: str = ""
    message: str = ""


@dataclass(frozen=True, slots=True)
class Issued:
    """DER: the certificate, and its chain from its issuer up to the root."""

    leaf: bytes
    chain: tuple[bytes, ...]


class Issuer(Protocol):
    publicly_trusted: bool

    def submit(self, request: IssuerRequest, at: datetime) -> str:
        """Order; the issuer's own reference. IssuerRefused, IssuerTimeout."""
        ...

    def poll(self, reference: str, at: datetime) -> Answer: ...

    def fetch(self, reference: str, at: datetime) -> Issued:
        """What was issued; only after `poll` said so."""
        ...

    def revoke(self, reference: str, reason: RevocationReason, at: datetime) -> None:
        """Revoke what was issued and tell clients of it, both done on return. Twice is once."""
        ...


_issuers: dict[str, Issuer] = {}


def register(name: str, engine: Issuer) -> None:
    """Called by `wiring.py`, once an issuer."""
    _issuers[name] = engine


def issuer(name: str) -> Issuer:
    return _issuers[name]
