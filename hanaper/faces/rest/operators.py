"""For operators: every account, and who the operators are."""

import ninja
from ninja import Router, Status
from pydantic import Field

from hanaper.apps.accounts import queries, services
from hanaper.apps.accounts.models import StaffMembership
from hanaper.core.actor import StaffRole
from hanaper.faces.rest.access import ApiRequest, operator
from hanaper.faces.rest.accounts import AccountOut, MemberOut, account_out, member_out
from hanaper.faces.rest.body import Body
from hanaper.faces.rest.idempotency import idempotent
from hanaper.faces.rest.paging import PageOut, PageQuery, answer

router = Router(tags=["operators"])


class NewAccountIn(Body):
    name: str = Field(min_length=1, max_length=200)
    owner: str = Field(max_length=254, description="E-mail address of somebody who signed up.")


class StaffOut(ninja.Schema):
    user: str
    email: str
    role: StaffRole


class StaffIn(Body):
    email: str = Field(max_length=254, description="Of somebody who signed up.")
    role: StaffRole


def staff_out(member: StaffMembership) -> StaffOut:
    return StaffOut(user=member.user.public_id, email=member.user.email, role=StaffRole(member.role))


@router.get(
    "/operator/accounts",
    auth=operator(),
    response=PageOut[AccountOut],
    summary="Every account",
)
def list_accounts(request: ApiRequest, paging: PageQuery) -> dict[str, object]:
    return answer(queries.accounts(request.actor), paging, sorts=("-id",), out=account_out)


@router.post(
    "/operator/accounts",
    auth=operator(StaffRole.ADMINISTRATOR),
    response={201: AccountOut},
    summary="Open an account",
)
@idempotent
def create_account(request: ApiRequest, body: NewAccountIn) -> Status[AccountOut]:
    owner = queries.user_by_email(body.owner)
    made = services.create_account(request.actor, name=body.name, owner=owner, at=request.at)
    return Status(201, account_out(made))


@router.get(
    "/operator/accounts/{account}",
    auth=operator(),
    response=AccountOut,
    summary="One account",
)
def show_account(request: ApiRequest, account: str) -> AccountOut:
    return account_out(queries.account(request.actor, account))


@router.get(
    "/operator/accounts/{account}/members",
    auth=operator(),
    response=PageOut[MemberOut],
    summary="Its members",
)
def list_members(request: ApiRequest, account: str, paging: PageQuery) -> dict[str, object]:
    found = queries.account(request.actor, account)
    return answer(queries.members_of(found), paging, sorts=("id",), out=member_out)


@router.get("/operator/staff", auth=operator(), response=PageOut[StaffOut], summary="The operators")
def list_staff(request: ApiRequest, paging: PageQuery) -> dict[str, object]:
    return answer(queries.staff(), paging, sorts=("id",), out=staff_out)


@router.post(
    "/operator/staff",
    auth=operator(StaffRole.ADMINISTRATOR),
    response={201: StaffOut},
    summary="Make somebody an operator",
)
@idempotent
def grant_staff_role(request: ApiRequest, body: StaffIn) -> Status[StaffOut]:
    user = queries.user_by_email(body.email)
    return Status(201, staff_out(services.grant_staff_role(request.actor, user, body.role, at=request.at)))


@router.delete(
    "/operator/staff/{user}/{role}",
    auth=operator(StaffRole.ADMINISTRATOR),
    response={204: None},
    summary="Take a role from an operator",
)
@idempotent
def withdraw_staff_role(request: ApiRequest, user: str, role: StaffRole) -> Status[None]:
    services.withdraw_staff_role(request.actor, queries.user_by_id(user), role, at=request.at)
    return Status(204, None)
