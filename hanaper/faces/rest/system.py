"""The service itself: which one it is, who you are, what time it is."""

from datetime import datetime

import ninja
from django.conf import settings
from django.http import HttpRequest
from ninja import Router
from pydantic import Field

from hanaper import __version__, clock
from hanaper.apps.clock import services
from hanaper.core.actor import ActorKind, StaffRole
from hanaper.core.durations import read_duration
from hanaper.faces.rest.access import ApiRequest, anyone_signed_in, operator
from hanaper.faces.rest.body import Body
from hanaper.faces.rest.idempotency import idempotent

router = Router(tags=["system"])


class SystemOut(ninja.Schema):
    name: str = "Hanaper"
    version: str
    sandbox: bool = Field(description="Cards, money and the clock are pretended.")
    currency: str
    zone: str = Field(description="In which the days of refund windows end.")


class MeOut(ninja.Schema):
    kind: ActorKind
    email: str
    access_key: str
    account: str | None = Field(None, description="Of a customer.")
    account_name: str | None = None
    role: str | None = Field(None, description="Of a customer: owner, member or read_only, as of now.")
    staff_roles: list[StaffRole] = Field(default=[], description="Of an operator.")


class ClockOut(ninja.Schema):
    business_time: datetime = Field(description="By which windows, terms and reviews are judged.")
    system_time: datetime
    offset_seconds: int = Field(description="How far business time is ahead; 0 outside a sandbox.")
    sandbox: bool


class AdvanceIn(Body):
    by: str = Field(max_length=40, examples=["8d", "2d12h"], description="Days, hours, minutes, seconds.")


@router.get("/system", auth=None, response=SystemOut, summary="Which service this is")
def show_system(request: HttpRequest) -> SystemOut:
    return SystemOut(
        version=__version__, sandbox=settings.SANDBOX, currency=settings.CURRENCY, zone=settings.ZONE
    )


@router.get("/me", auth=anyone_signed_in(), response=MeOut, summary="Who the key acts for")
def show_me(request: ApiRequest) -> MeOut:
    actor, account = request.actor, request.account
    return MeOut(
        kind=actor.kind,
        email=actor.name,
        access_key=actor.access_key or "",
        account=account.public_id if account else None,
        account_name=account.name if account else None,
        role=actor.account_role,
        staff_roles=sorted(actor.staff_roles),
    )


@router.get("/clock", auth=anyone_signed_in(), response=ClockOut, summary="What time it is")
def show_clock(request: ApiRequest) -> ClockOut:
    return _clock(request.at)


@router.post(
    "/operator/clock",
    auth=operator(StaffRole.ADMINISTRATOR),
    response=ClockOut,
    summary="Move the sandbox's clock forward",
    description="Only in a sandbox, never back. What falls due is done by the sweep within seconds.",
)
@idempotent
def advance_clock(request: ApiRequest, body: AdvanceIn) -> ClockOut:
    return _clock(services.advance(request.actor, read_duration(body.by), at=request.at))


def _clock(at: datetime) -> ClockOut:
    return ClockOut(
        business_time=at,
        system_time=clock.system_now(),
        offset_seconds=int(clock.offset().total_seconds()),
        sandbox=settings.SANDBOX,
    )
