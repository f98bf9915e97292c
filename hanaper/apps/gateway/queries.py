"""Reading gateway instances, within the wall of the account."""

from django.db.models import QuerySet

from hanaper.apps.gateway.models import GatewayInstance
from hanaper.core.actor import Actor


def gateways(actor: Actor, *, state: str = "") -> QuerySet[GatewayInstance]:
    found = GatewayInstance.objects.visible_to(actor).select_related("order")
    return found.filter(state=state) if state else found


def gateway(actor: Actor, public_id: str) -> GatewayInstance:
    return GatewayInstance.objects.select_related("order").get_visible(actor, public_id, what="gateway")
