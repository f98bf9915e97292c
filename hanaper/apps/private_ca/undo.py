"""The steps of a refund plan on a private CA."""

from datetime import datetime

from hanaper.apps.orders.models import Order
from hanaper.apps.orders.products import StepOutcome, StepState
from hanaper.apps.private_ca.models.cas import PrivateCA
from hanaper.apps.private_ca.services import reset_by_plan
from hanaper.core.actor import Actor
from hanaper.core.errors import Refusal


def undo_step(actor: Actor, order: Order, action: str, target: str, at: datetime) -> StepOutcome:
    """Reset the CA `target` (D7: also one of another order of the account); DONE if it has no keys."""
    # D7: an intermediate below this order's root may belong to another order, never to another account.
    ca = PrivateCA.objects.get_visible(actor, target, what="private CA", account_id=order.account_id)
    if action != "reset":
        raise Refusal(
            f"{action!r} is not something that can be done to a private CA that is {ca.state}.",
            code="unknown_step",
            clause="R17",
        )
    if ca.has_keys:
        reset_by_plan(actor, ca, at=at)
    return StepOutcome(StepState.DONE)
