"""Refund policies: what they say, which holds from when, and drafts of new ones."""

from datetime import datetime
from typing import Annotated, Any

import ninja
from ninja import Query, Router, Status
from pydantic import Field

from hanaper.apps.policies import queries, services
from hanaper.apps.policies.models import PolicyDraft, PublishedPolicy
from hanaper.apps.policies.services import MOST_TEXT
from hanaper.core.actor import StaffRole
from hanaper.core.refund import Policy
from hanaper.core.refund.differences import differences
from hanaper.core.refund.policy_words import policy_rules
from hanaper.faces.rest.access import ApiRequest, anyone_signed_in, operator
from hanaper.faces.rest.body import Body
from hanaper.faces.rest.idempotency import idempotent
from hanaper.faces.rest.paging import PageOut, PageQuery, answer
from hanaper.faces.rest.times import Moment

router = Router(tags=["policies"])


class RuleOut(ninja.Schema):
    clause: str
    text: str


class PolicyOut(ninja.Schema):
    name: str
    title: str
    source: str
    window_days: int
    in_force: bool = Field(description="Whether it binds orders that are placed now.")


class PolicyDetailOut(PolicyOut):
    rules: list[RuleOut]


class DifferencesOut(ninja.Schema):
    old: str
    new: str
    differences: list[RuleOut]


class DraftIn(Body):
    text: str = Field(max_length=MOST_TEXT, description="TOML, as the shipped policies are written.")


class DraftChange(DraftIn):
    version: int | None = Field(None, description="Of the draft that was read; refused if it changed since.")


class DraftOut(ninja.Schema):
    name: str
    title: str
    version: int
    created_at: datetime
    changed_at: datetime
    written_by: str | None


class DraftDetailOut(DraftOut):
    text: str


class PublishedPolicyIn(Body):
    name: str = Field(max_length=40, examples=["2026-03-18"], description="A policy's, or a draft's.")
    holds_from: Moment | None = Field(None, description="By default now.")


class PublishedPolicyOut(ninja.Schema):
    name: str
    holds_from: datetime
    published_at: datetime
    published_by: str | None


def policy_out(policy: Policy, in_force: str) -> dict[str, Any]:
    return {
        "name": policy.name,
        "title": policy.title,
        "source": policy.source,
        "window_days": policy.window_days,
        "in_force": policy.name == in_force,
    }


def draft_out(draft: PolicyDraft) -> dict[str, Any]:
    return {
        "name": draft.name,
        "title": draft.title,
        "version": draft.version,
        "created_at": draft.created_at,
        "changed_at": draft.changed_at,
        "written_by": draft.written_by.email if draft.written_by else None,
        "text": draft.text,
    }


def published_out(published: PublishedPolicy) -> PublishedPolicyOut:
    by = published.published_by
    return PublishedPolicyOut(
        name=published.name,
        holds_from=published.holds_from,
        published_at=published.published_at,
        published_by=by.email if by else None,
    )


@router.get(
    "/policies",
    auth=anyone_signed_in(),
    response=list[PolicyOut],
    summary="Every refund policy that can bind an order",
)
def list_policies(request: ApiRequest) -> list[dict[str, Any]]:
    in_force = queries.policy_in_force(request.at)
    return [policy_out(policy, in_force) for policy in queries.policies()]


@router.get(
    "/policies/{name}",
    auth=anyone_signed_in(),
    response=PolicyDetailOut,
    summary="A refund policy, rule by rule, each with its clause",
)
def show_policy(request: ApiRequest, name: str) -> dict[str, Any]:
    policy = queries.policy(name)
    rules = [{"clause": clause, "text": text} for clause, text in policy_rules(policy)]
    return {**policy_out(policy, queries.policy_in_force(request.at)), "rules": rules}


@router.get(
    "/operator/policies/{name}/differences",
    auth=operator(),
    response=DifferencesOut,
    summary="What a policy or a draft does otherwise than another, in words",
)
def show_differences(
    request: ApiRequest,
    name: str,
    than: Annotated[str, Query(max_length=40, description="The other; by default the one in force.")] = "",
) -> dict[str, Any]:
    new = queries.policy_or_draft(name)
    old = queries.policy_or_draft(than or queries.policy_in_force(request.at))
    found = [{"clause": one.clause, "text": str(one)} for one in differences(old, new)]
    return {"old": old.name, "new": new.name, "differences": found}


@router.get(
    "/operator/published-policies",
    auth=operator(),
    response=PageOut[PublishedPolicyOut],
    summary="Which refund policy holds for orders placed from when on",
)
def list_published_policies(request: ApiRequest, paging: PageQuery) -> dict[str, object]:
    return answer(queries.published_policies(), paging, sorts=("-holds_from",), out=published_out)


@router.post(
    "/operator/published-policies",
    auth=operator(StaffRole.ADMINISTRATOR),
    response={201: PublishedPolicyOut},
    summary="Let another refund policy hold for orders placed after (D17)",
    description="A draft can no longer be changed after it.",
)
@idempotent
def publish_policy(request: ApiRequest, body: PublishedPolicyIn) -> Status[PublishedPolicyOut]:
    made = services.publish_policy(
        request.actor, name=body.name, holds_from=body.holds_from or request.at, at=request.at
    )
    return Status(201, published_out(made))


@router.get(
    "/operator/policy-drafts",
    auth=operator(),
    response=PageOut[DraftOut],
    summary="Refund policies that are being written",
)
def list_drafts(request: ApiRequest, paging: PageQuery) -> dict[str, object]:
    return answer(queries.drafts(), paging, sorts=("-id",), out=draft_out)


@router.post(
    "/operator/policy-drafts",
    auth=operator(StaffRole.ADMINISTRATOR),
    response={201: DraftDetailOut},
    summary="Write a draft; its name is in its text",
)
@idempotent
def write_draft(request: ApiRequest, body: DraftIn) -> Status[dict[str, Any]]:
    return Status(201, draft_out(services.write_draft(request.actor, text=body.text, at=request.at)))


@router.get(
    "/operator/policy-drafts/{name}",
    auth=operator(),
    response=DraftDetailOut,
    summary="A draft with its text",
)
def show_draft(request: ApiRequest, name: str) -> dict[str, Any]:
    return draft_out(queries.draft(name))


@router.put(
    "/operator/policy-drafts/{name}",
    auth=operator(StaffRole.ADMINISTRATOR),
    response=DraftDetailOut,
    summary="Replace a draft's text",
)
@idempotent
def change_draft(request: ApiRequest, name: str, body: DraftChange) -> dict[str, Any]:
    changed = services.change_draft(request.actor, name, text=body.text, version=body.version, at=request.at)
    return draft_out(changed)


@router.delete(
    "/operator/policy-drafts/{name}",
    auth=operator(StaffRole.ADMINISTRATOR),
    response={204: None},
    summary="Throw a draft away",
)
@idempotent
def remove_draft(request: ApiRequest, name: str) -> Status[None]:
    services.remove_draft(request.actor, name, at=request.at)
    return Status(204, None)
