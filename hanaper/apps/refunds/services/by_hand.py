"""R14: support refunds by hand, for a reason and with a second person's approval, within R3 and R4."""

from datetime import datetime

from django.db import transaction

from hanaper.apps.accounts.models import User
from hanaper.apps.audit.services import record
from hanaper.apps.audit.vocabulary import AuditAction
from hanaper.apps.events.services import emit
from hanaper.apps.events.vocabulary import EventKind
from hanaper.apps.orders.evidence import paid_parts
from hanaper.apps.orders.locks import lock_order, refuse_unless_paid
from hanaper.apps.orders.models import Order
from hanaper.apps.payments.vocabulary import MONEY
from hanaper.apps.refunds.models import Refund
from hanaper.apps.refunds.services.deciding import decision_for, facts_of, steps_left, stored
from hanaper.apps.refunds.services.requesting import begin, refuse_second
from hanaper.apps.refunds.vocabulary import RefundOrigin, RefundState
from hanaper.core.actor import Actor, StaffRole
from hanaper.core.errors import Forbidden, InvalidInput, Refusal
from hanaper.core.money import allocate, format_amount
from hanaper.core.refund import Facts, no_earlier, read_facts
from hanaper.core.refund.explain import step_sentence
from hanaper.storage.walls import require_staff


def propose_refund(
    actor: Actor,
    order: Order,
    *,
    reason: str,
    amount: int | None = None,
    despite_use: bool = False,
    at: datetime,
) -> Refund:
    """Propose to refund `amount` (by default all that was paid in money) against the policy's decision.

    Refused: `over_refund` (R3), `refund_needs_steps` while something of it is in use, unless `despite_use`
    says that the reason covers it; the other refusals of a request for a refund.
    """
    require_staff(actor, StaffRole.FINANCE)
    if not reason.strip():
        raise InvalidInput("Say why: the second person and the audit read it.", field="reason")
    with transaction.atomic():
        order = lock_order(order.pk)
        refuse_second(order)
        refuse_unless_paid(order)
        if Refund.objects.filter(order=order, state=RefundState.PROPOSED).exists():
            raise Refusal("A refund of this order is proposed already.", code="refund_proposed")
        left = _left(order)
        given = left if amount is None else amount
        _refuse_more(given, left, order)
        facts, decision = decision_for(order, at)
        _refuse_use(facts, order, despite_use)
        refund = Refund.objects.create(
            account_id=order.account_id,
            order=order,
            state=RefundState.PROPOSED,
            origin=RefundOrigin.OPERATOR,
            requested_at=no_earlier(facts, at),
            policy=decision.policy,
            facts=stored(facts),
            decision=decision.to_bytes().decode(),
            currency=order.currency,
            amount=given,
            reason=reason.strip()[:500],
            proposed_by_id=_person(actor),
        )
        _record(actor, AuditAction.REFUND_PROPOSED, refund, at)
        emit(
            EventKind.REFUND_PROPOSED,
            account_id=None,
            subject=refund.public_id,
            at=at,
            dedupe=f"refund.proposed:{refund.public_id}",
            data={"order": order.public_id, "price": format_amount(given, order.currency)},
        )
    return refund


def approve_refund(actor: Actor, refund: Refund, *, at: datetime) -> Refund:
    """The second person says yes: the refund begins.

    Refused: `second_person_required`, `used_since` (what the proposal did not know of), and by R3 as ever.
    """
    require_staff(actor, StaffRole.FINANCE)
    with transaction.atomic():
        order = lock_order(refund.order_id)
        refund = _proposed(refund)
        _refuse_same_person(actor, refund)
        refuse_second(order)
        _refuse_more(refund.amount, _left(order), order)
        _refuse_used_since(refund, order, at)
        refund.state, refund.approved_by, refund.approved_at = (
            RefundState.PAYING,
            User.objects.get(pk=_person(actor)),
            at,
        )
        refund.save(update_fields=["state", "approved_by", "approved_at"])
        _record(actor, AuditAction.REFUND_APPROVED, refund, at)
        begin(actor, refund, _shares(order, refund.amount), at)
    return refund


def decline_refund(actor: Actor, refund: Refund, *, reason: str, at: datetime) -> Refund:
    """A second person, or the proposer, says no; nothing happened."""
    require_staff(actor, StaffRole.FINANCE)
    with transaction.atomic():
        lock_order(refund.order_id)
        refund = _proposed(refund)
        refund.state, refund.finished_at = RefundState.DECLINED, at
        refund.save(update_fields=["state", "finished_at"])
        _record(actor, AuditAction.REFUND_DECLINED, refund, at, reason)
    return refund


def _proposed(refund: Refund) -> Refund:
    refund = Refund.objects.select_related("order").get(pk=refund.pk)
    if refund.state != RefundState.PROPOSED:
        raise Refusal(
            "This refund is not waiting for a second person.",
            code="refund_not_proposed",
            details={"state": refund.state},
        )
    return refund


def _refuse_same_person(actor: Actor, refund: Refund) -> None:
    if _person(actor) == refund.proposed_by_id:
        raise Forbidden(
            "Whoever proposed a refund cannot approve it.",
            code="second_person_required",
            clause="R14",
            next_steps=["Ask another operator of finance."],
        )


def _person(actor: Actor) -> int:
    if actor.user_id is None:
        raise Forbidden("A refund by hand needs a person.", code="person_required", clause="R14")
    return actor.user_id


def _left(order: Order) -> int:
    return sum(_free(order).values())


def _free(order: Order) -> dict[int, int]:
    """What could still go back, by position of the money part (R3)."""
    return {
        part.position: part.captured - part.reserved - part.refunded
        for part in paid_parts(order)
        if part.means in MONEY
    }


def _shares(order: Order, amount: int) -> dict[int, int]:
    free = _free(order)
    return dict(zip(free, allocate(amount, list(free.values())), strict=True))


def _refuse_more(amount: int, left: int, order: Order) -> None:
    # Nothing, if all of it was given back at the provider: then only the order is ended.
    disputed = order.payment is not None and order.payment.disputed
    least = 0 if disputed and not left else 1
    if not least <= amount <= left:
        raise InvalidInput(
            f"The amount must be between {least} and {left} minor units"
            f" ({format_amount(left, order.currency)}): what was paid in money and has not gone back.",
            field="amount",
            code="over_refund",
            clause="R3",
        )


def _refuse_use(facts: Facts, order: Order, despite_use: bool) -> None:
    steps = steps_left(facts)
    if steps and not despite_use:
        raise Refusal(
            "What the order paid for is still in use.",
            code="refund_needs_steps",
            clause="R10",
            next_steps=[step_sentence(step, facts) for step in steps],
            details={"order": order.public_id},
        )


def _refuse_used_since(refund: Refund, order: Order, at: datetime) -> None:
    """R10: who proposed it judged the use that there was; nobody has judged what was begun since."""
    facts = facts_of(order, at)
    known = {step.target for step in steps_left(read_facts(refund.facts))}
    since = [step for step in steps_left(facts) if step.target not in known]
    if since:
        raise Refusal(
            "Since this refund was proposed more of what the order paid for was used.",
            code="used_since",
            clause="R10",
            next_steps=["Decline it, and propose a refund again."]
            + [step_sentence(step, facts) for step in since],
            details={"order": order.public_id, "refund": refund.public_id},
        )


def _record(actor: Actor, action: AuditAction, refund: Refund, at: datetime, reason: str = "") -> None:
    record(
        actor,
        action,
        refund.public_id,
        at=at,
        account_id=refund.account_id,
        after={
            "order": refund.order.public_id,
            "amount": refund.amount,
            "state": refund.state,
            "reason": reason or refund.reason,
        },
    )
