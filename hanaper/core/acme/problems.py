"""Problem documents: what went wrong, in the words that ACME clients know (RFC 8555 6.7, RFC 9773 7.4)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from hanaper.core.errors import InvalidInput, NotFound, RateLimited, Refusal

NAMESPACE = "urn:ietf:params:acme:error:"


class ProblemType(StrEnum):
    ACCOUNT_DOES_NOT_EXIST = "accountDoesNotExist"
    ALREADY_REPLACED = "alreadyReplaced"
    ALREADY_REVOKED = "alreadyRevoked"
    BAD_CSR = "badCSR"
    BAD_NONCE = "badNonce"
    BAD_PUBLIC_KEY = "badPublicKey"
    BAD_REVOCATION_REASON = "badRevocationReason"
    BAD_SIGNATURE_ALGORITHM = "badSignatureAlgorithm"
    CONNECTION = "connection"
    DNS = "dns"
    EXTERNAL_ACCOUNT_REQUIRED = "externalAccountRequired"
    INCORRECT_RESPONSE = "incorrectResponse"
    INVALID_CONTACT = "invalidContact"
    MALFORMED = "malformed"
    ORDER_NOT_READY = "orderNotReady"
    RATE_LIMITED = "rateLimited"
    REJECTED_IDENTIFIER = "rejectedIdentifier"
    SERVER_INTERNAL = "serverInternal"
    TLS = "tls"
    UNAUTHORIZED = "unauthorized"
    UNSUPPORTED_CONTACT = "unsupportedContact"
    UNSUPPORTED_IDENTIFIER = "unsupportedIdentifier"
    USER_ACTION_REQUIRED = "userActionRequired"


# Every other is answered with 400.
_STATUS = {
    ProblemType.ALREADY_REPLACED: 409,
    ProblemType.EXTERNAL_ACCOUNT_REQUIRED: 403,
    ProblemType.ORDER_NOT_READY: 403,
    ProblemType.RATE_LIMITED: 429,
    ProblemType.REJECTED_IDENTIFIER: 403,
    ProblemType.SERVER_INTERNAL: 500,
    ProblemType.UNAUTHORIZED: 403,
    ProblemType.USER_ACTION_REQUIRED: 403,
}


@dataclass(frozen=True, slots=True)
class Subproblem:
    """What is wrong with one identifier (RFC 8555 6.7.1)."""

    kind: ProblemType
    detail: str
    identifier: Mapping[str, str]

    def document(self) -> dict[str, Any]:
        return {
            "type": NAMESPACE + self.kind,
            "detail": self.detail,
            "identifier": dict(self.identifier),
        }


class AcmeProblem(Refusal):
    """A refusal as ACME says it. `status` other than the type's own where HTTP has a better word;
    `location` of the thing that is there already; `retry_after` in seconds."""

    def __init__(
        self,
        kind: ProblemType,
        detail: str,
        *,
        status: int | None = None,
        subproblems: Sequence[Subproblem] = (),
        algorithms: Sequence[str] = (),
        retry_after: int | None = None,
        link: tuple[str, str] | None = None,
        location: str | None = None,
    ) -> None:
        super().__init__(detail, code=kind.value)
        self.kind = kind
        self.status = status or _STATUS.get(kind, 400)
        self.subproblems, self.algorithms = tuple(subproblems), tuple(algorithms)
        self.retry_after, self.link, self.location = retry_after, link, location

    def document(self) -> dict[str, Any]:
        """As it is sent, and as it is kept with an order or a challenge that failed."""
        told: dict[str, Any] = {
            "type": NAMESPACE + self.kind,
            "detail": self.message,
            "status": self.status,
        }
        if self.subproblems:
            told["subproblems"] = [each.document() for each in self.subproblems]
        if self.algorithms:
            told["algorithms"] = list(self.algorithms)
        return told


def malformed(detail: str, status: int = 400) -> AcmeProblem:
    return AcmeProblem(ProblemType.MALFORMED, detail, status=status)


def unauthorized(detail: str) -> AcmeProblem:
    return AcmeProblem(ProblemType.UNAUTHORIZED, detail)


# Who may do nothing at all here now, for a reason that is not ACME's.
_STANDING = frozenset(
    {
        "not_enabled",
        "not_issuing",
        "only_intermediates_issue",
        "order_locked",
        "order_not_paid",
        "order_refunded",
        "quota_used_up",
        "reset_under_way",
        "role_too_small",
        "term_ended",
    }
)


def from_refusal(refusal: Refusal, invalid: ProblemType = ProblemType.MALFORMED) -> AcmeProblem:
    """The problem that says what the rest of the service refused; `invalid`: for senseless input."""
    if isinstance(refusal, AcmeProblem):
        return refusal
    if isinstance(refusal, RateLimited):
        wait = refusal.details.get("retry_after")
        seconds = wait if isinstance(wait, int) else None
        return AcmeProblem(ProblemType.RATE_LIMITED, refusal.message, retry_after=seconds)
    if isinstance(refusal, NotFound):
        return malformed(refusal.message, 404)
    if isinstance(refusal, InvalidInput):
        faults = "; ".join(f"{fault.field}: {fault.message}" for fault in refusal.faults[:10])
        return AcmeProblem(invalid, faults or refusal.message)
    if refusal.code in _STANDING:
        return unauthorized(" ".join((refusal.message, *refusal.next_steps)))
    if refusal.code == "in_recovery":
        return AcmeProblem(ProblemType.SERVER_INTERNAL, refusal.message, status=503, retry_after=60)
    return AcmeProblem(ProblemType.SERVER_INTERNAL, refusal.message)
