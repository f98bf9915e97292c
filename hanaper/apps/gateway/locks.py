"""The lock of an instance: the order that paid for it, then the row."""

from hanaper.apps.gateway.models import GatewayInstance
from hanaper.apps.gateway.states import GatewayState
from hanaper.apps.orders.locks import lock_order, refuse_unless_paid
from hanaper.core.errors import Refusal

WITH_DOMAIN = (GatewayState.DOMAIN_ADDED, GatewayState.ACTIVE, GatewayState.QUOTA_EXHAUSTED)


def lock_with_domain(instance: GatewayInstance) -> GatewayInstance:
    """As `lock_usable`. Refused also: `term_ended`, `no_domain`."""
    instance = lock_usable(instance)
    refuse_ended(instance)
    if not instance.domain or instance.state not in WITH_DOMAIN:
        raise Refusal(
            "This instance has no domain.", code="no_domain", next_steps=["Add a domain to it first."]
        )
    return instance


def refuse_ended(instance: GatewayInstance) -> None:
    if instance.state == GatewayState.EXPIRED:
        raise Refusal(
            f"The term of this instance ended on {instance.term_ends_at.date().isoformat()}.",
            code="term_ended",
            next_steps=["Buy another one, and add the domain to it."],
        )


def lock_usable(instance: GatewayInstance) -> GatewayInstance:
    """The instance as it is now, its order locked and paid, until the transaction ends.

    Refused: `order_locked` (D11), `order_refunded`, `order_not_paid`, `reset_under_way`.
    """
    refuse_unless_paid(lock_order(instance.order_id))
    found = GatewayInstance.objects.select_related("order", "account").get(pk=instance.pk)
    if found.resetting_since is not None:
        raise Refusal(
            "A reset of this instance is under way: its nodes are finishing what they have in hand.",
            code="reset_under_way",
            clause="R18",
            next_steps=["Wait a moment, then look again."],
        )
    return found
