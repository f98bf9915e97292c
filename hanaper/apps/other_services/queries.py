"""Reading other services, within the wall of the account."""

from django.db.models import QuerySet

from hanaper.apps.other_services.models import Subscription
from hanaper.core.actor import Actor


def subscriptions(actor: Actor, *, state: str = "", kind: str = "") -> QuerySet[Subscription]:
    found = Subscription.objects.visible_to(actor).select_related("order", "product")
    if state:
        found = found.filter(state=state)
    return found.filter(product__kind=kind) if kind else found


def subscription(actor: Actor, public_id: str) -> Subscription:
    rows = Subscription.objects.select_related("order", "product")
    return rows.get_visible(actor, public_id, what="service")
