"""What was done with gateway instances, for refund decisions (SPEC section 7)."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from hanaper.apps.gateway.models import GatewayInstance
from hanaper.apps.orders.models import Order
from hanaper.core.refund.canonical import write_moment


def gateway_evidence(orders: Sequence[Order], at: datetime) -> Mapping[int, Mapping[str, Any]]:
    """`{"gateway": ...}` of each order: the domain that is there now, and everything consumed since payment
    (R18, D8)."""
    del at  # the state is as it is now
    bought = {one.order_id: one for one in GatewayInstance.objects.filter(order__in=orders)}
    return {order.pk: {"gateway": part_of(bought.get(order.pk) or _none_yet(order))} for order in orders}


def _none_yet(order: Order) -> GatewayInstance:
    """An order that was not paid: there is none yet."""
    included = order.lines.select_related("product").get().product.grcq_included
    return GatewayInstance(public_id=order.public_id, grcq_included=included)


def part_of(gateway: GatewayInstance) -> dict[str, Any]:
    """The `gateway` of the facts."""
    return {
        "id": gateway.public_id,
        "domains": 1 if gateway.domain else 0,
        "visits": gateway.visits,
        "bytes_out": gateway.bytes_out,
        "grcq_included": gateway.grcq_included,
        "grcq_used": gateway.grcq_used,
        "reset_at": None if gateway.reset_at is None else write_moment(gateway.reset_at),
    }
