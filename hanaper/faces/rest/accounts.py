"""The account of the key, its members and access keys."""

from datetime import datetime

import ninja
from ninja import Router, Status
from pydantic import Field

from hanaper.apps.accounts import queries, services
from hanaper.apps.accounts.models import AccessKey, Account, Membership
from hanaper.core.actor import AccountRole
from hanaper.faces.rest.access import ApiRequest, anyone_signed_in, customer, own_account
from hanaper.faces.rest.body import Body
from hanaper.faces.rest.idempotency import idempotent
from hanaper.faces.rest.paging import PageOut, PageQuery, answer

router = Router(tags=["accounts"])


class AccountOut(ninja.Schema):
    id: str
    name: str
    created_at: datetime


class AccountIn(Body):
    name: str = Field(min_length=1, max_length=200)


class MemberOut(ninja.Schema):
    user: str = Field(examples=["usr_7m3k9..."])
    email: str
    role: AccountRole


class MemberIn(Body):
    email: str = Field(max_length=254, description="Of somebody who signed up already.")
    role: AccountRole


class RoleIn(Body):
    role: AccountRole


class AccessKeyOut(ninja.Schema):
    id: str
    name: str
    user: str
    email: str
    created_at: datetime
    last_used_at: datetime | None = Field(None, description="To the minute, system time.")
    revoked_at: datetime | None = None


class NewAccessKeyOut(AccessKeyOut):
    secret: str = Field(description="What is presented as bearer token. Shown this once, kept by nobody.")


class AccessKeyIn(Body):
    name: str = Field(min_length=1, max_length=200)
    user: str | None = Field(None, max_length=40, description="Whose it is; by default your own.")


def account_out(account: Account) -> AccountOut:
    return AccountOut(id=account.public_id, name=account.name, created_at=account.created_at)


def member_out(member: Membership) -> MemberOut:
    return MemberOut(user=member.user.public_id, email=member.user.email, role=AccountRole(member.role))


def key_out(key: AccessKey) -> AccessKeyOut:
    return AccessKeyOut(
        id=key.public_id,
        name=key.name,
        user=key.user.public_id,
        email=key.user.email,
        created_at=key.created_at,
        last_used_at=key.last_used_at,
        revoked_at=key.revoked_at,
    )


@router.get("/account", auth=customer(), response=AccountOut, summary="Your account")
def show_account(request: ApiRequest) -> AccountOut:
    return account_out(own_account(request))


@router.patch("/account", auth=customer(), response=AccountOut, summary="Rename it")
@idempotent
def rename_account(request: ApiRequest, body: AccountIn) -> AccountOut:
    return account_out(
        services.rename_account(request.actor, own_account(request), name=body.name, at=request.at)
    )


@router.get("/account/members", auth=customer(), response=PageOut[MemberOut], summary="Its members")
def list_members(request: ApiRequest, paging: PageQuery) -> dict[str, object]:
    return answer(queries.members_of(own_account(request)), paging, sorts=("id",), out=member_out)


@router.post(
    "/account/members",
    auth=customer(),
    response={201: MemberOut},
    summary="Let somebody in",
    description="Owners only. The person must have signed up.",
)
@idempotent
def add_member(request: ApiRequest, body: MemberIn) -> Status[MemberOut]:
    account = own_account(request)
    member = services.add_member(request.actor, account, email=body.email, role=body.role, at=request.at)
    return Status(201, member_out(member))


@router.patch(
    "/account/members/{user}",
    auth=customer(),
    response=MemberOut,
    summary="Give a member another role",
)
@idempotent
def change_role(request: ApiRequest, user: str, body: RoleIn) -> MemberOut:
    account = own_account(request)
    return member_out(
        services.change_role(request.actor, account, user_public_id=user, role=body.role, at=request.at)
    )


@router.delete(
    "/account/members/{user}",
    auth=customer(),
    response={204: None},
    summary="Put a member out, or leave",
    description="Owners put out anybody, others only themselves. Their keys of this account are revoked.",
)
@idempotent
def remove_member(request: ApiRequest, user: str) -> Status[None]:
    services.remove_member(request.actor, own_account(request), user_public_id=user, at=request.at)
    return Status(204, None)


@router.get(
    "/access-keys",
    auth=anyone_signed_in(),
    response=PageOut[AccessKeyOut],
    summary="Access keys",
    description="Owners see all of the account's, other members their own, operators the operators'.",
)
def list_access_keys(request: ApiRequest, paging: PageQuery) -> dict[str, object]:
    return answer(queries.keys_for(request.actor), paging, sorts=("-id",), out=key_out)


@router.post(
    "/access-keys",
    auth=anyone_signed_in(),
    response={201: NewAccessKeyOut},
    summary="Make an access key",
    description="Owners, for themselves or a member; administrators, for themselves or an operator.",
)
@idempotent(store_body=False)
def create_access_key(request: ApiRequest, body: AccessKeyIn) -> Status[NewAccessKeyOut]:
    person = queries.person_near(request.actor, body.user) if body.user else None
    key, secret = services.create_access_key(
        request.actor, name=body.name, account=request.account, user=person, at=request.at
    )
    return Status(201, NewAccessKeyOut(**key_out(key).model_dump(), secret=secret))


@router.delete(
    "/access-keys/{key}",
    auth=anyone_signed_in(),
    response=AccessKeyOut,
    summary="Revoke an access key, for good",
)
@idempotent
def revoke_access_key(request: ApiRequest, key: str) -> AccessKeyOut:
    found = queries.key_for(request.actor, key)
    return key_out(services.revoke_access_key(request.actor, found, at=request.at))
