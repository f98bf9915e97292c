"""The steps of a refund plan on another service: there are none, what was used stays used (R8)."""

from datetime import datetime

from hanaper.apps.orders.models import Order
from hanaper.apps.orders.products import StepOutcome
from hanaper.core.actor import Actor
from hanaper.core.errors import Refusal


def undo_step(actor: Actor, order: Order, action: str, target: str, at: datetime) -> StepOutcome:
    """Always refused."""
    del actor, order, at
    raise Refusal(
        f"{action!r} is not something that can be done to the service {target}.",
        code="unknown_step",
        clause="R8",
    )
