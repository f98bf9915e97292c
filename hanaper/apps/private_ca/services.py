"""Private CAs come into being when an order is paid, and end when it is refunded."""

from datetime import datetime

from hanaper.apps.catalog.vocabulary import ProductKind
from hanaper.apps.orders.locks import lock_order
from hanaper.apps.orders.models import Order
from hanaper.apps.private_ca.models import PrivateCA
from hanaper.apps.private_ca.states import MOVES, PrivateCaKind, PrivateCaState


def create_bought(order: Order, at: datetime) -> None:
    """What a paid order bought, not enabled: a root with one intermediate, or an extra intermediate."""
    lock_order(order.pk)
    if PrivateCA.objects.filter(order=order).exists():
        return
    common = {
        "account_id": order.account_id,
        "order": order,
        "term_months": order.lines.select_related("product").get().product.term_months,
        "created_at": at,
    }
    root = None
    if order.product_kind == ProductKind.PRIVATE_ROOT_CA:
        root = PrivateCA.objects.create(kind=PrivateCaKind.ROOT, **common)
    PrivateCA.objects.create(kind=PrivateCaKind.INTERMEDIATE, parent=root, **common)


def end_refunded(order: Order, at: datetime) -> None:
    """R7: the money is back: the order's CAs are `Refunded` and cannot be enabled again.

    A root and the intermediate that came with it were bought together (SPEC section 6).
    """
    del at  # a refunded CA keeps no time of its own: the order has it
    lock_order(order.pk)
    before = [state for state, after in MOVES.items() if PrivateCaState.REFUNDED in after]
    PrivateCA.objects.filter(order=order, state__in=before).update(state=PrivateCaState.REFUNDED)
