"""SSL certificates for customers: create, combine, apply, follow, cancel, revoke."""

from typing import Annotated, Any

import ninja
from ninja import Query, Router, Status
from pydantic import Field

from hanaper.apps.certificates import queries
from hanaper.apps.certificates.models.certificates import Certificate
from hanaper.apps.certificates.services import (
    applying,
    checking,
    combining,
    creating,
    reissuing,
    revoking,
    withdrawing,
)
from hanaper.apps.certificates.vocabulary import RevocationReason
from hanaper.faces.rest.access import ApiRequest, customer
from hanaper.faces.rest.body import Body
from hanaper.faces.rest.idempotency import idempotent
from hanaper.faces.rest.paging import PageOut, PageQuery, answer
from hanaper.faces.rest.schemas.certificates import (
    CertificateDetail,
    CertificateOut,
    FormIn,
    RevocationOut,
    WarningOut,
    certificate_out,
    detail_out,
    revocation_out,
    warning_out,
)
from hanaper.faces.rest.times import Moment

router = Router(tags=["certificates"])

SORTS = ("-id", "term_end")
CERTIFICATE = CertificateDetail


class CertificateFilter(ninja.Schema):
    search: str = Field(
        "", max_length=253, description="The beginning of any part of a name; a serial number."
    )
    state: str = Field("", max_length=300, description="One state, or several by commas.")
    brand: str = Field("", max_length=60)
    order: str = Field("", max_length=60)
    expiring_before: Moment | None = None


FilterQuery = Annotated[CertificateFilter, Query(...)]


class CreateIn(Body):
    order: str = Field(max_length=60, description="Whose quota is used.")
    line: str | None = Field(None, max_length=60, description="Needed if several lines have quota left.")
    form: FormIn | None = Field(None, description="A beginning of the application form; not judged yet.")


class SettingsIn(Body):
    auto_reissue: bool


class ConfirmIn(Body):
    confirmation: str = Field(max_length=1000, description="From prepare.")


class RevokeIn(ConfirmIn):
    reason: RevocationReason = RevocationReason.UNSPECIFIED
    text: str = Field("", max_length=1000)


class CombineIn(Body):
    certificates: list[str] = Field(min_length=1, max_length=20)


class CombineConfirmIn(CombineIn):
    confirmation: str = Field(max_length=1000)


class CombineOut(WarningOut):
    kind: str = Field(description="What comes of it.")
    bars_refund: bool = Field(description="R9, D4: for every order that gave quota, for good.")


def _detail(request: ApiRequest, certificate: Certificate) -> dict[str, Any]:
    return detail_out(queries.for_detail(request.actor, certificate.public_id))


@router.get(
    "/certificates",
    auth=customer(),
    response=PageOut[CertificateOut],
    summary="Your certificates",
)
def list_certificates(request: ApiRequest, wanted: FilterQuery, paging: PageQuery) -> dict[str, object]:
    rows = queries.certificates(request.actor, **wanted.model_dump())
    return answer(rows, paging, sorts=SORTS, out=certificate_out)


@router.post(
    "/certificates",
    auth=customer(),
    response={201: CertificateDetail},
    summary="Take one quota of an order",
)
@idempotent
def create_certificate(request: ApiRequest, body: CreateIn) -> Status[dict[str, Any]]:
    order = queries.order_for(request.actor, body.order)
    line = creating.line_of(order, body.line)
    form = body.form.given() if body.form else None
    made = creating.create(request.actor, line, form=form, at=request.at)
    return Status(201, _detail(request, made))


@router.post(
    "/certificates/combine/prepare",
    auth=customer(),
    response=CombineOut,
    summary="What combining would make, and end",
)
@idempotent
def prepare_combination(request: ApiRequest, body: CombineIn) -> dict[str, Any]:
    chosen = [queries.certificate(request.actor, one) for one in body.certificates]
    kind, warned = combining.prepare_combination(request.actor, chosen, at=request.at)
    bars = kind in combining.BARS_REFUND
    return {**warning_out(warned), "kind": kind.value, "bars_refund": bars}


@router.post(
    "/certificates/combine/confirm",
    auth=customer(),
    response={201: CertificateDetail},
    summary="Combine several applications into one",
)
@idempotent
def confirm_combination(request: ApiRequest, body: CombineConfirmIn) -> Status[dict[str, Any]]:
    chosen = [queries.certificate(request.actor, one) for one in body.certificates]
    made = combining.confirm_combination(request.actor, chosen, body.confirmation, at=request.at)
    return Status(201, _detail(request, made))


@router.get(
    "/certificates/{certificate}",
    auth=customer(),
    response=CERTIFICATE,
    summary="One certificate with everything about it",
)
def get_certificate(request: ApiRequest, certificate: str) -> dict[str, Any]:
    return detail_out(queries.for_detail(request.actor, certificate))


@router.patch(
    "/certificates/{certificate}", auth=customer(), response=CERTIFICATE, summary="Change its settings"
)
@idempotent
def change_settings(request: ApiRequest, certificate: str, body: SettingsIn) -> dict[str, Any]:
    found = queries.certificate(request.actor, certificate)
    reissuing.set_auto_reissue(request.actor, found, body.auto_reissue, at=request.at)
    return _detail(request, found)


@router.put(
    "/certificates/{certificate}/form",
    auth=customer(),
    response=CERTIFICATE,
    summary="Save the form (Modify, or a draft)",
)
@idempotent
def save_form(request: ApiRequest, certificate: str, body: FormIn) -> dict[str, Any]:
    found = queries.certificate(request.actor, certificate)
    return _detail(request, applying.save_form(request.actor, found, form=body.given(), at=request.at))


@router.post(
    "/certificates/{certificate}/apply",
    auth=customer(),
    response=CERTIFICATE,
    summary="Apply; after a failure: Submit",
)
@idempotent
def apply(request: ApiRequest, certificate: str, body: FormIn) -> dict[str, Any]:
    found = queries.certificate(request.actor, certificate)
    return _detail(request, applying.submit(request.actor, found, form=body.given(), at=request.at))


@router.post(
    "/certificates/{certificate}/recheck",
    auth=customer(),
    response=CERTIFICATE,
    summary="Check the domains now",
)
@idempotent
def recheck(request: ApiRequest, certificate: str) -> dict[str, Any]:
    found = queries.certificate(request.actor, certificate)
    return _detail(request, checking.recheck(request.actor, found, at=request.at))


@router.post(
    "/certificates/{certificate}/withdraw",
    auth=customer(),
    response=CERTIFICATE,
    summary="Withdraw the application",
)
@idempotent
def withdraw(request: ApiRequest, certificate: str) -> dict[str, Any]:
    found = queries.certificate(request.actor, certificate)
    return _detail(request, withdrawing.withdraw(request.actor, found, at=request.at))


@router.post(
    "/certificates/{certificate}/cancel-apply",
    auth=customer(),
    response=CERTIFICATE,
    summary="Cancel Apply: off the list, quota restored",
)
@idempotent
def cancel_apply(request: ApiRequest, certificate: str) -> dict[str, Any]:
    found = queries.certificate(request.actor, certificate)
    return _detail(request, withdrawing.cancel_apply(request.actor, found, at=request.at))


@router.post(
    "/certificates/{certificate}/cancel/prepare",
    auth=customer(),
    response=WarningOut,
    summary="What cancelling a year that is not activated means",
)
@idempotent
def prepare_cancel(request: ApiRequest, certificate: str) -> dict[str, Any]:
    found = queries.certificate(request.actor, certificate)
    return warning_out(revoking.prepare_cancel(request.actor, found, at=request.at))


@router.post(
    "/certificates/{certificate}/cancel/confirm",
    auth=customer(),
    response=CERTIFICATE,
    summary="Cancel a year that is not activated, for good",
)
@idempotent
def confirm_cancel(request: ApiRequest, certificate: str, body: ConfirmIn) -> dict[str, Any]:
    found = queries.certificate(request.actor, certificate)
    cancelled = revoking.confirm_cancel(request.actor, found, body.confirmation, at=request.at)
    return _detail(request, cancelled)


@router.post(
    "/certificates/{certificate}/revoke/prepare",
    auth=customer(),
    response=WarningOut,
    summary="The warning before revoking (R12)",
)
@idempotent
def prepare_revocation(request: ApiRequest, certificate: str) -> dict[str, Any]:
    found = queries.certificate(request.actor, certificate)
    return warning_out(revoking.prepare_revocation(request.actor, found, at=request.at))


@router.post(
    "/certificates/{certificate}/revoke/confirm",
    auth=customer(),
    response=RevocationOut,
    summary="Ask for its revocation, which cannot be undone",
)
@idempotent
def confirm_revocation(request: ApiRequest, certificate: str, body: RevokeIn) -> dict[str, Any]:
    found = queries.certificate(request.actor, certificate)
    asked = revoking.confirm_revocation(
        request.actor, found, body.confirmation, reason=body.reason, text=body.text, at=request.at
    )
    return revocation_out(asked)
