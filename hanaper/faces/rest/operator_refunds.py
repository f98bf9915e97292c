"""Refunds for operators: every account's, those that need a person, and by hand (R14)."""

import json
from typing import Annotated

import ninja
from ninja import Query, Router, Status
from pydantic import Field

from hanaper.apps.refunds import queries, services
from hanaper.core.actor import StaffRole
from hanaper.core.money import MAX_AMOUNT
from hanaper.faces.rest.access import ApiRequest, operator
from hanaper.faces.rest.body import Body
from hanaper.faces.rest.idempotency import idempotent
from hanaper.faces.rest.paging import PageOut, PageQuery
from hanaper.faces.rest.refunds import RefundFilter, answer_detail, answer_list
from hanaper.faces.rest.schemas.refunds import RefundDetailOut, RefundOut

router = Router(tags=["refunds"])


class OperatorFilter(RefundFilter):
    needs_person: bool = Field(
        False,
        description="Only those that wait for a second person's approval, or whose provider waits for"
        " somebody or has long given no answer.",
    )


class ProposeIn(Body):
    reason: str = Field(max_length=500)
    amount: int | None = Field(
        None, ge=-MAX_AMOUNT, le=MAX_AMOUNT, description="Minor units; left out: all that was paid in money."
    )
    despite_use: bool = Field(False, description="The reason covers that something of it is still in use.")


class ReasonIn(Body):
    reason: str = Field(min_length=1, max_length=500)


class ReplayOut(ninja.Schema):
    refund: str
    same: bool = Field(description="Whether deciding again gives the stored decision, byte by byte.")
    decision: dict[str, object]


@router.get(
    "/operator/refunds",
    auth=operator(),
    response=PageOut[RefundOut],
    summary="Refunds of every account; with `needs_person` those that do not end by themselves",
)
def list_all(
    request: ApiRequest, filters: Annotated[OperatorFilter, Query(...)], paging: PageQuery
) -> dict[str, object]:
    return answer_list(request, filters, paging, needs_person=filters.needs_person)


@router.get(
    "/operator/refunds/{refund}",
    auth=operator(),
    response=RefundDetailOut,
    summary="One refund",
)
def show_any(request: ApiRequest, refund: str) -> RefundDetailOut:
    return answer_detail(queries.refund(request.actor, refund))


@router.get(
    "/operator/refunds/{refund}/replay",
    auth=operator(),
    response=ReplayOut,
    summary="Decide again from the stored facts, and compare byte by byte",
)
def replay(request: ApiRequest, refund: str) -> ReplayOut:
    found = queries.refund(request.actor, refund)
    again = services.replay(found)
    return ReplayOut(refund=refund, same=again == found.decision.encode(), decision=json.loads(again))


@router.post(
    "/operator/orders/{order}/refunds",
    auth=operator(StaffRole.FINANCE),
    response={201: RefundDetailOut},
    summary="Propose a refund by hand; a second person must approve it (R14)",
)
@idempotent
def propose(request: ApiRequest, order: str, body: ProposeIn) -> Status[RefundDetailOut]:
    made = services.propose_refund(
        request.actor,
        queries.order_of(request.actor, order),
        reason=body.reason,
        amount=body.amount,
        despite_use=body.despite_use,
        at=request.at,
    )
    return Status(201, answer_detail(queries.refund(request.actor, made.public_id)))


@router.post(
    "/operator/refunds/{refund}/approve",
    auth=operator(StaffRole.FINANCE),
    response=RefundDetailOut,
    summary="As the second person, approve a refund by hand",
)
@idempotent
def approve(request: ApiRequest, refund: str) -> RefundDetailOut:
    services.approve_refund(request.actor, queries.refund(request.actor, refund), at=request.at)
    return answer_detail(queries.refund(request.actor, refund))


@router.post(
    "/operator/refunds/{refund}/decline",
    auth=operator(StaffRole.FINANCE),
    response=RefundDetailOut,
    summary="Decline a refund by hand",
)
@idempotent
def decline(request: ApiRequest, refund: str, body: ReasonIn) -> RefundDetailOut:
    found = queries.refund(request.actor, refund)
    services.decline_refund(request.actor, found, reason=body.reason, at=request.at)
    return answer_detail(queries.refund(request.actor, refund))


@router.post(
    "/operator/refunds/{refund}/give-up",
    auth=operator(StaffRole.FINANCE),
    response=RefundDetailOut,
    summary="Give up a refund that provably paid nothing; the order goes on (D11)",
)
@idempotent
def give_up(request: ApiRequest, refund: str, body: ReasonIn) -> RefundDetailOut:
    found = queries.refund(request.actor, refund)
    services.give_up(request.actor, found, reason=body.reason, at=request.at)
    return answer_detail(queries.refund(request.actor, refund))
