"""What an account, or the operators, should know of."""

from datetime import datetime

import ninja
from ninja import Router
from pydantic import Field

from hanaper.apps.events import queries, services
from hanaper.apps.events.models import Notice
from hanaper.faces.rest.access import ApiRequest, customer, operator
from hanaper.faces.rest.idempotency import idempotent
from hanaper.faces.rest.paging import PageOut, PageQuery, answer

router = Router(tags=["notices"])


class NoticeOut(ninja.Schema):
    id: str
    kind: str
    subject: str = Field(description="The public id of what it is about.")
    title: str
    text: str
    at: datetime
    read_at: datetime | None = None


class CountOut(ninja.Schema):
    count: int


def notice_out(notice: Notice) -> NoticeOut:
    return NoticeOut(
        id=notice.public_id,
        kind=notice.kind,
        subject=notice.subject,
        title=notice.title,
        text=notice.text,
        at=notice.at,
        read_at=notice.read_at,
    )


@router.get(
    "/notices",
    auth=customer(),
    response=PageOut[NoticeOut],
    summary="Your account's notices",
)
def list_own(request: ApiRequest, paging: PageQuery, unread: bool = False) -> dict[str, object]:
    return answer(queries.notices_for(request.actor, unread=unread), paging, sorts=("-id",), out=notice_out)


@router.post(
    "/notices/{notice}/read",
    auth=customer(),
    response=NoticeOut,
    summary="Mark one read",
)
@idempotent
def read_own(request: ApiRequest, notice: str) -> NoticeOut:
    found = queries.notice_for(request.actor, notice)
    return notice_out(services.mark_read(request.actor, found, at=request.at))


@router.post("/notices/read", auth=customer(), response=CountOut, summary="Mark all read")
@idempotent
def read_all_own(request: ApiRequest) -> CountOut:
    return CountOut(count=services.mark_all_read(request.actor, at=request.at))


@router.get(
    "/operator/notices",
    auth=operator(),
    response=PageOut[NoticeOut],
    summary="The operators' notices",
)
def list_operators(request: ApiRequest, paging: PageQuery, unread: bool = False) -> dict[str, object]:
    return answer(queries.notices_for(request.actor, unread=unread), paging, sorts=("-id",), out=notice_out)


@router.post(
    "/operator/notices/{notice}/read",
    auth=operator(),
    response=NoticeOut,
    summary="Mark one read",
)
@idempotent
def read_operators(request: ApiRequest, notice: str) -> NoticeOut:
    found = queries.notice_for(request.actor, notice)
    return notice_out(services.mark_read(request.actor, found, at=request.at))


@router.post("/operator/notices/read", auth=operator(), response=CountOut, summary="Mark all read")
@idempotent
def read_all_operators(request: ApiRequest) -> CountOut:
    return CountOut(count=services.mark_all_read(request.actor, at=request.at))
