"""The verbs of refunds."""

from hanaper.apps.refunds.services.by_hand import approve_refund, decline_refund, propose_refund
from hanaper.apps.refunds.services.deciding import decision_for, decisions_for, replay, told_steps, under_way
from hanaper.apps.refunds.services.executing import pursue_plan
from hanaper.apps.refunds.services.planning import (
    cancel_plan,
    confirm_plan,
    foreseen,
    prepare_plan,
    resume_plan,
)
from hanaper.apps.refunds.services.requesting import (
    give_up,
    lock_refunded,
    request_refund,
    return_bounced,
    returns_settled,
)

__all__ = [
    "approve_refund",
    "cancel_plan",
    "confirm_plan",
    "decision_for",
    "decisions_for",
    "decline_refund",
    "foreseen",
    "give_up",
    "lock_refunded",
    "prepare_plan",
    "propose_refund",
    "pursue_plan",
    "replay",
    "request_refund",
    "resume_plan",
    "return_bounced",
    "returns_settled",
    "told_steps",
    "under_way",
]
