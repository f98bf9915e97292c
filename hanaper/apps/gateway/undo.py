"""The steps of a refund plan on a gateway instance."""

from datetime import datetime

from hanaper.apps.gateway.models import GatewayInstance
from hanaper.apps.gateway.services import reset_by_plan
from hanaper.apps.orders.models import Order
from hanaper.apps.orders.products import StepOutcome, StepState
from hanaper.core.actor import Actor
from hanaper.core.errors import Refusal


def undo_step(actor: Actor, order: Order, action: str, target: str, at: datetime) -> StepOutcome:
    """Reset the instance `target`; DONE if it has no domain, WAITING while nodes finish what they have."""
    gateway = GatewayInstance.objects.get_visible(actor, target, what="gateway", order=order)
    if action != "reset":
        raise Refusal(
            f"{action!r} is not something that can be done to a gateway that is {gateway.state}.",
            code="unknown_step",
            clause="R18",
        )
    if gateway.domain and gateway.resetting_since is None:
        gateway = reset_by_plan(actor, gateway, at=at)
    if gateway.domain:
        return StepOutcome(StepState.WAITING, "The nodes are finishing what they have in hand.")
    return StepOutcome(StepState.DONE)
