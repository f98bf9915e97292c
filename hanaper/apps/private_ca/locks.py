"""The locks of a private CA: the orders that paid for it and for its root, then the rows."""

from django.db.models import QuerySet

from hanaper.apps.orders.locks import lock_orders, refuse_unless_paid
from hanaper.apps.private_ca.models.cas import PrivateCA
from hanaper.core.errors import Refusal
from hanaper.storage.composed import composed


def lock_usable(ca: PrivateCA, parent: PrivateCA | None = None) -> PrivateCA:
    """The CA as it is now, its order and that of `parent` locked and paid, until the transaction ends.

    Refused: `order_locked` (D11), `order_refunded`, `order_not_paid`, `reset_under_way`.
    """
    orders = lock_orders([ca.order_id] if parent is None else [ca.order_id, parent.order_id])
    for order in orders:
        refuse_unless_paid(order)
    found = _as_it_is.get(ca.pk)
    if found.resetting:
        raise Refusal(
            "A reset of this private CA is under way: its data is being deleted.",
            code="reset_under_way",
            clause="R17",
            next_steps=["Wait a moment, then look again."],
        )
    return found


@composed
def _as_it_is(pk: int) -> QuerySet[PrivateCA]:
    rows = PrivateCA.objects.select_related("account", "order", "authority", "pending", "parent__authority")
    return rows.filter(pk=pk)
