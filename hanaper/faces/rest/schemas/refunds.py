"""Decisions, refunds and plans as the API shows them."""

from datetime import date, datetime
from typing import Any

import ninja
from pydantic import Field

from hanaper.apps.ledger.models import Transfer
from hanaper.apps.orders.vocabulary import LABELS, OrderState
from hanaper.apps.payments.models import Return
from hanaper.apps.refunds.models import Refund, RefundPlan
from hanaper.apps.refunds.vocabulary import PlanState
from hanaper.core.refund import Decision


class ShareOut(ninja.Schema):
    means: str
    amount: int


class AmountOut(ninja.Schema):
    currency: str
    total: int
    by_means: list[ShareOut]


class ReasonOut(ninja.Schema):
    clause: str
    text: str


class DecisionStepOut(ninja.Schema):
    action: str
    target: str
    by: str
    irreversible: bool
    due: datetime | None = None


class DecisionOut(ninja.Schema):
    """SPEC section 7, to the letter."""

    verdict: str
    amount: AmountOut
    reasons: list[ReasonOut]
    steps: list[DecisionStepOut]
    closes_at: datetime | None = None
    revoke_by: date | None = None
    policy: str


class DecidedOut(ninja.Schema):
    order: str
    at: datetime
    decision: DecisionOut
    facts: dict[str, Any] = Field(description="What the decision was made from; replay it to the same bytes.")
    under_way: str | None = Field(
        description="How far a step is that was begun in time and goes on by itself; the refund can be asked"
        " for once it is done."
    )


class AttemptOut(ninja.Schema):
    state: str
    tries: int
    problem: str
    provider_refund: str


class ReturnOut(ninja.Schema):
    id: str
    means: str
    amount: int
    state: str
    destination: str = Field(description="`original` or, when that failed, `balance` (R4).")
    finished_at: datetime | None = None
    attempts: list[AttemptOut]


class TransferOut(ninja.Schema):
    id: str
    kind: str
    debit: str
    credit: str
    amount: int
    currency: str
    at: datetime


class RefundOut(ninja.Schema):
    id: str
    order: str
    order_state: str
    order_label: str
    account: str
    state: str
    origin: str
    amount: int
    currency: str
    policy: str
    requested_at: datetime
    finished_at: datetime | None = None
    reason: str = ""
    proposed_by: str | None = None
    approved_by: str | None = None


class RefundDetailOut(RefundOut):
    decision: dict[str, Any]
    facts: dict[str, Any]
    returns: list[ReturnOut]
    transfers: list[TransferOut]


class PlanStepOut(ninja.Schema):
    action: str
    target: str
    by: str
    irreversible: bool
    progress: str
    note: str
    due: datetime | None = None


class PlanOut(ninja.Schema):
    id: str
    order: str
    state: str
    token: str | None = Field(None, description="To confirm what is shown here; only while that is awaited.")
    decision: dict[str, Any]
    irreversible: list[DecisionStepOut] = Field(description="What confirming says yes to (R12).")
    warning: str = ""
    steps: list[PlanStepOut]
    problem: dict[str, Any] | None = None
    refund: str | None = None
    prepared_at: datetime
    confirmed_at: datetime | None = None
    finished_at: datetime | None = None


WARNING = (
    "A step that is marked irreversible cannot be undone: a revoked certificate cannot be restored, and a"
    " reset deletes all data. Revoke only if it is required. If the refund period has run out by the time the"
    " last step is done, a refund is impossible (R12); the request is made then, not now (D2)."
)


def decided_out(
    order_id: str, at: datetime, decision: Decision, facts: dict[str, Any], under_way: str | None
) -> DecidedOut:
    made = DecisionOut.model_validate(decision.to_json())
    return DecidedOut(order=order_id, at=at, decision=made, facts=facts, under_way=under_way)


def refund_out(refund: Refund) -> RefundOut:
    return RefundOut(**_fields(refund))


def refund_detail_out(
    refund: Refund, decision: dict[str, Any], returns: list[Return], transfers: list[Transfer]
) -> RefundDetailOut:
    return RefundDetailOut(
        **_fields(refund),
        decision=decision,
        facts=refund.facts,
        returns=[_return_out(one) for one in returns],
        transfers=[
            TransferOut(
                id=one.public_id,
                kind=one.kind,
                debit=one.debit,
                credit=one.credit,
                amount=one.amount,
                currency=one.currency,
                at=one.at,
            )
            for one in transfers
        ],
    )


def _fields(refund: Refund) -> dict[str, Any]:
    return {
        "id": refund.public_id,
        "order": refund.order.public_id,
        "order_state": refund.order.state,
        "order_label": LABELS[OrderState(refund.order.state)],
        "account": refund.account.public_id,
        "state": refund.state,
        "origin": refund.origin,
        "amount": refund.amount,
        "currency": refund.currency,
        "policy": refund.policy,
        "requested_at": refund.requested_at,
        "finished_at": refund.finished_at,
        "reason": refund.reason,
        "proposed_by": refund.proposed_by.email if refund.proposed_by else None,
        "approved_by": refund.approved_by.email if refund.approved_by else None,
    }


def _return_out(one: Return) -> ReturnOut:
    return ReturnOut(
        id=one.public_id,
        means=one.part.means,
        amount=one.amount,
        state=one.state,
        destination=one.destination,
        finished_at=one.finished_at,
        attempts=[
            AttemptOut(
                state=attempt.state,
                tries=attempt.tries,
                problem=attempt.problem,
                provider_refund=attempt.provider_refund,
            )
            for attempt in one.attempts.all()
        ],
    )


def plan_out(plan: RefundPlan) -> PlanOut:
    awaited = plan.state in (PlanState.PREPARED, PlanState.NEEDS_CONFIRMATION)
    irreversible = [step for step in plan.decision["steps"] if step["irreversible"]]
    return PlanOut(
        id=plan.public_id,
        order=plan.order.public_id,
        state=plan.state,
        token=plan.token if awaited else None,
        decision=plan.decision,
        irreversible=[DecisionStepOut(**step) for step in irreversible],
        warning=WARNING if irreversible and awaited else "",
        steps=[
            PlanStepOut(
                action=step.action,
                target=step.target,
                by=step.by,
                irreversible=step.irreversible,
                progress=step.progress,
                note=step.note,
                due=step.due,
            )
            for step in plan.steps.all()
        ],
        problem=plan.problem,
        refund=plan.refund.public_id if plan.refund else None,
        prepared_at=plan.prepared_at,
        confirmed_at=plan.confirmed_at,
        finished_at=plan.finished_at,
    )
