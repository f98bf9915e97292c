"""Refunds for customers: whether, how, and how far; those by hand are in operator_refunds.py."""

import json
from typing import Annotated

import ninja
from ninja import Query, Router, Status
from pydantic import Field

from hanaper.apps.refunds import queries, services
from hanaper.apps.refunds.models import Refund
from hanaper.apps.refunds.vocabulary import RefundOrigin, RefundState
from hanaper.core.refund import write_facts
from hanaper.faces.rest.access import ApiRequest, anyone_signed_in, customer
from hanaper.faces.rest.body import Body
from hanaper.faces.rest.idempotency import idempotent
from hanaper.faces.rest.paging import PageOut, PageQuery, answer
from hanaper.faces.rest.schemas.refunds import (
    DecidedOut,
    PlanOut,
    RefundDetailOut,
    RefundOut,
    decided_out,
    plan_out,
    refund_detail_out,
    refund_out,
)
from hanaper.faces.rest.times import Moment

router = Router(tags=["refunds"])

SORTS = ("-requested_at",)


class RefundFilter(ninja.Schema):
    state: RefundState | None = None
    origin: RefundOrigin | None = None
    order: str = Field("", max_length=40)
    requested_after: Moment | None = Field(None, description="Or at that moment.")
    requested_before: Moment | None = None


class ConfirmPlanIn(Body):
    token: str = Field(max_length=64, description="The plan's, shown with the steps it stands for.")
    accept: bool = Field(False, description="Say yes to what cannot be undone (R12, R17).")


@router.get(
    "/orders/{order}/refund-decision",
    auth=anyone_signed_in(),
    response=DecidedOut,
    summary="Whether an order can be refunded now, how much, why, and what must be done first",
)
def show_decision(request: ApiRequest, order: str) -> DecidedOut:
    found = queries.order_of(request.actor, order)
    facts, decision = services.decision_for(found, request.at)
    meanwhile = services.under_way(found, facts, request.at)
    return decided_out(order, request.at, decision, write_facts(facts), meanwhile)


@router.post(
    "/orders/{order}/refunds",
    auth=customer(),
    response={201: RefundDetailOut},
    summary="Ask for a refund",
    description="This moment is the receipt of the request (D2). A refusal names clauses and what to do.",
)
@idempotent
def ask_for_refund(request: ApiRequest, order: str) -> Status[RefundDetailOut]:
    found = queries.order_of(request.actor, order)
    made = services.request_refund(request.actor, found, at=request.at)
    return Status(201, answer_detail(queries.refund(request.actor, made.public_id)))


@router.get(
    "/refunds",
    auth=customer(),
    response=PageOut[RefundOut],
    summary="The account's refunds",
)
def list_own(
    request: ApiRequest, filters: Annotated[RefundFilter, Query(...)], paging: PageQuery
) -> dict[str, object]:
    return answer_list(request, filters, paging)


@router.get(
    "/refunds/{refund}",
    auth=customer(),
    response=RefundDetailOut,
    summary="One refund: decision, facts, where the money went, try by try",
)
def show_own(request: ApiRequest, refund: str) -> RefundDetailOut:
    return answer_detail(queries.refund(request.actor, refund))


@router.post(
    "/orders/{order}/refund-plan",
    auth=customer(),
    response={201: PlanOut},
    summary="Prepare the whole way to the refund; nothing is done before it is confirmed",
)
@idempotent
def prepare(request: ApiRequest, order: str) -> Status[PlanOut]:
    found = queries.order_of(request.actor, order)
    made = services.prepare_plan(request.actor, found, at=request.at)
    return Status(201, plan_out(queries.plan(request.actor, made.public_id)))


@router.get(
    "/refund-plans",
    auth=customer(),
    response=PageOut[PlanOut],
    summary="The account's plans",
)
def list_plans(
    request: ApiRequest, paging: PageQuery, order: Annotated[str, Query(max_length=40)] = ""
) -> dict[str, object]:
    found = queries.plans(request.actor, order_id=order)
    return answer(found, paging, sorts=("-prepared_at",), out=plan_out)


@router.get("/refund-plans/{plan}", auth=customer(), response=PlanOut, summary="One plan")
def show_plan(request: ApiRequest, plan: str) -> PlanOut:
    return plan_out(queries.plan(request.actor, plan))


@router.post(
    "/refund-plans/{plan}/confirm",
    auth=customer(),
    response=PlanOut,
    summary="Confirm what the plan shows, and let it run to the refund",
)
@idempotent
def confirm(request: ApiRequest, plan: str, body: ConfirmPlanIn) -> PlanOut:
    found = queries.plan(request.actor, plan)
    services.confirm_plan(request.actor, found, token=body.token, accept=body.accept, at=request.at)
    return plan_out(queries.plan(request.actor, plan))


@router.post(
    "/refund-plans/{plan}/resume",
    auth=customer(),
    response=PlanOut,
    summary="Go on with a plan that stopped, once what stood in its way is mended",
)
@idempotent
def resume(request: ApiRequest, plan: str) -> PlanOut:
    services.resume_plan(request.actor, queries.plan(request.actor, plan), at=request.at)
    return plan_out(queries.plan(request.actor, plan))


@router.post(
    "/refund-plans/{plan}/cancel",
    auth=customer(),
    response=PlanOut,
    summary="Cancel a plan between two steps; what it has done stays done",
)
@idempotent
def cancel(request: ApiRequest, plan: str) -> PlanOut:
    services.cancel_plan(request.actor, queries.plan(request.actor, plan), at=request.at)
    return plan_out(queries.plan(request.actor, plan))


def answer_list(
    request: ApiRequest, filters: RefundFilter, paging: PageQuery, *, needs_person: bool = False
) -> dict[str, object]:
    found = queries.refunds(
        request.actor,
        state=filters.state,
        origin=filters.origin,
        order_id=filters.order,
        requested_after=filters.requested_after,
        requested_before=filters.requested_before,
        needs_person=needs_person,
    )
    return answer(found, paging, sorts=SORTS, out=refund_out)


def answer_detail(refund: Refund) -> RefundDetailOut:
    return refund_detail_out(
        refund, json.loads(refund.decision), queries.returns_of(refund), queries.transfers_of(refund)
    )
