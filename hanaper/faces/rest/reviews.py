"""For operators: applications and revocations that wait for a decision, and certificates of every account."""

from datetime import datetime
from typing import Any

from ninja import Router
from pydantic import Field

from hanaper.apps.certificates import queries
from hanaper.apps.certificates.models.applications import Application
from hanaper.apps.certificates.models.certificates import Certificate
from hanaper.apps.certificates.models.revocations import RevocationRequest
from hanaper.apps.certificates.services import cause, reviewing, revoking
from hanaper.apps.certificates.vocabulary import NEVER, RevocationReason
from hanaper.core.actor import StaffRole
from hanaper.core.certificate.states import Party
from hanaper.faces.rest.access import ApiRequest, operator
from hanaper.faces.rest.body import Body
from hanaper.faces.rest.certificates import SORTS, ConfirmIn, FilterQuery
from hanaper.faces.rest.idempotency import idempotent
from hanaper.faces.rest.paging import PageOut, PageQuery, answer
from hanaper.faces.rest.schemas.certificates import (
    ApplicationOut,
    CertificateDetail,
    CertificateOut,
    RevocationOut,
    WarningOut,
    application_out,
    certificate_out,
    detail_out,
    revocation_out,
    warning_out,
)

router = Router(tags=["operators: reviews"])

REVIEWER = StaffRole.REVIEWER


class OperatorCertificateOut(CertificateOut):
    account: str


class OperatorDetail(CertificateDetail):
    account: str


class ReviewOut(ApplicationOut):
    """An application that waits for a review, with what it says of its organisation."""

    certificate: str
    account: str
    level: str
    brand: str
    company: dict[str, str] | None = None
    contact: dict[str, str]


class RevocationReviewOut(RevocationOut):
    account: str
    domains: list[str]
    publicly_trusted: bool
    by_subscriber: bool
    window_closes_at: datetime | None = Field(None, description="Of the refund that waits for it.")
    overdue: bool


class RefuseIn(Body):
    reason: str = Field(max_length=1000, description="The customer reads it.")


class RefuseRevocationIn(RefuseIn):
    not_the_subscriber: bool = Field(
        False, description="The request is not the subscriber's; needed to refuse a publicly trusted one."
    )


class CauseIn(ConfirmIn):
    reason: RevocationReason = RevocationReason.PRIVILEGE_WITHDRAWN
    text: str = Field(max_length=1000, description="The customer reads it.")


def _operators(row: Certificate) -> dict[str, Any]:
    return {**certificate_out(row, Party.OPERATOR), "account": row.account.public_id}


def review_out(row: Application) -> dict[str, Any]:
    return {
        **application_out(row),
        "certificate": row.certificate.public_id,
        "account": row.certificate.account.public_id,
        "level": row.certificate.level,
        "brand": row.certificate.brand,
        "company": row.company,
        "contact": row.contact,
    }


def revocation_review_out(row: RevocationRequest, at: datetime) -> dict[str, Any]:
    certificate = row.certificate
    return {
        **revocation_out(row),
        "account": certificate.account.public_id,
        "domains": certificate.domains,
        "publicly_trusted": certificate.publicly_trusted,
        "by_subscriber": row.by_subscriber,
        "window_closes_at": None if row.window_closes_at == NEVER else row.window_closes_at,
        "overdue": row.decided_at is None and row.due_at <= at,
    }


@router.get(
    "/operator/certificates",
    auth=operator(),
    response=PageOut[OperatorCertificateOut],
    summary="Certificates of every account",
)
def search_certificates(
    request: ApiRequest, wanted: FilterQuery, paging: PageQuery, account: str = ""
) -> dict[str, object]:
    rows = queries.certificates(request.actor, off_the_list=True, **wanted.model_dump())
    if account:
        rows = rows.filter(account__public_id=account)
    return answer(rows, paging, sorts=SORTS, out=_operators)


@router.get(
    "/operator/certificates/{certificate}",
    auth=operator(),
    response=OperatorDetail,
    summary="One certificate",
)
def get_certificate(request: ApiRequest, certificate: str) -> dict[str, Any]:
    row = queries.for_detail(request.actor, certificate)
    return {**detail_out(row, Party.OPERATOR), "account": row.account.public_id}


@router.post(
    "/operator/certificates/{certificate}/revoke/prepare",
    auth=operator(REVIEWER),
    response=WarningOut,
    summary="What revoking for cause means",
)
@idempotent
def prepare_cause(request: ApiRequest, certificate: str) -> dict[str, Any]:
    found = queries.certificate(request.actor, certificate)
    return warning_out(cause.prepare_cause(request.actor, found, at=request.at))


@router.post(
    "/operator/certificates/{certificate}/revoke/confirm",
    auth=operator(REVIEWER),
    response=RevocationOut,
    summary="Revoke for cause, which cannot be undone",
)
@idempotent
def confirm_cause(request: ApiRequest, certificate: str, body: CauseIn) -> dict[str, Any]:
    found = queries.certificate(request.actor, certificate)
    request_row = cause.confirm_cause(
        request.actor, found, body.confirmation, reason=body.reason, text=body.text, at=request.at
    )
    return revocation_out(request_row)


@router.get(
    "/operator/reviews/applications",
    auth=operator(REVIEWER),
    response=PageOut[ReviewOut],
    summary="OV and EV applications that wait",
)
def list_applications(request: ApiRequest, paging: PageQuery) -> dict[str, object]:
    return answer(queries.applications_to_review(), paging, sorts=("submitted_at",), out=review_out)


@router.get(
    "/operator/reviews/applications/{application}",
    auth=operator(REVIEWER),
    response=ReviewOut,
    summary="One application",
)
def get_application(request: ApiRequest, application: str) -> dict[str, Any]:
    return review_out(queries.application(request.actor, application))


@router.post(
    "/operator/reviews/applications/{application}/approve",
    auth=operator(REVIEWER),
    response=ReviewOut,
    summary="Approve: the organisation is vetted",
)
@idempotent
def approve_application(request: ApiRequest, application: str) -> dict[str, Any]:
    found = queries.application(request.actor, application)
    return review_out(reviewing.approve_application(request.actor, found, at=request.at))


@router.post(
    "/operator/reviews/applications/{application}/refuse",
    auth=operator(REVIEWER),
    response=ReviewOut,
    summary="Refuse, with a reason",
)
@idempotent
def refuse_application(request: ApiRequest, application: str, body: RefuseIn) -> dict[str, Any]:
    found = queries.application(request.actor, application)
    refused = reviewing.refuse_application(request.actor, found, reason=body.reason, at=request.at)
    return review_out(refused)


@router.get(
    "/operator/reviews/revocations",
    auth=operator(REVIEWER),
    response=PageOut[RevocationReviewOut],
    summary="Revocations that wait, the most urgent first (D10)",
)
def list_revocations(request: ApiRequest, paging: PageQuery) -> dict[str, object]:
    return answer(
        queries.revocations_to_review(),
        paging,
        sorts=("queue_key",),
        out=lambda row: revocation_review_out(row, request.at),
    )


@router.get(
    "/operator/reviews/revocations/{revocation}",
    auth=operator(REVIEWER),
    response=RevocationReviewOut,
    summary="One request",
)
def get_revocation(request: ApiRequest, revocation: str) -> dict[str, Any]:
    return revocation_review_out(queries.revocation(request.actor, revocation), request.at)


@router.post(
    "/operator/reviews/revocations/{revocation}/approve",
    auth=operator(REVIEWER),
    response=RevocationReviewOut,
    summary="Approve: the CA revokes all of the year",
)
@idempotent
def approve_revocation(request: ApiRequest, revocation: str) -> dict[str, Any]:
    found = queries.revocation(request.actor, revocation)
    approved = revoking.approve_revocation(request.actor, found, at=request.at)
    return revocation_review_out(approved, request.at)


@router.post(
    "/operator/reviews/revocations/{revocation}/refuse",
    auth=operator(REVIEWER),
    response=RevocationReviewOut,
    summary="Refuse, with a reason",
)
@idempotent
def refuse_revocation(request: ApiRequest, revocation: str, body: RefuseRevocationIn) -> dict[str, Any]:
    found = queries.revocation(request.actor, revocation)
    refused = revoking.refuse_revocation(
        request.actor,
        found,
        reason=body.reason,
        not_the_subscriber=body.not_the_subscriber,
        at=request.at,
    )
    return revocation_review_out(refused, request.at)
