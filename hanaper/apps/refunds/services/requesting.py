"""Asking for a refund, and what follows once the money has found its way."""

from collections.abc import Mapping
from datetime import datetime

from django.db import transaction
from django.db.models import F

from hanaper.apps.audit.services import record
from hanaper.apps.audit.vocabulary import AuditAction
from hanaper.apps.events.services import emit
from hanaper.apps.events.vocabulary import EventKind
from hanaper.apps.orders.evidence import paid_parts
from hanaper.apps.orders.locks import lock_order
from hanaper.apps.orders.models import Order
from hanaper.apps.orders.services.refunding import begin_refund, finish_refund, give_up_refund
from hanaper.apps.orders.vocabulary import OrderState
from hanaper.apps.payments import services as payments
from hanaper.apps.payments.vocabulary import MONEY
from hanaper.apps.refunds.models import Refund, RefundPlan
from hanaper.apps.refunds.services.deciding import decision_for, refuse_unless_refundable, stored
from hanaper.apps.refunds.vocabulary import ACTIVE_PLAN, PlanState, RefundOrigin, RefundState
from hanaper.core.actor import Actor, StaffRole, system
from hanaper.core.errors import Refusal
from hanaper.core.money import format_amount
from hanaper.core.refund import Decision, no_earlier
from hanaper.storage.crashpoints import crashpoint
from hanaper.storage.walls import require_staff, require_write

REFUNDS = system("refunds")


def request_refund(
    actor: Actor, order: Order, *, at: datetime, origin: RefundOrigin = RefundOrigin.SELF_SERVICE
) -> Refund:
    """Ask for the refund of an order; `at` is the receipt of the request and stays it (D2).

    Decided again under the order's lock. Refused: `refund_in_progress` (D11, shows the one under way),
    `already_refunded` (R6), `refund_needs_steps` and `refund_refused` with every reason; nothing is changed.
    """
    require_write(actor)
    with transaction.atomic():
        order = lock_order(order.pk)
        crashpoint("refunds.request.after_lock")
        refuse_second(order)
        facts, decision = decision_for(order, at)
        refuse_unless_refundable(order, facts, decision, at)
        refund = Refund.objects.create(
            account_id=order.account_id,
            order=order,
            state=RefundState.PAYING,
            origin=origin,
            requested_at=no_earlier(facts, at),
            policy=decision.policy,
            facts=stored(facts),
            decision=decision.to_bytes().decode(),
            currency=decision.amount.currency,
            amount=decision.amount.total,
        )
        begin(actor, refund, _by_part(order, decision), at)
    crashpoint("refunds.request.after_commit")
    return refund


def begin(actor: Actor, refund: Refund, amounts: Mapping[int, int], at: datetime) -> None:
    """Lock the order (D11), reserve the money, tell the customer; the caller holds the order's lock."""
    order = begin_refund(actor, refund.order, reference=refund.public_id, at=at)
    if order.payment is None:  # a paid order has one
        raise RuntimeError(f"the order {order.public_id} is paid by nothing")
    returns = payments.reserve_returns(
        actor,
        order.payment,
        amounts=amounts,
        reference=refund.public_id,
        at=at,
        despite_dispute=refund.origin == RefundOrigin.OPERATOR,
    )
    record(
        actor,
        AuditAction.REFUND_REQUESTED,
        refund.public_id,
        at=at,
        account_id=refund.account_id,
        after={"order": order.public_id, "amount": refund.amount, "currency": refund.currency},
    )
    tell(refund, EventKind.REFUND_REQUESTED, at)
    if refund.origin != RefundOrigin.PLAN:
        _end_plan(refund, at)
    if not returns:  # all of it went back at the provider already
        returns_settled(refund.public_id, at)


def _end_plan(refund: Refund, at: datetime) -> None:
    """What a plan was for was asked for without it; another fence, so that no worker takes one more step."""
    active = RefundPlan.objects.filter(order=refund.order_id, state__in=ACTIVE_PLAN)
    active.update(state=PlanState.DONE, refund=refund, problem=None, finished_at=at, fence=F("fence") + 1)


def refuse_second(order: Order) -> None:
    """D11, R6: a second request shows the first."""
    if order.state not in (OrderState.REFUND_IN_PROGRESS, OrderState.REFUNDED):
        return
    first = Refund.objects.filter(order=order, state__in=[RefundState.PAYING, RefundState.SUCCEEDED]).first()
    shown = {"order": order.public_id, "refund": first.public_id if first else None}
    if order.state == OrderState.REFUNDED:
        raise Refusal(
            f"The order {order.public_id} was refunded already.",
            code="already_refunded",
            clause="R6",
            details=shown,
        )
    raise Refusal(
        f"A refund of the order {order.public_id} is under way.",
        code="refund_in_progress",
        clause="D11",
        next_steps=["Follow the refund that is under way."],
        details=shown,
    )


def _by_part(order: Order, decision: Decision) -> dict[int, int]:
    """The decision's amounts by position of the payment part: one a money part, in the same order."""
    parts = [part for part in paid_parts(order) if part.means in MONEY]
    return {part.position: share.amount for part, share in zip(parts, decision.amount.by_means, strict=True)}


def lock_refunded(reference: str) -> None:
    """Payments lock what a return belongs to first (DESIGN, Locks); registered by `wiring.py`."""
    pk = Refund.objects.filter(public_id=reference).values_list("order_id", flat=True).first()
    if pk is not None:
        lock_order(pk)


def returns_settled(reference: str, at: datetime) -> None:
    """Every return found its destination: the order is `Refund successfully` (R6); registered by `wiring.py`.

    In the transaction that wrote the last outcome, so that money and status cannot disagree.
    """
    refund = Refund.objects.select_related("order").filter(public_id=reference).first()
    if refund is None:
        return
    ended = Refund.objects.filter(pk=refund.pk, state=RefundState.PAYING)
    if ended.update(state=RefundState.SUCCEEDED, finished_at=at) != 1:
        return
    finish_refund(REFUNDS, refund.order, reference=reference, at=at)
    record(
        REFUNDS,
        AuditAction.REFUND_SUCCEEDED,
        reference,
        at=at,
        account_id=refund.account_id,
        after={"order": refund.order.public_id, "amount": refund.amount},
    )
    tell(refund, EventKind.REFUND_SUCCEEDED, at)
    crashpoint("refunds.finish.before_commit")
    transaction.on_commit(_finished)


def _finished() -> None:
    crashpoint("refunds.finish.after_commit")


def return_bounced(reference: str, at: datetime) -> None:
    """R4: what had gone to the original account is in the balance now; registered by `wiring.py`."""
    refund = Refund.objects.filter(public_id=reference).first()
    if refund is not None:
        tell(refund, EventKind.REFUND_TO_BALANCE, at)


def give_up(actor: Actor, refund: Refund, *, reason: str, at: datetime) -> Refund:
    """An operator of finance ends a refund that provably paid nothing; the order goes on as it was (D11)."""
    require_staff(actor, StaffRole.FINANCE)
    with transaction.atomic():
        order = lock_order(refund.order_id)
        refund.refresh_from_db()
        if refund.state != RefundState.PAYING:
            raise Refusal(
                "Only a refund that is under way can be given up.",
                code="refund_not_under_way",
                details={"state": refund.state},
            )
        payments.void_returns(actor, refund.public_id, at=at)
        refund.state, refund.finished_at = RefundState.GIVEN_UP, at
        refund.save(update_fields=["state", "finished_at"])
        give_up_refund(actor, order, reference=refund.public_id, at=at)
        record(
            actor,
            AuditAction.REFUND_GIVEN_UP,
            refund.public_id,
            at=at,
            account_id=refund.account_id,
            after={"order": order.public_id, "reason": reason},
        )
        tell(refund, EventKind.REFUND_GIVEN_UP, at)
    return refund


def tell(refund: Refund, kind: EventKind, at: datetime) -> None:
    """One notice a happening to the account, however often it is found to have happened."""
    emit(
        kind,
        account_id=refund.account_id,
        subject=refund.public_id,
        at=at,
        dedupe=f"{kind}:{refund.public_id}",
        data={"order": refund.order.public_id, "price": format_amount(refund.amount, refund.currency)},
    )
