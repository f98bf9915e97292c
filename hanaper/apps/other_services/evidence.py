"""Whether a service was used, for a refund decision (SPEC section 7)."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from hanaper.apps.orders.models import Order
from hanaper.apps.other_services.models import Subscription


def service_evidence(order: Order, at: datetime) -> Mapping[str, Any]:
    """`{"service": {"used": ...}}`: used stays used, refunded or not."""
    del at  # the state is as it is now
    used = Subscription.objects.filter(order=order, used_at__isnull=False).exists()
    return {"service": {"used": used}}
