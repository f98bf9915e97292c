"""A gateway instance comes into being when an order is paid, and ends with its term or its refund."""

from datetime import datetime

from django.db import transaction

from hanaper.apps.audit.services import record
from hanaper.apps.audit.vocabulary import AuditAction
from hanaper.apps.events.services import emit
from hanaper.apps.events.vocabulary import EventKind
from hanaper.apps.gateway.fleet import touch
from hanaper.apps.gateway.models import GatewayInstance
from hanaper.apps.gateway.services.ending_soon import first_warning
from hanaper.apps.gateway.services.wishing import end_wish
from hanaper.apps.gateway.states import MOVES, GatewayState
from hanaper.apps.orders.locks import lock_order
from hanaper.apps.orders.models import Order
from hanaper.core.actor import system
from hanaper.core.calendar import add_months


def create_bought(order: Order, at: datetime) -> None:
    """The instance that a paid order bought, without a domain, with the GRCQ of its term."""
    lock_order(order.pk)
    product = order.lines.select_related("product").get().product
    ends = add_months(at, product.term_months)
    GatewayInstance.objects.get_or_create(
        order=order,
        defaults={
            "account_id": order.account_id,
            "term_months": product.term_months,
            "term_ends_at": ends,
            "warn_at": first_warning(ends, at),
            "grcq_included": product.grcq_included,
            "created_at": at,
        },
    )


def end_refunded(order: Order, at: datetime) -> None:
    """The money is back: the instance is refunded, nothing is served for it, and no domain can be added."""
    del at  # the order has the time
    lock_order(order.pk)
    rows = GatewayInstance.objects.filter(order=order)
    if rows.filter(state__in=_before(GatewayState.REFUNDED)).update(
        state=GatewayState.REFUNDED, look_due_at=None
    ):
        end_wish(rows.get())
        touch(rows.get())


def expire(pk: int, at: datetime) -> bool:
    """The term has ended: nothing is served any more."""
    with transaction.atomic():
        found = GatewayInstance.objects.get(pk=pk)
        lock_order(found.order_id)
        rows = GatewayInstance.objects.filter(
            pk=pk, state__in=_before(GatewayState.EXPIRED), term_ends_at__lte=at, resetting_since=None
        )
        if not rows.update(state=GatewayState.EXPIRED, look_due_at=None):
            return False
        end_wish(found)
        touch(found)
        record(
            system("gateway"),
            AuditAction.GATEWAY_EXPIRED,
            found.public_id,
            at=at,
            account_id=found.account_id,
            before={"state": found.state},
        )
        emit(
            EventKind.GATEWAY_EXPIRED,
            account_id=found.account_id,
            subject=found.public_id,
            at=at,
            dedupe=f"{found.public_id}:expired",
            data={"domain": found.domain or found.public_id},
        )
    return True


def _before(state: GatewayState) -> list[GatewayState]:
    return [each for each, after in MOVES.items() if state in after]
