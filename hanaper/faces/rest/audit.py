"""The audit log: an account's owners read theirs, operators read all."""

from datetime import datetime
from typing import Annotated, Any

import ninja
from ninja import Query, Router
from pydantic import Field

from hanaper.apps.audit import export, queries
from hanaper.apps.audit.verification import verify
from hanaper.core.actor import ActorKind, StaffRole
from hanaper.faces.rest.access import ApiRequest, customer, operator
from hanaper.faces.rest.paging import PageOut, PageQuery, answer
from hanaper.faces.rest.times import Moment

router = Router(tags=["audit"])


class AuditFilters(ninja.Schema):
    action: str | None = Field(None, max_length=64, description="A word such as `order.placed`, or `order`.")
    target: str | None = Field(None, max_length=128, description="A public id.")
    user: str | None = Field(None, max_length=40)
    since: Moment | None = Field(None, description="Business time, included.")
    until: Moment | None = Field(None, description="Business time, excluded.")


class OperatorAuditFilters(AuditFilters):
    account: str | None = Field(None, max_length=40)


class AuditActorOut(ninja.Schema):
    kind: ActorKind
    name: str
    user: str | None = None
    access_key: str | None = None
    address: str | None = None
    request_id: str | None = None


class SealOut(ninja.Schema):
    position: int
    hash: str


class AuditEntryOut(ninja.Schema):
    id: str
    at: datetime = Field(description="Business time.")
    system_at: datetime
    account: str | None = None
    actor: AuditActorOut
    action: str
    target: str
    before: Any = None
    after: Any = None
    seal: SealOut | None = Field(None, description="Null until the sealer came by, within seconds.")


class BreakOut(ninja.Schema):
    position: int
    entry: str | None = None
    fault: str


class AuditReportOut(ninja.Schema):
    sound: bool
    sealed: int
    unsealed: int
    head: str | None = Field(None, description="`position:hash`; keep it elsewhere and hand it in later.")
    break_count: int
    breaks: list[BreakOut]


@router.get(
    "/audit",
    auth=customer(),
    response=PageOut[AuditEntryOut],
    summary="What was done in your account",
    description="Owners only.",
)
def list_own(
    request: ApiRequest, filters: Annotated[AuditFilters, Query(...)], paging: PageQuery
) -> dict[str, object]:
    rows = queries.entries_for(request.actor, **filters.dict())
    return answer(rows, paging, sorts=("-id",), out=export.as_json)


@router.get(
    "/operator/audit",
    auth=operator(),
    response=PageOut[AuditEntryOut],
    summary="What was done anywhere",
)
def list_all(
    request: ApiRequest, filters: Annotated[OperatorAuditFilters, Query(...)], paging: PageQuery
) -> dict[str, object]:
    rows = queries.entries_for(request.actor, **filters.dict())
    return answer(rows, paging, sorts=("-id",), out=export.as_json)


@router.get(
    "/operator/audit/verification",
    auth=operator(StaffRole.ADMINISTRATOR),
    response=AuditReportOut,
    summary="Whether the log was tampered with",
    description="Computes the whole chain again; with `head` also that the log still leads to it.",
)
def verify_log(
    request: ApiRequest,
    head: Annotated[str | None, Query(max_length=100, examples=["12:9f86d0..."])] = None,
) -> dict[str, Any]:
    return verify(head).as_json()
