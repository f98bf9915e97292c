"""What a policy that is tried would change about an order: the two decisions, side by side."""

from datetime import datetime
from enum import StrEnum

from hanaper.core.refund.decision import Action, Decision, Verdict


class Change(StrEnum):
    """What becomes of an order under the policy that is tried; the first that holds."""

    GAINS = "gains"  # refused before, and no longer
    LOSES = "loses"  # refused now, and was not
    MORE = "more"  # more money goes back
    LESS = "less"
    FEWER_STEPS = "fewer_steps"  # the same money, with less to be done first
    MORE_STEPS = "more_steps"
    LATER = "later"  # the same, and more time for it
    EARLIER = "earlier"


def change(before: Decision, after: Decision) -> Change | None:
    """How `after` differs from `before` for whoever paid; None if it does not but in words."""
    refused, refused_after = (one.verdict is Verdict.REFUSED for one in (before, after))
    if refused != refused_after:
        return Change.GAINS if refused else Change.LOSES
    if refused:
        return None
    if before.amount.total != after.amount.total:
        return Change.MORE if after.amount.total > before.amount.total else Change.LESS
    if len(before.steps) != len(after.steps):
        return Change.FEWER_STEPS if len(after.steps) < len(before.steps) else Change.MORE_STEPS
    if before.closes_at != after.closes_at:
        if before.closes_at is None or after.closes_at is None:  # at any time (D2)
            return Change.LATER if after.closes_at is None else Change.EARLIER
        return Change.LATER if after.closes_at > before.closes_at else Change.EARLIER
    return None


def reviews(decision: Decision) -> int:
    """How many revocations an operator reviews before the refund that `decision` allows."""
    return sum(step.action is Action.APPROVE_REVOCATION for step in decision.steps)


def overdue(decision: Decision, at: datetime) -> int:
    """How many of them were asked for so long ago that they should have been reviewed by `at` (D10)."""
    return sum(step.due is not None and step.due <= at for step in decision.steps)
