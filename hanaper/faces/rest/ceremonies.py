"""Ceremonies: what one person proposes and another approves, and the rule that asks for two."""

from datetime import datetime
from typing import Annotated, Any

import ninja
from django.http import HttpResponse
from ninja import Query, Router, Status
from pydantic import Field

from hanaper.apps.private_ca import queries, services
from hanaper.apps.private_ca.models.ceremonies import Ceremony
from hanaper.apps.private_ca.services import ceremonies
from hanaper.apps.private_ca.services.ceremonies import LONGEST_REASON
from hanaper.apps.private_ca.services.deeds import (
    completing,
    crossing,
    enabling,
    renewing,
    requesting,
    requesting_again,
)
from hanaper.apps.private_ca.states import CeremonyState, Operation
from hanaper.apps.private_ca.transcripts import text_of
from hanaper.core.actor import StaffRole
from hanaper.core.errors import InvalidInput
from hanaper.faces.rest.access import ApiRequest, customer, operator, own_account
from hanaper.faces.rest.body import Body
from hanaper.faces.rest.idempotency import idempotent
from hanaper.faces.rest.paging import PageOut, PageQuery, answer
from hanaper.faces.rest.private_ca_renewals import (
    CrossSignIn,
    OutsideRenewIn,
    RenewCaIn,
    SignedIn,
    renewal_of,
)
from hanaper.faces.rest.private_cas import CaSettingsIn, EnableIn, settings_of

router = Router(tags=["private CAs"])
SORTS = ("-id",)


class TwoPersonsOut(ninja.Schema):
    required: bool = Field(description="Whether root operations of the account take two persons.")
    switched_on_by: str | None = None
    switched_on_at: datetime | None = None


class CeremonyIn(Body):
    operation: Operation = Field(
        description="Of this CA: enable, renew, cross_sign, request, complete, or reset (a root)."
    )
    enable: EnableIn | None = Field(None, description="With `enable`: as for enabling it.")
    renew: RenewCaIn | None = Field(None, description="With `renew`: as for renewing it.")
    cross_sign: CrossSignIn | None = Field(None, description="With `cross_sign`: as for cross-signing it.")
    request: CaSettingsIn | None = Field(
        None, description="With `request`: as for the first request that a CA elsewhere is to sign."
    )
    request_again: OutsideRenewIn | None = Field(
        None, description="With `request`, instead: as for another certificate from elsewhere."
    )
    complete: SignedIn | None = Field(None, description="With `complete`: what was signed elsewhere.")
    confirm_deletes_all_data: bool = Field(
        False, description="With `reset`: Confirm that the reset operation deletes all data."
    )


class RefuseCeremonyIn(Body):
    reason: str = Field(min_length=1, max_length=LONGEST_REASON)


class CeremonyOut(ninja.Schema):
    id: str
    operation: Operation
    ca: str | None
    account: str
    parameters: dict[str, Any] = Field(description="What exactly is to be done.")
    state: CeremonyState
    proposed_by: str
    proposed_at: datetime
    expires_at: datetime
    decided_by: str | None = Field(description="Who approved, refused or withdrew it.")
    decided_at: datetime | None
    problem: dict[str, Any] | None = Field(
        description="Why it could not be carried out, and what to do: code, message, next_steps."
    )


class CeremonyFilter(ninja.Schema):
    state: CeremonyState | None = None


def ceremony_out(ceremony: Ceremony) -> dict[str, Any]:
    return {
        "id": ceremony.public_id,
        "operation": ceremony.operation,
        "ca": ceremony.ca.public_id if ceremony.ca else None,
        "account": ceremony.account.public_id,
        "parameters": ceremony.parameters,
        "state": ceremony.state,
        "proposed_by": ceremony.proposed_by.email,
        "proposed_at": ceremony.proposed_at,
        "expires_at": ceremony.expires_at,
        "decided_by": ceremony.decided_by.email if ceremony.decided_by else None,
        "decided_at": ceremony.decided_at,
        "problem": ceremony.problem,
    }


@router.get(
    "/account/two-persons",
    auth=customer(),
    response=TwoPersonsOut,
    summary="Whether its root operations take two persons",
)
def show_rule(request: ApiRequest) -> TwoPersonsOut:
    rule = services.two_persons(own_account(request).pk)
    if rule is None:
        return TwoPersonsOut(required=False)
    return TwoPersonsOut(
        required=True, switched_on_by=rule.switched_on_by.email, switched_on_at=rule.switched_on_at
    )


@router.post(
    "/account/two-persons",
    auth=customer(),
    response=TwoPersonsOut,
    summary="From now on they do",
    description="Owners only. Ending it takes two persons itself.",
)
@idempotent
def switch_on(request: ApiRequest) -> TwoPersonsOut:
    services.switch_on(request.actor, own_account(request), at=request.at)
    return show_rule(request)


@router.post(
    "/account/two-persons/end",
    auth=customer(),
    response={201: CeremonyOut},
    summary="Propose that one person is enough again",
    description="By an owner; another owner approves it, or an administrator of the service.",
)
@idempotent
def propose_end(request: ApiRequest) -> Status[dict[str, Any]]:
    account = own_account(request)
    made = ceremonies.propose(request.actor, account, Operation.ONE_PERSON, None, {}, at=request.at)
    return Status(201, ceremony_out(queries.ceremony(request.actor, made.public_id)))


@router.post(
    "/private-cas/{ca}/ceremonies",
    auth=customer(),
    response={201: CeremonyOut},
    summary="Propose a root operation; another person approves it",
)
@idempotent
def propose(request: ApiRequest, ca: str, body: CeremonyIn) -> Status[dict[str, Any]]:
    found = queries.private_ca(request.actor, ca)
    made = ceremonies.propose(
        request.actor, found.account, body.operation, found, _parameters(request, body), at=request.at
    )
    return Status(201, ceremony_out(queries.ceremony(request.actor, made.public_id)))


_FIELDS = {
    Operation.ENABLE: "enable",
    Operation.RENEW: "renew",
    Operation.CROSS_SIGN: "cross_sign",
    Operation.REQUEST: "request",
    Operation.COMPLETE: "complete",
    Operation.RESET: "confirm_deletes_all_data",
}


def _parameters(request: ApiRequest, body: CeremonyIn) -> dict[str, Any]:
    given = {
        Operation.ENABLE: body.enable,
        Operation.RENEW: body.renew,
        Operation.CROSS_SIGN: body.cross_sign,
        Operation.REQUEST: body.request or body.request_again,
        Operation.COMPLETE: body.complete,
    }
    for operation, what in given.items():
        if what is not None and operation is not body.operation:
            field = _FIELDS[operation]
            raise InvalidInput(
                "This belongs to another operation: leave it out, or choose that operation.",
                field=field,
                code="other_operation",
            )
    if body.operation is Operation.ENABLE and body.enable is not None:
        parent = queries.private_ca(request.actor, body.enable.parent) if body.enable.parent else None
        return enabling(settings_of(body.enable), parent)
    if body.operation is Operation.RENEW and body.renew is not None:
        return renewing(renewal_of(body.renew))
    if body.operation is Operation.CROSS_SIGN and body.cross_sign is not None:
        return crossing(queries.private_ca(request.actor, body.cross_sign.by))
    if body.operation is Operation.REQUEST and body.request is not None:
        return requesting(settings_of(body.request))
    if body.operation is Operation.REQUEST and body.request_again is not None:
        again = body.request_again
        return requesting_again(new_key=again.new_key, algorithm=again.algorithm)
    if body.operation is Operation.COMPLETE and body.complete is not None:
        return completing(body.complete.chain)
    if body.operation is Operation.RESET and body.confirm_deletes_all_data:
        return {}
    field = _FIELDS.get(body.operation, "operation")
    raise InvalidInput(f"Say what is to be done: {field}.", field=field, code="missing")


@router.get("/ceremonies", auth=customer(), response=PageOut[CeremonyOut], summary="The account's ceremonies")
def list_ceremonies(
    request: ApiRequest, filters: Annotated[CeremonyFilter, Query(...)], paging: PageQuery
) -> dict[str, object]:
    found = queries.ceremonies(request.actor, state=filters.state or "")
    return answer(found, paging, sorts=SORTS, out=ceremony_out)


@router.get("/ceremonies/{ceremony}", auth=customer(), response=CeremonyOut, summary="One ceremony")
def show_ceremony(request: ApiRequest, ceremony: str) -> dict[str, Any]:
    return ceremony_out(queries.ceremony(request.actor, ceremony))


@router.get(
    "/ceremonies/{ceremony}/transcript",
    auth=customer(),
    summary="Its transcript, as text",
    openapi_extra={
        "responses": {
            200: {"description": "OK", "content": {"text/plain": {"schema": {"type": "string"}}}},
        }
    },
)
def show_transcript(request: ApiRequest, ceremony: str) -> HttpResponse:
    found = queries.ceremony(request.actor, ceremony)
    return HttpResponse(
        text_of(found),
        content_type="text/plain; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{found.public_id}.txt"'},
    )


@router.post(
    "/ceremonies/{ceremony}/approve",
    auth=customer(),
    response=CeremonyOut,
    summary="As the second person, approve it; it is carried out then, a reset once nothing below is enabled",
)
@idempotent
def approve(request: ApiRequest, ceremony: str) -> dict[str, Any]:
    ceremonies.approve(request.actor, queries.ceremony(request.actor, ceremony), at=request.at)
    return ceremony_out(queries.ceremony(request.actor, ceremony))


@router.post(
    "/ceremonies/{ceremony}/refuse", auth=customer(), response=CeremonyOut, summary="Refuse it, for a reason"
)
@idempotent
def refuse(request: ApiRequest, ceremony: str, body: RefuseCeremonyIn) -> dict[str, Any]:
    found = queries.ceremony(request.actor, ceremony)
    ceremonies.refuse(request.actor, found, reason=body.reason, at=request.at)
    return ceremony_out(queries.ceremony(request.actor, ceremony))


@router.post(
    "/ceremonies/{ceremony}/withdraw",
    auth=customer(),
    response=CeremonyOut,
    summary="Take back what you proposed",
)
@idempotent
def withdraw(request: ApiRequest, ceremony: str) -> dict[str, Any]:
    ceremonies.withdraw(request.actor, queries.ceremony(request.actor, ceremony), at=request.at)
    return ceremony_out(queries.ceremony(request.actor, ceremony))


@router.get(
    "/operator/ceremonies",
    auth=operator(StaffRole.ADMINISTRATOR),
    response=PageOut[CeremonyOut],
    summary="Ceremonies of every account",
)
def list_all(
    request: ApiRequest, filters: Annotated[CeremonyFilter, Query(...)], paging: PageQuery
) -> dict[str, object]:
    found = queries.ceremonies(request.actor, state=filters.state or "")
    return answer(found, paging, sorts=SORTS, out=ceremony_out)


@router.get(
    "/operator/ceremonies/{ceremony}",
    auth=operator(StaffRole.ADMINISTRATOR),
    response=CeremonyOut,
    summary="One ceremony",
)
def show_any(request: ApiRequest, ceremony: str) -> dict[str, Any]:
    return ceremony_out(queries.ceremony(request.actor, ceremony))


@router.post(
    "/operator/ceremonies/{ceremony}/approve",
    auth=operator(StaffRole.ADMINISTRATOR),
    response=CeremonyOut,
    summary="Help an account whose only owner wants the rule to end",
)
@idempotent
def approve_end(request: ApiRequest, ceremony: str) -> dict[str, Any]:
    ceremonies.approve(request.actor, queries.ceremony(request.actor, ceremony), at=request.at)
    return ceremony_out(queries.ceremony(request.actor, ceremony))
