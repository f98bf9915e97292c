"""Reminding an account that something it bought and did not use can soon be refunded no more."""

from datetime import datetime, timedelta

from django.db import transaction

from hanaper.apps.events.services import Draft, emit_many
from hanaper.apps.events.vocabulary import EventKind
from hanaper.apps.orders.models import Order
from hanaper.apps.refunds.services.deciding import decision_for
from hanaper.core.money import format_amount
from hanaper.core.refund import Decision, Facts, Verdict
from hanaper.core.refund.canonical import write_moment
from hanaper.core.refund.facts import CertificateState
from hanaper.core.refund.policy import Use
from hanaper.core.refund.window import use_of
from hanaper.storage.logs import logger

log = logger(__name__)

BEFORE = timedelta(days=2)
LATER = timedelta(days=1)  # for an order whose facts could not be read


def remind(at: datetime, most: int) -> int:
    """Look at the orders whose time has come, twice in an order's life; how many.

    Once it is paid, to find when its window closes, and about two days before that: then its account is told,
    if something is unused and the decision says that it could be refunded.
    """
    due = Order.objects.filter(refund_look_at__lte=at).order_by("refund_look_at", "pk")
    due = due.select_related("account", "payment").prefetch_related("payment__parts", "lines")
    orders = list(due[:most])
    if not orders:
        return 0
    drafts = []
    for order in orders:
        try:
            order.refund_look_at, draft = _look(order, at)
        except Exception:  # one that cannot be decided holds up no other
            log.exception("refund_window_not_known", order=order.public_id)
            order.refund_look_at, draft = at + LATER, None
        drafts += [draft] if draft else []
    with transaction.atomic():
        emit_many(drafts)
        Order.objects.bulk_update(orders, ["refund_look_at"])
    return len(orders)


def _look(order: Order, at: datetime) -> tuple[datetime | None, Draft | None]:
    """When to look again, and what to tell now."""
    facts, decision = decision_for(order, at)
    closes_at = decision.closes_at
    if closes_at is None or at >= closes_at:
        return None, None
    opened_at = order.paid_at or order.placed_at
    # Half of a window that is shorter than four days.
    when = max(closes_at - BEFORE, opened_at + (closes_at - opened_at) / 2)
    if at < when:
        return when, None
    told = decision.verdict is not Verdict.REFUSED and _something_unused(order, facts)
    return None, _draft(order, decision, closes_at, at) if told else None


def _something_unused(order: Order, facts: Facts) -> bool:
    if any(line.quota_available > 0 for line in order.lines.all()):
        return True
    if any(one.state is CertificateState.PENDING_APPLICATION for one in facts.certificates or ()):
        return True
    return use_of(facts) is Use.UNUSED


def _draft(order: Order, decision: Decision, closes_at: datetime, at: datetime) -> Draft:
    kind = EventKind.REFUND_WINDOW_CLOSING
    return Draft(
        kind,
        account_id=order.account_id,
        subject=order.public_id,
        at=at,
        dedupe=f"{kind}:{order.public_id}",
        data={
            "order": order.public_id,
            "closes_at": write_moment(closes_at),
            "price": format_amount(decision.amount.total, decision.amount.currency),
        },
    )
