"""Reading endpoints and what was sent to them. Every member of an account may look."""

from hanaper.apps.webhooks.models import Delivery, Endpoint
from hanaper.apps.webhooks.vocabulary import DeliveryState
from hanaper.core.actor import Actor
from hanaper.storage.walls import ScopedQuerySet


def endpoints(actor: Actor) -> ScopedQuerySet[Endpoint]:
    """Those of the actor's account, by `created_at`; removed ones are gone."""
    found: ScopedQuerySet[Endpoint] = Endpoint.objects.visible_to(actor)
    return found.filter(removed_at=None).select_related("account")


def endpoint(actor: Actor, public_id: str) -> Endpoint:
    return endpoints(actor).get_visible(actor, public_id, what="webhook")


def deliveries(
    actor: Actor, endpoint: Endpoint, *, state: DeliveryState | None = None
) -> ScopedQuerySet[Delivery]:
    """What was or will be sent there, by `-id`."""
    found: ScopedQuerySet[Delivery] = Delivery.objects.visible_to(actor)
    found = found.filter(endpoint=endpoint).select_related("event", "endpoint")
    return found if state is None else found.filter(state=state)


def delivery(actor: Actor, endpoint: Endpoint, public_id: str) -> Delivery:
    return deliveries(actor, endpoint).get_visible(actor, public_id, what="webhook delivery")
