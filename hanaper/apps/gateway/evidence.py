"""What was done with a gateway instance, for a refund decision (SPEC section 7)."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from hanaper.apps.gateway.models import GatewayInstance
from hanaper.apps.orders.models import Order
from hanaper.core.refund.canonical import write_moment


def gateway_evidence(order: Order, at: datetime) -> Mapping[str, Any]:
    """`{"gateway": ...}`: the domain that is there now, and everything consumed since payment (R18, D8)."""
    del at  # the state is as it is now
    gateway = GatewayInstance.objects.filter(order=order).first()
    if gateway is None:  # not paid: there is none yet
        included = order.lines.select_related("product").get().product.grcq_included
        gateway = GatewayInstance(public_id=order.public_id, grcq_included=included)
    return {
        "gateway": {
            "id": gateway.public_id,
            "domains": 1 if gateway.domain else 0,
            "visits": gateway.visits,
            "bytes_out": gateway.bytes_out,
            "grcq_included": gateway.grcq_included,
            "grcq_used": gateway.grcq_used,
            "reset_at": None if gateway.reset_at is None else write_moment(gateway.reset_at),
        }
    }
