"""Talking to issuers: an order of ours in, what the issuer says out, never an exception.

The one place that speaks the issuers' contract (issuers/); outside any transaction.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from hanaper.apps.certificates import issuers
from hanaper.apps.certificates.issuers import IssuerRefused, IssuerRequest, IssuerTimeout
from hanaper.apps.certificates.models.issuing import IssuerOrder
from hanaper.apps.certificates.services.people import subject_of
from hanaper.apps.certificates.vocabulary import RevocationReason
from hanaper.core.certificate.identifiers import DomainKind, parse_domains
from hanaper.core.certificate.profiles import ValidationLevel
from hanaper.core.errors import Refusal
from hanaper.core.x509 import crl
from hanaper.storage.logs import logger

log = logger(__name__)


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


_OF_ISSUER = {
    issuers.Standing.PENDING: Standing.PENDING,
    issuers.Standing.ISSUED: Standing.READY,
    issuers.Standing.REFUSED: Standing.REFUSED,
}


def submit(order: IssuerOrder, at: datetime) -> Progress:
    """Send the order under its key; sent twice, it is one order there."""

    def call() -> Progress:
        issuer = issuers.issuer(order.issuer)
        reference = issuer.submit(_request(order), at)
        answer = issuer.poll(reference, at)
        return Progress(_OF_ISSUER[answer.standing], reference, answer.code, answer.message)

    return _asked(order, "submit", call)


def poll(order: IssuerOrder, at: datetime) -> Progress:
    """How far the order is."""

    def call() -> Progress:
        answer = issuers.issuer(order.issuer).poll(order.reference, at)
        return Progress(_OF_ISSUER[answer.standing], order.reference, answer.code, answer.message)

    return _asked(order, "poll", call)


def fetch(order: IssuerOrder, at: datetime) -> tuple[Progress, Issued | None]:
    """What was issued; None if it could not be had this time."""
    fetched: list[Issued] = []

    def call() -> Progress:
        issued = issuers.issuer(order.issuer).fetch(order.reference, at)
        x509.load_der_x509_certificate(issued.leaf)  # what cannot be read was not issued
        chain = [x509.load_der_x509_certificate(der) for der in issued.chain]
        pem = "".join(one.public_bytes(Encoding.PEM).decode() for one in chain)
        fetched.append(Issued(issued.leaf, pem))
        return Progress(Standing.READY, order.reference)

    progress = _asked(order, "fetch", call)
    return progress, fetched[0] if fetched else None


def revoke(order: IssuerOrder, reason: RevocationReason, at: datetime) -> Progress:
    """Have what was issued revoked, and clients told of it (CRL); READY once that is so. Twice is once."""

    def call() -> Progress:
        named = crl.RevocationReason[RevocationReason(reason).name]
        issuers.issuer(order.issuer).revoke(order.reference, named, at)
        return Progress(Standing.READY, order.reference)

    return _asked(order, "revoke", call)


def _asked(order: IssuerOrder, what: str, call: Callable[[], Progress]) -> Progress:
    try:
        return call()
    except IssuerTimeout as silence:
        return Progress(Standing.UNKNOWN, message=str(silence))
    except IssuerRefused as refused:
        return Progress(Standing.REFUSED, code=refused.code, message=refused.message)
    except Refusal as refused:
        # The service itself cannot at this moment, such as in recovery.
        return Progress(Standing.UNKNOWN, message=refused.message)
    except Exception:
        # An engine that breaks has said nothing: whether it was done is unknown.
        log.exception("issuer_broke", issuer=order.issuer, call=what, order=order.public_id)
        return Progress(Standing.UNKNOWN, message="The issuer gave no answer that can be read.")


def _request(order: IssuerOrder) -> IssuerRequest:
    application, certificate = order.application, order.certificate
    kind = DomainKind(certificate.domain_kind)
    return IssuerRequest(
        key=order.public_id,
        reference=certificate.public_id,
        # Judged when it was applied for; a policy that was tightened since is not for us to apply late.
        names=parse_domains(kind, application.domains, allow_reserved=True),
        level=ValidationLevel(certificate.level),
        organisation=subject_of(application.company),
        spki=bytes(application.spki),
        csr=None if application.csr is None else bytes(application.csr),
        not_before=order.not_before,
        not_after=order.not_after,
    )
