"""Private CAs over the years: renewed, cross-signed, signed elsewhere, revoked; their keys and chains."""

from datetime import datetime
from typing import Annotated, Any

import ninja
from ninja import Router, Status
from pydantic import Field

from hanaper.apps.authority.models import CaCertificateKind
from hanaper.apps.orders import queries as orders
from hanaper.apps.private_ca import queries, services
from hanaper.apps.private_ca.generations import Certified, ca_certificates, generations
from hanaper.apps.private_ca.models.cas import CaGeneration
from hanaper.apps.private_ca.settings import LONGEST_YEARS
from hanaper.core.actor import StaffRole
from hanaper.core.x509.algorithms import KeyAlgorithm
from hanaper.core.x509.crl import RevocationReason
from hanaper.core.x509.outside import MAX_PEM_BYTES
from hanaper.faces.rest.access import ApiRequest, customer, operator
from hanaper.faces.rest.body import Body
from hanaper.faces.rest.idempotency import idempotent
from hanaper.faces.rest.private_cas import CaSettingsIn, PrivateCaOut, ca_out, settings_of
from hanaper.faces.rest.schemas.orders import OrderOut, order_out

router = Router(tags=["private CAs"])
Id = Annotated[str, Field(max_length=40)]


class RenewCaIn(Body):
    new_key: bool = Field(description="The key before it answers for what it issued until that has ended.")
    years: int | None = Field(None, ge=1, le=LONGEST_YEARS, description="10 for a root, 5 below it.")
    algorithm: KeyAlgorithm | None = Field(None, description="Of a new key; that of the one before it.")


class RenewSubscriptionIn(Body):
    currency: str | None = Field(None, max_length=3, description="By default that of the order before.")
    vouchers: list[Id] = Field([], max_length=100)
    coupon: str | None = Field(None, max_length=40)
    promotion: str | None = Field(None, max_length=40)


class CrossSignIn(Body):
    by: Id = Field(description="Another root CA of the account.")


class OutsideRenewIn(Body):
    new_key: bool
    algorithm: KeyAlgorithm | None = None


class SignedIn(Body):
    chain: str = Field(
        max_length=MAX_PEM_BYTES, description="PEM: the signed certificate and those above it up to the root."
    )


class RevocationIn(Body):
    certificate: Id = Field(
        "", description="A link, a cross-sign or an earlier certificate, to revoke that alone."
    )


class ConfirmRevocationIn(Body):
    reason: RevocationReason
    confirmation: str = Field(max_length=1000, description="From prepare.")
    certificate: Id = ""


class RevocationWarningOut(ninja.Schema):
    text: str
    ca_certificates: list[str] = Field(description="Its own that come on a list, those of earlier keys too.")
    certificates: int = Field(description="Valid ones that it issued: they are trusted no more.")
    confirmation: str


class RequestOut(ninja.Schema):
    csr: str = Field(description="PEM, for whoever signs it.")


class GenerationOut(ninja.Schema):
    authority: str
    algorithm: KeyAlgorithm
    issuing: bool
    not_before: datetime
    not_after: datetime
    crl: str
    certificate: str
    began_at: datetime
    retired_at: datetime | None = Field(description="Another key took over.")
    revoked_at: datetime | None = Field(description="For cause.")
    reason: str
    ended_at: datetime | None = Field(description="Its key is destroyed.")


class CaCertificatesOut(ninja.Schema):
    id: str
    kind: CaCertificateKind = Field(description="own, link (by another key of the same root) or cross.")
    authority: str
    issued_by: str | None = Field(description="A private CA; null: one that is not here.")
    serial: str
    not_before: datetime
    not_after: datetime
    revoked_at: datetime | None
    reason: str


class GenerationsOut(ninja.Schema):
    generations: list[GenerationOut]
    certificates: list[CaCertificatesOut]


class WaysOut(ninja.Schema):
    chains: list[str] = Field(description="PEM of each way up to a root, its own first.")


def _generation(one: CaGeneration) -> dict[str, Any]:
    authority = one.authority
    return {
        "authority": authority.public_id,
        "algorithm": authority.algorithm,
        "issuing": authority.issuing,
        "not_before": authority.not_before,
        "not_after": authority.not_after,
        "crl": authority.crl_address,
        "certificate": authority.certificate_address,
        "began_at": one.began_at,
        "retired_at": one.retired_at,
        "revoked_at": one.revoked_at,
        "reason": one.reason,
        "ended_at": authority.ended_at,
    }


def certificate_out(one: Certified) -> dict[str, Any]:
    row = one.row
    return {
        "id": row.public_id,
        "kind": row.kind,
        "authority": row.authority.public_id,
        "issued_by": one.by.public_id if one.by else None,
        "serial": row.serial,
        "not_before": row.not_before,
        "not_after": row.not_after,
        "revoked_at": row.revoked_at,
        "reason": row.reason,
    }


def renewal_of(body: RenewCaIn) -> services.Renewal:
    return services.Renewal(body.new_key, body.years, body.algorithm)


@router.get(
    "/private-cas/{ca}/generations",
    auth=customer(),
    response=GenerationsOut,
    summary="Every key that it had, and every certificate of them",
)
def show_generations(request: ApiRequest, ca: str) -> dict[str, Any]:
    found = queries.private_ca(request.actor, ca)
    return {
        "generations": [_generation(one) for one in generations(found)],
        "certificates": [certificate_out(one) for one in ca_certificates(found)],
    }


@router.get(
    "/private-cas/{ca}/chains",
    auth=customer(),
    response=WaysOut,
    summary="Every way up to a root: its own, over links, over cross-signs",
)
def show_ways(request: ApiRequest, ca: str) -> dict[str, Any]:
    found = queries.private_ca(request.actor, ca)
    return {"chains": [services.to_pem(way) for way in services.chains_of_ca(found, request.at)]}


@router.post(
    "/private-cas/{ca}/renew",
    auth=customer(),
    response=PrivateCaOut,
    summary="A new certificate, with the same key or a new one",
)
@idempotent
def renew_ca(request: ApiRequest, ca: str, body: RenewCaIn) -> dict[str, Any]:
    found = queries.private_ca(request.actor, ca)
    services.renew_ca(request.actor, found, renewal_of(body), at=request.at)
    return ca_out(queries.private_ca(request.actor, ca))


@router.post(
    "/private-cas/{ca}/renew-subscription",
    auth=customer(),
    response={201: OrderOut},
    summary="An order that prolongs the term, within its last 30 days (R14)",
)
@idempotent
def renew_subscription(request: ApiRequest, ca: str, body: RenewSubscriptionIn) -> Status[OrderOut]:
    made = services.renew_subscription(
        request.actor,
        queries.private_ca(request.actor, ca),
        currency=body.currency,
        voucher_ids=body.vouchers,
        coupon_code=body.coupon or "",
        promotion_id=body.promotion or "",
        at=request.at,
    )
    return Status(201, order_out(orders.order(request.actor, made.public_id)))


@router.post(
    "/private-cas/{ca}/cross-signs",
    auth=customer(),
    response={201: CaCertificatesOut},
    summary="Another root of the account certifies its key",
)
@idempotent
def cross_sign(request: ApiRequest, ca: str, body: CrossSignIn) -> Status[dict[str, Any]]:
    found = queries.private_ca(request.actor, ca)
    by = queries.private_ca(request.actor, body.by)
    row = services.cross_sign(request.actor, found, by, at=request.at)
    return Status(201, certificate_out(Certified(row, by)))


@router.post(
    "/private-cas/{ca}/outside",
    auth=customer(),
    response=PrivateCaOut,
    summary="Make its key and a request, to be signed by a CA that is not here",
)
@idempotent
def begin_outside(request: ApiRequest, ca: str, body: CaSettingsIn) -> dict[str, Any]:
    found = queries.private_ca(request.actor, ca)
    services.begin_outside(request.actor, found, settings_of(body), at=request.at)
    return ca_out(queries.private_ca(request.actor, ca))


@router.post(
    "/private-cas/{ca}/outside/renew",
    auth=customer(),
    response=PrivateCaOut,
    summary="A request for another certificate of a CA that was signed elsewhere",
)
@idempotent
def renew_outside(request: ApiRequest, ca: str, body: OutsideRenewIn) -> dict[str, Any]:
    found = queries.private_ca(request.actor, ca)
    services.renew_outside(
        request.actor, found, new_key=body.new_key, algorithm=body.algorithm, at=request.at
    )
    return ca_out(queries.private_ca(request.actor, ca))


@router.get(
    "/private-cas/{ca}/outside/request",
    auth=customer(),
    response=RequestOut,
    summary="The request (CSR)",
)
def show_request(request: ApiRequest, ca: str) -> dict[str, Any]:
    return {"csr": services.request_pem(queries.private_ca(request.actor, ca))}


@router.post(
    "/private-cas/{ca}/outside/complete",
    auth=customer(),
    response=PrivateCaOut,
    summary="Bring the signed certificate; from then on it is enabled (R17)",
)
@idempotent
def complete_outside(request: ApiRequest, ca: str, body: SignedIn) -> dict[str, Any]:
    found = queries.private_ca(request.actor, ca)
    services.complete_outside(request.actor, found, body.chain, at=request.at)
    return ca_out(queries.private_ca(request.actor, ca))


@router.post(
    "/private-cas/{ca}/outside/withdraw",
    auth=customer(),
    response=PrivateCaOut,
    summary="Give the request up; the key that was made for it is destroyed",
)
@idempotent
def withdraw_outside(request: ApiRequest, ca: str) -> dict[str, Any]:
    services.withdraw_outside(request.actor, queries.private_ca(request.actor, ca), at=request.at)
    return ca_out(queries.private_ca(request.actor, ca))


@router.post(
    "/operator/private-cas/{ca}/revocation/prepare",
    auth=operator(StaffRole.ADMINISTRATOR),
    response=RevocationWarningOut,
    summary="As the customer's; for cause",
    tags=["operators"],
)
@idempotent
def prepare_revocation_for_cause(request: ApiRequest, ca: str, body: RevocationIn) -> dict[str, Any]:
    return _warning(request, ca, body)


@router.post(
    "/operator/private-cas/{ca}/revocation/confirm",
    auth=operator(StaffRole.ADMINISTRATOR),
    response=PrivateCaOut,
    summary="Revoke it for cause",
    tags=["operators"],
)
@idempotent
def confirm_revocation_for_cause(request: ApiRequest, ca: str, body: ConfirmRevocationIn) -> dict[str, Any]:
    return _revoked(request, ca, body)


@router.post(
    "/private-cas/{ca}/revocation/prepare",
    auth=customer(),
    response=RevocationWarningOut,
    summary="What revoking the CA, or one of its certificates, means",
)
@idempotent
def prepare_revocation(request: ApiRequest, ca: str, body: RevocationIn) -> dict[str, Any]:
    return _warning(request, ca, body)


def _warning(request: ApiRequest, ca: str, body: RevocationIn) -> dict[str, Any]:
    found = queries.private_ca(request.actor, ca)
    warned = services.prepare_revocation(request.actor, found, certificate=body.certificate)
    return {
        "text": warned.text,
        "ca_certificates": warned.ca_certificates,
        "certificates": warned.certificates,
        "confirmation": warned.token,
    }


@router.post(
    "/private-cas/{ca}/revocation/confirm",
    auth=customer(),
    response=PrivateCaOut,
    summary="Revoke it: what it issued is trusted no more",
)
@idempotent
def confirm_revocation(request: ApiRequest, ca: str, body: ConfirmRevocationIn) -> dict[str, Any]:
    return _revoked(request, ca, body)


def _revoked(request: ApiRequest, ca: str, body: ConfirmRevocationIn) -> dict[str, Any]:
    services.revoke_ca(
        request.actor,
        queries.private_ca(request.actor, ca),
        body.reason,
        confirmation=body.confirmation,
        certificate=body.certificate,
        at=request.at,
    )
    return ca_out(queries.private_ca(request.actor, ca))
