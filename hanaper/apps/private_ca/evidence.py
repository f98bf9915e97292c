"""What was done with a private CA, for a refund decision (SPEC section 7)."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from hanaper.apps.orders.models import Order
from hanaper.apps.private_ca.models import PrivateCA
from hanaper.apps.private_ca.states import PrivateCaKind, PrivateCaState
from hanaper.core.refund.canonical import write_moment

_NONE_YET: dict[str, Any] = {"id": "", "state": "not_enabled", "reset_at": None, "enabled_intermediates": []}
# The facts know no end of a term: the window of a CA whose term has ended is over in any case.
_IN_FACTS = {PrivateCaState.EXPIRED: PrivateCaState.ENABLED}


def private_ca_evidence(order: Order, at: datetime) -> Mapping[str, Any]:
    """`{"ca": ...}`: the root (or the intermediate bought apart) and the intermediates enabled below it."""
    del at  # the state is as it is now
    bought = {ca.kind: ca for ca in PrivateCA.objects.filter(order=order)}
    ca = bought.get(PrivateCaKind.ROOT) or bought.get(PrivateCaKind.INTERMEDIATE)
    if ca is None:  # not paid: there is none yet
        return {"ca": {**_NONE_YET, "id": order.public_id}}
    # D7: whoever's order they are, the root cannot be reset before them.
    enabled = ca.intermediates.filter(state=PrivateCaState.ENABLED).order_by("created_at", "pk")
    state = PrivateCaState(ca.state)
    return {
        "ca": {
            "id": ca.public_id,
            "state": _IN_FACTS.get(state, state).value,
            "reset_at": None if ca.reset_at is None else write_moment(ca.reset_at),
            "enabled_intermediates": list(enabled.values_list("public_id", flat=True)),
        }
    }
