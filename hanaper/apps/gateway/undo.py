"""The steps of a refund plan on a gateway instance."""

from datetime import datetime

from hanaper.apps.gateway.models import GatewayInstance
from hanaper.apps.orders.models import Order
from hanaper.apps.orders.products import StepOutcome, StepState
from hanaper.core.actor import Actor
from hanaper.core.errors import Refusal


def undo_step(actor: Actor, order: Order, action: str, target: str, at: datetime) -> StepOutcome:
    """Reset the instance `target`; DONE if it has no domain."""
    del at
    gateway = GatewayInstance.objects.get_visible(actor, target, what="gateway", order=order)
    if action == "reset" and not gateway.domain:
        return StepOutcome(StepState.DONE)
    raise Refusal(
        f"{action!r} is not something that can be done to a gateway that is {gateway.state}.",
        code="unknown_step",
        clause="R18",
    )
