"""Other services come into being when an order is paid, are used once for all, and end when refunded."""

from datetime import datetime

from django.db import transaction

from hanaper.apps.audit.services import record
from hanaper.apps.audit.vocabulary import AuditAction
from hanaper.apps.orders.locks import lock_order, refuse_unless_paid
from hanaper.apps.orders.models import Order
from hanaper.apps.other_services.models import Subscription
from hanaper.apps.other_services.states import MOVES, SubscriptionState
from hanaper.core.actor import Actor
from hanaper.storage.walls import require_write


def create_bought(order: Order, at: datetime) -> None:
    """The service that a paid order bought, unused."""
    lock_order(order.pk)
    Subscription.objects.get_or_create(
        order=order,
        defaults={
            "account_id": order.account_id,
            "product_id": order.lines.get().product_id,
            "created_at": at,
        },
    )


def mark_used(actor: Actor, subscription: Subscription, *, at: datetime) -> Subscription:
    """It was used: from now on its order is not refundable (R8). Using it again changes nothing."""
    require_write(actor)
    with transaction.atomic():
        refuse_unless_paid(lock_order(subscription.order_id))
        unused = Subscription.objects.filter(pk=subscription.pk, state=SubscriptionState.UNUSED)
        if unused.update(state=SubscriptionState.USED, used_at=at) == 1:
            record(
                actor,
                AuditAction.SERVICE_USED,
                subscription.public_id,
                at=at,
                account_id=subscription.account_id,
            )
    subscription.refresh_from_db()
    return subscription


def end_refunded(order: Order, at: datetime) -> None:
    """The money is back: it can no longer be used."""
    del at  # the order has the time
    lock_order(order.pk)
    before = [state for state, after in MOVES.items() if SubscriptionState.REFUNDED in after]
    Subscription.objects.filter(order=order, state__in=before).update(state=SubscriptionState.REFUNDED)
