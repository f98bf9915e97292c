"""Private CAs come into being when an order is paid, and end when it is refunded."""

from datetime import datetime

from django.conf import settings
from django.db.models import Q

from hanaper.apps.authority.models import Authority
from hanaper.apps.catalog.vocabulary import ProductKind
from hanaper.apps.orders.locks import lock_order
from hanaper.apps.orders.models import Order
from hanaper.apps.private_ca.models.cas import PrivateCA
from hanaper.apps.private_ca.services.prolonging import prolong, take_back
from hanaper.apps.private_ca.states import MOVES, PrivateCaKind, PrivateCaState
from hanaper.core.calendar import add_months
from hanaper.core.ending_soon import next_warning


def create_bought(order: Order, at: datetime) -> None:
    """What a paid order bought, not enabled: a root with one intermediate, or an extra intermediate.

    A renewal prolongs what is there.
    """
    lock_order(order.pk)
    if order.renews:
        prolong(order, at)
        return
    if PrivateCA.objects.filter(order=order).exists():
        return
    product = order.lines.select_related("product").get().product
    ends = add_months(at, product.term_months)
    common = {
        "account_id": order.account_id,
        "order": order,
        "region": order.region or settings.REGIONS[0],
        "term_months": product.term_months,
        "term_ends_at": ends,
        "warn_at": next_warning(ends, at),
        "created_at": at,
    }
    root = None
    if order.product_kind == ProductKind.PRIVATE_ROOT_CA:
        root = PrivateCA.objects.create(kind=PrivateCaKind.ROOT, **common)
    quota = product.certificates_included
    PrivateCA.objects.create(kind=PrivateCaKind.INTERMEDIATE, parent=root, quota=quota, **common)


def end_refunded(order: Order, at: datetime) -> None:
    """R7: the money is back: the order's CAs are `Refunded` and cannot be enabled again.

    A root and the intermediate that came with it were bought together (SPEC section 6). What an operator
    refunded without a reset is deleted by the sweep like a reset.
    """
    lock_order(order.pk)
    if order.renews:
        take_back(order, at)
        return
    before = [state for state, after in MOVES.items() if PrivateCaState.REFUNDED in after]
    rows = PrivateCA.objects.filter(order=order)
    rows.filter(state__in=before).update(state=PrivateCaState.REFUNDED)
    # Also what was never enabled and has a request out: the key that was made for it goes.
    rows.filter(Q(authority__isnull=False) | Q(pending__isnull=False)).update(resetting=True)
    Authority.objects.filter(generation__ca__in=rows).update(issuing=False)
