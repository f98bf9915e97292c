"""What was done with private CAs, for refund decisions (SPEC section 7)."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from hanaper.apps.orders.models import Order
from hanaper.apps.private_ca.generations import HAS_KEYS
from hanaper.apps.private_ca.models.cas import PrivateCA
from hanaper.apps.private_ca.states import PrivateCaKind, PrivateCaState
from hanaper.core.refund.canonical import write_moment

_NONE_YET: dict[str, Any] = {"id": "", "state": "not_enabled", "reset_at": None, "enabled_intermediates": []}


def private_ca_evidence(orders: Sequence[Order], at: datetime) -> Mapping[int, Mapping[str, Any]]:
    """`{"ca": ...}` of each order: the root (or the intermediate bought apart) and those enabled below it."""
    del at  # the state is as it is now
    bought: dict[int, PrivateCA] = {}
    for ca in PrivateCA.objects.filter(order__in=orders):
        if ca.kind == PrivateCaKind.ROOT or ca.order_id not in bought:
            bought[ca.order_id] = ca
    enabled = _enabled_below([ca for ca in bought.values() if ca.kind == PrivateCaKind.ROOT])
    return {order.pk: {"ca": _part(order, bought.get(order.pk), enabled)} for order in orders}


def _enabled_below(roots: Sequence[PrivateCA]) -> dict[int, list[str]]:
    """D7: whoever's order they are, a root cannot be reset before them."""
    below: dict[int, list[str]] = {}
    rows = PrivateCA.objects.filter(HAS_KEYS, parent__in=roots)
    for parent_id, public_id in rows.order_by("created_at", "pk").values_list("parent_id", "public_id"):
        below.setdefault(parent_id or 0, []).append(public_id)
    return below


def _part(order: Order, ca: PrivateCA | None, enabled: Mapping[int, list[str]]) -> dict[str, Any]:
    if ca is None:  # not paid: there is none yet
        return {**_NONE_YET, "id": order.public_id}
    state = PrivateCaState(ca.state)
    if state is PrivateCaState.EXPIRED:  # the facts know no end of a term
        state = PrivateCaState.ENABLED if ca.has_keys else PrivateCaState.NOT_ENABLED
    return {
        "id": ca.public_id,
        "state": state.value,
        "reset_at": None if ca.reset_at is None else write_moment(ca.reset_at),
        "enabled_intermediates": enabled.get(ca.pk, []),
    }
