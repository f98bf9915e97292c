"""A refund decision as a value, and as the JSON of section 7 of SPEC.md."""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from hanaper.core.refund.canonical import canonical_json, write_moment


class Verdict(StrEnum):
    REFUNDABLE = "refundable"
    ACTION_NEEDED = "action_needed"
    REFUSED = "refused"


class Action(StrEnum):
    """What is done on the way to a refund, by the names of section 7."""

    CANCEL_APPLY = "cancel_apply"
    WITHDRAW = "withdraw"
    MODIFY = "modify"
    SUBMIT = "submit"
    REVOKE = "revoke"
    APPROVE_REVOCATION = "approve_revocation"
    CANCEL = "cancel"
    RESET = "reset"


class By(StrEnum):
    CUSTOMER = "customer"
    OPERATOR = "operator"


# R12, R16, R17, R18: what cannot be undone, and is confirmed with a warning.
IRREVERSIBLE = frozenset({Action.CANCEL, Action.REVOKE, Action.RESET})


@dataclass(frozen=True, slots=True)
class Share:
    """What goes back to one payment, in minor units."""

    means: str
    amount: int


@dataclass(frozen=True, slots=True)
class Amount:
    """What is or would be returned: `total` is the sum of `by_means`, in minor units."""

    currency: str
    total: int
    by_means: tuple[Share, ...] = ()


@dataclass(frozen=True, slots=True)
class Reason:
    """A clause of SPEC.md that grants or bars, and what it means here, in words for the customer."""

    clause: str
    text: str


@dataclass(frozen=True, slots=True)
class Step:
    """One thing to do before the refund; `due` only for a review that was already asked for."""

    action: Action
    target: str
    by: By = By.CUSTOMER
    due: datetime | None = None

    @property
    def irreversible(self) -> bool:
        return self.action in IRREVERSIBLE


@dataclass(frozen=True, slots=True)
class Decision:
    """`closes_at` is the first moment that is too late, in UTC; `revoke_by` a date in the order's zone."""

    verdict: Verdict
    amount: Amount
    reasons: tuple[Reason, ...]
    steps: tuple[Step, ...]
    closes_at: datetime | None
    revoke_by: date | None
    policy: str

    @property
    def clauses(self) -> tuple[str, ...]:
        return tuple(reason.clause for reason in self.reasons)

    def to_json(self) -> dict[str, object]:
        """The decision as a JSON object, keys in the order of section 7."""
        return {
            "verdict": self.verdict.value,
            "amount": {
                "currency": self.amount.currency,
                "total": self.amount.total,
                "by_means": [
                    {"means": share.means, "amount": share.amount} for share in self.amount.by_means
                ],
            },
            "reasons": [{"clause": reason.clause, "text": reason.text} for reason in self.reasons],
            "steps": [
                {
                    "action": step.action.value,
                    "target": step.target,
                    "by": step.by.value,
                    "irreversible": step.irreversible,
                    "due": None if step.due is None else write_moment(step.due),
                }
                for step in self.steps
            ],
            "closes_at": None if self.closes_at is None else write_moment(self.closes_at),
            "revoke_by": None if self.revoke_by is None else self.revoke_by.isoformat(),
            "policy": self.policy,
        }

    def to_bytes(self) -> bytes:
        """The decision as canonical JSON: the same facts, policy and moment give the same bytes."""
        return canonical_json(self.to_json())
