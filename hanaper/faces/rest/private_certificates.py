"""Certificates of private CAs: issue, list, download, renew, hold, release, revoke."""

import base64
from datetime import datetime
from typing import Annotated, Any

import ninja
from django.db.models import QuerySet
from django.http import StreamingHttpResponse
from ninja import Query, Router, Status
from pydantic import Field

from hanaper.apps.authority.chains import MOST
from hanaper.apps.certificates.queries import of_key
from hanaper.apps.private_ca import queries, services
from hanaper.apps.private_ca.inventory import inventory_csv
from hanaper.apps.private_ca.models.certificates import PrivateCertificate
from hanaper.apps.private_ca.services import KeyForm, Part
from hanaper.apps.private_ca.states import PrivateCertificateState
from hanaper.core.certificate.states import CertificateState
from hanaper.core.errors import Refusal
from hanaper.core.x509.algorithms import KeyAlgorithm
from hanaper.core.x509.crl import RevocationReason
from hanaper.faces.rest.access import ApiRequest, customer
from hanaper.faces.rest.body import Body
from hanaper.faces.rest.idempotency import idempotent
from hanaper.faces.rest.paging import PageOut, PageQuery, answer
from hanaper.faces.rest.private_cas import SubjectIn, subject_of
from hanaper.faces.rest.times import Moment

router = Router(tags=["private certificates"])
SORTS = ("-id", "not_after")
Csr = Annotated[str, Field(max_length=20_000)]
OneOf = Annotated[str, Field(max_length=2048)]


class NamesIn(Body):
    dns: list[OneOf] = Field([], max_length=100)
    ip: list[OneOf] = Field([], max_length=100)
    email: list[OneOf] = Field([], max_length=100)
    uri: list[OneOf] = Field([], max_length=100)


class IssueIn(Body):
    template: str = Field(
        max_length=40, description="server, client, email, code-signing, device, or your own."
    )
    subject: SubjectIn | None = Field(None, description="By default that of the CSR; {}: none, only names.")
    names: NamesIn | None = Field(None, description="By default those of the CSR.")
    csr: Csr | None = Field(None, description="PEM; without it a key is made here.")
    key_algorithm: KeyAlgorithm | None = Field(
        None, description="Of the key that is made here: ec-p256. Not together with a CSR."
    )
    days: int | None = Field(None, ge=1, description="By default those of the template.")


class PrivateRenewIn(Body):
    csr: Csr | None = Field(
        None, description="PEM. Without it a new key is made here if the one before was; else see key_here."
    )
    key_here: bool = Field(False, description="Make a new key here, also where the one before came by CSR.")
    days: int | None = Field(None, ge=1)


class PrivateRevokeIn(Body):
    reason: RevocationReason = RevocationReason.UNSPECIFIED
    same_key: bool = Field(
        False,
        description="With keyCompromise: revoke the account's other certificates of this key with it.",
    )


class PrivateKeyIn(Body):
    passphrase: str = Field(
        max_length=256, description="12 characters or more; the key comes encrypted only."
    )
    format: KeyForm = Field(
        KeyForm.PKCS8,
        description="jks is for what reads nothing else: it protects the key by SHA-1 only. Neither it nor "
        "pkcs12 holds ML-DSA keys.",
    )


class PrivateCertificateOut(ninja.Schema):
    id: str
    ca: str
    state: PrivateCertificateState
    template: str
    subject: dict[str, str]
    names: dict[str, list[str]]
    serial: str
    fingerprint: str = Field(description="SHA-256; empty until it is signed.")
    key_algorithm: KeyAlgorithm
    key_here: bool
    renews: str | None
    not_before: datetime
    not_after: datetime
    created_at: datetime
    revoked_at: datetime | None
    reason: str


class SameKeyOut(ninja.Schema):
    """Another certificate of the account, of the same key."""

    id: str
    ca: str
    state: PrivateCertificateState
    subject: dict[str, str]
    names: dict[str, list[str]]
    not_after: datetime
    problem: str | None = Field(None, description="Why it could not be revoked.")


class SslSameKeyOut(ninja.Schema):
    """An SSL certificate of the account, of the same key: it is revoked by its own two steps (R12)."""

    id: str
    state: CertificateState
    domains: list[str]


class PrivateRevokedOut(PrivateCertificateOut):
    ssl_same_key: list[SslSameKeyOut] = Field(
        description="SSL certificates of the compromised key, which are not revoked with it: POST"
        " /certificates/{id}/revoke/prepare, then confirm."
    )
    same_key: list[SameKeyOut] = Field(
        description="The account's other certificates of a compromised key that were good, as they are now."
    )


class PrivatePemOut(ninja.Schema):
    part: Part
    pem: str


class PrivateKeyOut(ninja.Schema):
    format: KeyForm
    content: str = Field(description="PEM, or the store in base64.")


class PrivateCertificateFilter(ninja.Schema):
    ca: str = Field("", max_length=40)
    state: PrivateCertificateState | None = None
    template: str = Field("", max_length=40)
    search: str = Field(
        "", max_length=300, description="The beginning of any part of a name; a serial number; a fingerprint."
    )
    expiring_before: Moment | None = None


def file_of(kind: str) -> dict[str, Any]:
    """How an operation that answers with a file describes it."""
    schema = {"type": "string"} if kind == "text/csv" else {"type": "string", "format": "binary"}
    return {"responses": {200: {"description": "OK", "content": {kind: {"schema": schema}}}}}


def certificate_out(certificate: PrivateCertificate) -> dict[str, Any]:
    return {
        "id": certificate.public_id,
        "ca": certificate.ca.public_id,
        "state": certificate.state,
        "template": certificate.template,
        "subject": certificate.subject,
        "names": certificate.names,
        "serial": certificate.serial,
        "fingerprint": certificate.fingerprint,
        "key_algorithm": certificate.key_algorithm,
        "key_here": certificate.key_id is not None,
        "renews": certificate.renews.public_id if certificate.renews else None,
        "not_before": certificate.not_before,
        "not_after": certificate.not_after,
        "created_at": certificate.created_at,
        "revoked_at": certificate.revoked_at,
        "reason": certificate.reason,
    }


@router.post(
    "/private-cas/{ca}/certificates",
    auth=customer(),
    response={201: PrivateCertificateOut},
    summary="Issue a certificate",
)
@idempotent
def issue(request: ApiRequest, ca: str, body: IssueIn) -> Status[dict[str, Any]]:
    wanted = services.Request(
        template=body.template,
        subject=subject_of(body.subject) if body.subject else None,
        names=body.names.model_dump() if body.names else None,
        csr=body.csr,
        key_algorithm=body.key_algorithm,
        days=body.days,
    )
    found = queries.private_ca(request.actor, ca)
    return Status(201, certificate_out(services.issue(request.actor, found, wanted, at=request.at)))


@router.get(
    "/private-certificates",
    auth=customer(),
    response=PageOut[PrivateCertificateOut],
    summary="What the account's private CAs issued",
)
def list_certificates(
    request: ApiRequest, filters: Annotated[PrivateCertificateFilter, Query(...)], paging: PageQuery
) -> dict[str, object]:
    found = _filtered(request, filters, by_end="not_after" in (paging.sort or ""))
    return answer(found.select_related("renews"), paging, sorts=SORTS, out=certificate_out)


@router.get(
    "/private-certificates.csv",
    auth=customer(),
    summary="The same as CSV, for spreadsheets",
    openapi_extra=file_of("text/csv"),
)
def export_certificates(
    request: ApiRequest, filters: Annotated[PrivateCertificateFilter, Query(...)]
) -> StreamingHttpResponse:
    return StreamingHttpResponse(
        inventory_csv(_filtered(request, filters)),
        content_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": 'attachment; filename="private-certificates.csv"'},
    )


def _filtered(
    request: ApiRequest, filters: PrivateCertificateFilter, *, by_end: bool = False
) -> QuerySet[PrivateCertificate]:
    return queries.certificates(
        request.actor,
        ca=queries.private_ca(request.actor, filters.ca) if filters.ca else None,
        state=filters.state or "",
        template=filters.template,
        search=filters.search,
        expiring_before=filters.expiring_before,
        at=request.at if by_end or filters.expiring_before else None,
    )


@router.get(
    "/private-certificates/{certificate}",
    auth=customer(),
    response=PrivateCertificateOut,
    summary="One private certificate",
)
def show_certificate(request: ApiRequest, certificate: str) -> dict[str, Any]:
    return certificate_out(queries.certificate(request.actor, certificate))


@router.get(
    "/private-certificates/{certificate}/download",
    auth=customer(),
    response=PrivatePemOut,
    summary="Leaf, chain, both, or the root, as PEM",
)
def download(
    request: ApiRequest,
    certificate: str,
    part: Part = Part.FULL_CHAIN,
    chain: Annotated[int, Query(ge=0, le=MOST, description="Which way to a root; 0 is its own.")] = 0,
) -> dict[str, Any]:
    found = queries.certificate(request.actor, certificate)
    return {"part": part, "pem": services.download(found, part, chain=chain, at=request.at)}


@router.post(
    "/private-certificates/{certificate}/key",
    auth=customer(),
    response=PrivateKeyOut,
    summary="The private key that was made here, encrypted",
)
@idempotent(store_body=False)
def export_key(request: ApiRequest, certificate: str, body: PrivateKeyIn) -> dict[str, Any]:
    found = queries.certificate(request.actor, certificate)
    content = services.export_key(
        request.actor, found, passphrase=body.passphrase, form=body.format, at=request.at
    )
    text = content if body.format is KeyForm.PKCS8 else base64.b64encode(content)
    return {"format": body.format, "content": text.decode()}


@router.post(
    "/private-certificates/{certificate}/renew",
    auth=customer(),
    response={201: PrivateCertificateOut},
    summary="Issue another one with the same names",
)
@idempotent
def renew(request: ApiRequest, certificate: str, body: PrivateRenewIn) -> Status[dict[str, Any]]:
    found = queries.certificate(request.actor, certificate)
    made = services.renew(
        request.actor, found, csr=body.csr, key_here=body.key_here, days=body.days, at=request.at
    )
    return Status(201, certificate_out(made))


@router.post(
    "/private-certificates/{certificate}/hold",
    auth=customer(),
    response=PrivateCertificateOut,
    summary="Put it on the list until it is released",
)
@idempotent
def hold(request: ApiRequest, certificate: str) -> dict[str, Any]:
    found = queries.certificate(request.actor, certificate)
    return certificate_out(services.hold(request.actor, found, at=request.at))


@router.post(
    "/private-certificates/{certificate}/release",
    auth=customer(),
    response=PrivateCertificateOut,
    summary="Take it off the list again",
)
@idempotent
def release(request: ApiRequest, certificate: str) -> dict[str, Any]:
    found = queries.certificate(request.actor, certificate)
    return certificate_out(services.release(request.actor, found, at=request.at))


@router.get(
    "/private-certificates/{certificate}/same-key",
    auth=customer(),
    response=list[SameKeyOut],
    summary="The account's other good certificates of its key: whoever has it can use them all",
)
def same_key(request: ApiRequest, certificate: str) -> list[dict[str, Any]]:
    found = queries.certificate(request.actor, certificate)
    return [_same_key_out(one) for one in queries.with_same_key(found, at=request.at)]


@router.get(
    "/private-certificates/{certificate}/same-key/ssl",
    auth=customer(),
    response=list[SslSameKeyOut],
    summary="The account's SSL certificates of its key, each revoked by its own two steps (R12)",
)
def ssl_same_key(request: ApiRequest, certificate: str) -> list[dict[str, Any]]:
    return _ssl_out(request, queries.certificate(request.actor, certificate))


@router.post(
    "/private-certificates/{certificate}/revoke",
    auth=customer(),
    response=PrivateRevokedOut,
    summary="Revoke it for good",
)
@idempotent
def revoke(request: ApiRequest, certificate: str, body: PrivateRevokeIn) -> dict[str, Any]:
    found = queries.certificate(request.actor, certificate)
    revoked = services.revoke_with_key(
        request.actor, found, body.reason, same_key=body.same_key, at=request.at
    )
    others = [_same_key_out(one, revoked.problems.get(one.public_id)) for one in revoked.same_key]
    compromised = body.reason is RevocationReason.KEY_COMPROMISE
    ssl = _ssl_out(request, found) if compromised else []
    return {**certificate_out(revoked.certificate), "same_key": others, "ssl_same_key": ssl}


def _ssl_out(request: ApiRequest, certificate: PrivateCertificate) -> list[dict[str, Any]]:
    found = of_key(request.actor, certificate.account_id, certificate.key_fingerprint)
    return [{"id": one.public_id, "state": one.state, "domains": one.domains} for one in found]


def _same_key_out(certificate: PrivateCertificate, problem: Refusal | None = None) -> dict[str, Any]:
    return {
        "id": certificate.public_id,
        "ca": certificate.ca.public_id,
        "state": certificate.state,
        "subject": certificate.subject,
        "names": certificate.names,
        "not_after": certificate.not_after,
        "problem": None if problem is None else problem.message,
    }
