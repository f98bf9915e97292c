"""The states of an SSL certificate (a service year, D13) and the one table of legal moves.

Whoever changes a certificate asks `move(state, action)` first and writes what it answers by an update
that is conditional on the state it came from. Source: SPEC.md section 4, R10 to R16, D4, D14.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from hanaper.core.errors import Refusal


class Party(StrEnum):
    """Who acts: `us` is this service by itself (the sweep), `ca` the authority that issues."""

    CUSTOMER = "customer"
    OPERATOR = "operator"
    US = "us"
    CA = "ca"


class CertificateState(StrEnum):
    """Where a certificate stands. `removed` is off the list: kept for the books, shown to nobody."""

    PENDING_APPLICATION = "pending_application"
    VALIDATING_APPLICATION = "validating_application"
    VALIDATION_FAILED = "validation_failed"
    ISSUED = "issued"
    VALIDATING_REVOCATION = "validating_revocation"
    REVOKED = "revoked"
    EXPIRED = "expired"
    NOT_ACTIVATED = "not_activated"
    REMOVED = "removed"

    @property
    def label(self) -> str:
        """The state in the document's own words, such as `Pending Application`."""
        return _LABELS[self]

    @property
    def acts_next(self) -> Party | None:
        """Who has to do something before anything else happens; None when nothing is left to do."""
        return _ACTS_NEXT[self]

    @property
    def on_the_list(self) -> bool:
        """Whether the customer still sees it and a refund decision still counts it (R10)."""
        return self is not CertificateState.REMOVED

    @property
    def in_force(self) -> bool:
        """Whether X.509 certificates issued in it are meant to be trusted at this moment."""
        return self in (CertificateState.ISSUED, CertificateState.VALIDATING_REVOCATION)


_S = CertificateState

_LABELS = {
    _S.PENDING_APPLICATION: "Pending Application",
    _S.VALIDATING_APPLICATION: "Validating Application",
    _S.VALIDATION_FAILED: "Validation Failed",
    _S.ISSUED: "Issued",
    _S.VALIDATING_REVOCATION: "Validating Revocation",
    _S.REVOKED: "Revoked",
    _S.EXPIRED: "Expired",
    _S.NOT_ACTIVATED: "Not Activated",
    _S.REMOVED: "Removed",
}

_ACTS_NEXT: dict[CertificateState, Party | None] = {
    _S.PENDING_APPLICATION: Party.CUSTOMER,
    _S.VALIDATING_APPLICATION: Party.CA,
    _S.VALIDATION_FAILED: Party.CUSTOMER,
    _S.ISSUED: Party.US,  # reissues within the term (D13), and ends it
    _S.VALIDATING_REVOCATION: Party.OPERATOR,
    _S.REVOKED: None,
    _S.EXPIRED: None,
    _S.NOT_ACTIVATED: Party.US,  # activates it when its year comes
    _S.REMOVED: None,
}


class Action(StrEnum):
    """What can be done to a certificate; the customer's are named as in SPEC.md section 7."""

    APPLY = "apply"
    CANCEL_APPLY = "cancel_apply"
    COMBINE = "combine"
    WITHDRAW = "withdraw"
    MODIFY = "modify"
    SUBMIT = "submit"
    DELETE_REQUEST = "delete_request"
    REVOKE = "revoke"
    RENEW = "renew"
    CANCEL = "cancel"
    APPROVE_REVOCATION = "approve_revocation"
    REFUSE_REVOCATION = "refuse_revocation"
    REVOKE_FOR_CAUSE = "revoke_for_cause"
    ISSUE = "issue"
    FAIL = "fail"
    ACTIVATE = "activate"
    EXPIRE = "expire"
    LEAVE_WITH_FIRST = "leave_with_first"

    @property
    def label(self) -> str:
        """The control's caption in the console, such as `Cancel Apply`."""
        return self.value.replace("_", " ").title()


@dataclass(frozen=True, slots=True)
class Move:
    """One legal move. `origin` and `to` may be equal (Modify, Renew: something else changes).

    `irreversible` asks for the warning and second confirmation of R12 and D12, as in the steps of
    SPEC.md section 7: an approval only carries out what was confirmed before, so it is not.
    """

    origin: CertificateState
    action: Action
    to: CertificateState
    by: frozenset[Party]
    irreversible: bool
    clause: str


def _row(
    origin: CertificateState,
    action: Action,
    to: CertificateState,
    by: Party | Iterable[Party],
    clause: str,
    *,
    irreversible: bool = False,
) -> Move:
    parties = frozenset((by,)) if isinstance(by, Party) else frozenset(by)
    return Move(origin, action, to, parties, irreversible, clause)


_A, _P = Action, Party

MOVES: tuple[Move, ...] = (
    _row(_S.PENDING_APPLICATION, _A.APPLY, _S.VALIDATING_APPLICATION, _P.CUSTOMER, "R11"),
    _row(_S.PENDING_APPLICATION, _A.CANCEL_APPLY, _S.REMOVED, _P.CUSTOMER, "R10"),
    # The parts of a combined certificate leave the list; the order's right to a refund ends with it.
    _row(_S.PENDING_APPLICATION, _A.COMBINE, _S.REMOVED, _P.CUSTOMER, "D4", irreversible=True),
    _row(_S.VALIDATING_APPLICATION, _A.ISSUE, _S.ISSUED, (_P.CA, _P.US), "R11"),
    _row(
        _S.VALIDATING_APPLICATION, _A.FAIL, _S.VALIDATION_FAILED, (_P.CA, _P.OPERATOR, _P.US), "R11"
    ),
    _row(_S.VALIDATING_APPLICATION, _A.WITHDRAW, _S.PENDING_APPLICATION, _P.CUSTOMER, "R11"),
    _row(_S.VALIDATION_FAILED, _A.MODIFY, _S.VALIDATION_FAILED, _P.CUSTOMER, "R11"),
    _row(_S.VALIDATION_FAILED, _A.SUBMIT, _S.VALIDATING_APPLICATION, _P.CUSTOMER, "R11"),
    # Only the vendor's own API call does this; a plan goes Modify, Submit, Withdraw, Cancel Apply.
    _row(_S.VALIDATION_FAILED, _A.DELETE_REQUEST, _S.REMOVED, _P.CUSTOMER, "D14"),
    _row(_S.ISSUED, _A.REVOKE, _S.VALIDATING_REVOCATION, _P.CUSTOMER, "R12", irreversible=True),
    _row(_S.ISSUED, _A.RENEW, _S.ISSUED, _P.CUSTOMER, "R14"),
    _row(
        _S.ISSUED, _A.REVOKE_FOR_CAUSE, _S.REVOKED, (_P.CA, _P.OPERATOR), "R10", irreversible=True
    ),
    _row(_S.ISSUED, _A.EXPIRE, _S.EXPIRED, _P.US, "D18"),
    _row(_S.VALIDATING_REVOCATION, _A.APPROVE_REVOCATION, _S.REVOKED, _P.OPERATOR, "R13"),
    _row(_S.VALIDATING_REVOCATION, _A.REFUSE_REVOCATION, _S.ISSUED, _P.OPERATOR, "R13"),
    # A CA that finds cause does not wait for our review.
    _row(
        _S.VALIDATING_REVOCATION, _A.REVOKE_FOR_CAUSE, _S.REVOKED, (_P.CA, _P.OPERATOR), "R10",
        irreversible=True,
    ),
    _row(_S.VALIDATING_REVOCATION, _A.EXPIRE, _S.EXPIRED, _P.US, "D18"),
    _row(_S.EXPIRED, _A.RENEW, _S.EXPIRED, _P.CUSTOMER, "R14"),
    _row(_S.NOT_ACTIVATED, _A.CANCEL, _S.REMOVED, _P.CUSTOMER, "R16", irreversible=True),
    _row(_S.NOT_ACTIVATED, _A.ACTIVATE, _S.VALIDATING_APPLICATION, _P.US, "D18"),
    _row(_S.NOT_ACTIVATED, _A.LEAVE_WITH_FIRST, _S.REMOVED, _P.US, "R15"),
)  # fmt: skip

_BY_STATE_AND_ACTION = {(row.origin, row.action): row for row in MOVES}


def actions_in(state: CertificateState, by: Party | None = None) -> tuple[Action, ...]:
    """What is possible in `state`, in table order; with `by`, only what that party may do."""
    return tuple(row.action for row in MOVES if row.origin is state and (by is None or by in row.by))


def move(state: CertificateState, action: Action) -> Move:
    """The legal move that `action` makes from `state`.

    Raises Refusal `not_in_this_state`, which names the state and what is possible in it; whether the
    one who asks is the right party is for the caller to check against `Move.by`.
    """
    found = _BY_STATE_AND_ACTION.get((state, action))
    if found is not None:
        return found
    offered = actions_in(state, Party.CUSTOMER)
    if offered:
        advice = "Possible now: " + ", ".join(each.label for each in offered) + "."
    else:
        advice = _NOTHING_OFFERED[state]
    raise Refusal(
        f"{action.label} is not possible while the certificate is {state.label}. {advice}",
        code="not_in_this_state",
        clause="R11",
        next_steps=[each.label for each in offered],
        details={
            "state": state.value,
            "action": action.value,
            "possible": [each.value for each in actions_in(state)],
            "acts_next": state.acts_next.value if state.acts_next else None,
        },
    )


_NOTHING_OFFERED = {
    _S.VALIDATING_REVOCATION: "The request to revoke it is being reviewed; wait for the answer.",
    _S.REVOKED: "It is revoked for good; buy or apply for a new one.",
    _S.REMOVED: "It is off the list; nothing more can be done with it.",
}
