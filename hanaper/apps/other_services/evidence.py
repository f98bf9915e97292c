"""Whether services were used, for refund decisions (SPEC section 7)."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from hanaper.apps.orders.models import Order
from hanaper.apps.other_services.models import Subscription


def service_evidence(orders: Sequence[Order], at: datetime) -> Mapping[int, Mapping[str, Any]]:
    """`{"service": {"used": ...}}` of each order: used stays used, refunded or not."""
    del at  # the state is as it is now
    rows = Subscription.objects.filter(order__in=orders, used_at__isnull=False)
    used = set(rows.values_list("order_id", flat=True))
    return {order.pk: {"service": {"used": order.pk in used}} for order in orders}
