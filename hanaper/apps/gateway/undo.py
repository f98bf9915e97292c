"""The steps of a refund plan on a gateway instance."""

from datetime import datetime

from hanaper.apps.gateway.evidence import part_of
from hanaper.apps.gateway.fleet import unsettled
from hanaper.apps.gateway.models import GatewayInstance, GatewayNode
from hanaper.apps.gateway.services import reset_by_plan
from hanaper.apps.orders.models import Order
from hanaper.apps.orders.products import StepOutcome, StepState, UnderWay
from hanaper.core.actor import Actor
from hanaper.core.calendar import zone_named
from hanaper.core.errors import Refusal
from hanaper.core.refund.canonical import write_moment
from hanaper.core.refund.words import long_moment


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


def takes_with_it(order: Order, action: str, target: str) -> str:
    """The site that is not served any more."""
    gateway = GatewayInstance.objects.filter(order=order, public_id=target).first()
    if action != "reset" or gateway is None or not gateway.domain:
        return ""
    return f"The site {gateway.domain} is not served any more."


def reset_under_way(order: Order) -> UnderWay | None:
    """A reset that waits for nodes: it counts from when it was asked for (D2)."""
    gateway = GatewayInstance.objects.filter(order=order, resetting_since__isnull=False).first()
    if gateway is None or gateway.resetting_since is None:
        return None
    nodes = GatewayNode.objects.filter(retired_at=None).count()
    sentence = (
        f"The reset of {gateway.public_id} was asked for at"
        f" {long_moment(gateway.resetting_since, zone_named(order.zone))} and goes on by itself:"
        f" {unsettled(gateway.reset_version).count()} of {nodes} nodes have not answered yet."
    )
    done = {"domains": 0, "reset_at": write_moment(gateway.resetting_since)}
    return UnderWay(sentence, {"gateway": part_of(gateway) | done})
