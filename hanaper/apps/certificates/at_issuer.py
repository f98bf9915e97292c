"""Talking to issuers: an order of ours in, what the issuer says out, never an exception.

The one place that knows the issuers' contract (issuers/); outside any transaction.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from hanaper.apps.certificates.models import IssuerOrder
from hanaper.apps.certificates.vocabulary import RevocationReason


class Standing(StrEnum):
    PENDING = "pending"  # the issuer works on it
    READY = "ready"  # it is done: issued, or revoked
    REFUSED = "refused"  # for good
    UNKNOWN = "unknown"  # no answer, or one that says nothing: ask again with the same key


@dataclass(frozen=True, slots=True)
class Progress:
    standing: Standing
    reference: str = ""
    code: str = ""
    message: str = ""


@dataclass(frozen=True, slots=True)
class Issued:
    """`leaf` is DER; `chain` PEM, the issuer first."""

    leaf: bytes
    chain: str


NO_ISSUER = Progress(Standing.UNKNOWN, message="There is no issuer yet.")


def submit(order: IssuerOrder, at: datetime) -> Progress:
    """Send the order under its key; sent twice, it is one order there."""
    del order, at
    return NO_ISSUER


def poll(order: IssuerOrder, at: datetime) -> Progress:
    """How far the order is."""
    del order, at
    return NO_ISSUER


def fetch(order: IssuerOrder, at: datetime) -> tuple[Progress, Issued | None]:
    """What was issued."""
    del order, at
    return NO_ISSUER, None


def revoke(order: IssuerOrder, reason: RevocationReason, at: datetime) -> Progress:
    """Have what was issued revoked, and clients told of it (CRL); READY once that is so. Twice is once."""
    del order, reason, at
    return NO_ISSUER
