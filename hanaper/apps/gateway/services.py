"""A gateway instance comes into being when an order is paid, and ends when it is refunded."""

from datetime import datetime

from hanaper.apps.gateway.models import GatewayInstance
from hanaper.apps.gateway.states import MOVES, GatewayState
from hanaper.apps.orders.locks import lock_order
from hanaper.apps.orders.models import Order


def create_bought(order: Order, at: datetime) -> None:
    """The instance that a paid order bought, without a domain, with the GRCQ of its term."""
    lock_order(order.pk)
    product = order.lines.select_related("product").get().product
    GatewayInstance.objects.get_or_create(
        order=order,
        defaults={
            "account_id": order.account_id,
            "term_months": product.term_months,
            "grcq_included": product.grcq_included,
            "created_at": at,
        },
    )


def end_refunded(order: Order, at: datetime) -> None:
    """The money is back: the instance is refunded, and no domain can be added to it."""
    del at  # the order has the time
    lock_order(order.pk)
    before = [state for state, after in MOVES.items() if GatewayState.REFUNDED in after]
    GatewayInstance.objects.filter(order=order, state__in=before).update(state=GatewayState.REFUNDED)
