"""Trying a refund policy on the whole order book: who gains, who loses, how much money, how many reviews."""

from datetime import datetime
from typing import Annotated, Any

import ninja
from ninja import Query, Router, Status
from pydantic import Field

from hanaper.apps.trials import queries, services
from hanaper.apps.trials.models import PolicyTrial, TrialFinding
from hanaper.apps.trials.vocabulary import MOST_DAYS, Subject, TrialState
from hanaper.core.actor import StaffRole
from hanaper.core.refund.trial import Change
from hanaper.faces.rest.access import ApiRequest, operator
from hanaper.faces.rest.body import Body
from hanaper.faces.rest.idempotency import idempotent
from hanaper.faces.rest.paging import PageOut, PageQuery, answer

router = Router(tags=["policies"])


class TrialIn(Body):
    policy: str = Field(max_length=40, description="A policy's name, or a draft's.")
    days: int | None = Field(
        None,
        ge=0,
        le=MOST_DAYS,
        description="Judge each order so many days after its payment; null: as of now.",
    )


class TallyOut(ninja.Schema):
    subject: Subject
    product: str
    currency: str
    change: Change
    count: int
    before: int = Field(description="Minor units that go back under each order's own policy.")
    after: int


class ReviewsOut(ninja.Schema):
    needed: int = Field(0, description="Revocations that refunds of these orders ask operators to review.")
    needed_before: int = 0
    overdue: int = Field(0, description="Of those asked for already, how many would be late at once.")
    overdue_before: int = 0


class ChangedAccountOut(ninja.Schema):
    account: str
    name: str
    currency: str
    orders: int
    gaining: int
    difference: int


class TrialOut(ninja.Schema):
    id: str
    policy: str
    title: str
    state: TrialState
    at: datetime
    days: int | None
    started_at: datetime
    started_by: str | None
    finished_at: datetime | None
    total: int
    looked_at: int
    unreadable: int
    tally: list[TallyOut]
    reviews: ReviewsOut
    accounts: list[ChangedAccountOut] = Field(description="Those that gain or lose most; once it is done.")


class FindingOut(ninja.Schema):
    subject: Subject
    account: str
    order: str
    refund: str | None
    product: str
    currency: str
    change: Change
    before: int
    after: int
    because_before: list[str] = Field(description="Clauses.")
    because_after: list[str]


class TrialFilter(ninja.Schema):
    policy: str = Field("", max_length=40)


class FindingFilter(ninja.Schema):
    change: str = Field("", max_length=20)
    subject: str = Field("", max_length=10)


def trial_out(trial: PolicyTrial) -> dict[str, Any]:
    by = trial.started_by
    return {
        "id": trial.public_id,
        "policy": trial.policy,
        "title": trial.title,
        "state": trial.state,
        "at": trial.at,
        "days": trial.days,
        "started_at": trial.started_at,
        "started_by": by.email if by else None,
        "finished_at": trial.finished_at,
        "total": trial.total,
        "looked_at": trial.looked_at,
        "unreadable": trial.unreadable,
        "tally": trial.tally,
        "reviews": trial.reviews,
        "accounts": trial.accounts,
    }


def finding_out(finding: TrialFinding) -> dict[str, Any]:
    return {
        "subject": finding.subject,
        "account": finding.account.public_id,
        "order": finding.order.public_id,
        "refund": finding.refund.public_id if finding.refund else None,
        "product": finding.product,
        "currency": finding.currency,
        "change": finding.change,
        "before": finding.before,
        "after": finding.after,
        "because_before": finding.because_before.split(", "),
        "because_after": finding.because_after.split(", "),
    }


@router.get(
    "/operator/policy-trials",
    auth=operator(),
    response=PageOut[TrialOut],
    summary="Trials of refund policies on the order book",
)
def list_trials(
    request: ApiRequest, filters: Annotated[TrialFilter, Query(...)], paging: PageQuery
) -> dict[str, object]:
    return answer(queries.trials(policy=filters.policy), paging, sorts=("-started_at",), out=trial_out)


@router.post(
    "/operator/policy-trials",
    auth=operator(StaffRole.ADMINISTRATOR),
    response={201: TrialOut},
    summary="Try a policy or a draft on every order; it runs by itself",
)
@idempotent
def start_trial(request: ApiRequest, body: TrialIn) -> Status[dict[str, Any]]:
    made = services.start_trial(request.actor, policy=body.policy, days=body.days, at=request.at)
    return Status(201, trial_out(queries.trial(made.public_id)))


@router.get(
    "/operator/policy-trials/{trial}",
    auth=operator(),
    response=TrialOut,
    summary="How far a trial is, and what it found",
)
def show_trial(request: ApiRequest, trial: str) -> dict[str, Any]:
    return trial_out(queries.trial(trial))


@router.get(
    "/operator/policy-trials/{trial}/findings",
    auth=operator(),
    response=PageOut[FindingOut],
    summary="Every order and refund that the policy decides otherwise",
)
def list_findings(
    request: ApiRequest, trial: str, filters: Annotated[FindingFilter, Query(...)], paging: PageQuery
) -> dict[str, object]:
    found = queries.findings(queries.trial(trial), change=filters.change, subject=filters.subject)
    return answer(found, paging, sorts=("id",), out=finding_out)


@router.post(
    "/operator/policy-trials/{trial}/cancel",
    auth=operator(StaffRole.ADMINISTRATOR),
    response=TrialOut,
    summary="Stop a trial; what it found until then stays",
)
@idempotent
def cancel_trial(request: ApiRequest, trial: str) -> dict[str, Any]:
    return trial_out(services.cancel_trial(request.actor, queries.trial(trial), at=request.at))


@router.delete(
    "/operator/policy-trials/{trial}",
    auth=operator(StaffRole.ADMINISTRATOR),
    response={204: None},
    summary="Throw away a trial that has ended",
)
@idempotent
def remove_trial(request: ApiRequest, trial: str) -> Status[None]:
    services.remove_trial(request.actor, queries.trial(trial), at=request.at)
    return Status(204, None)
