"""SSL certificates that are issued: renew, reissue, download, with the key that was made here."""

import base64
from typing import Any

import ninja
from ninja import Router, Status
from pydantic import Field

from hanaper.apps.certificates import queries
from hanaper.apps.certificates.services import (
    downloading,
    reissuing,
    renewing,
)
from hanaper.apps.certificates.services.downloading import Part
from hanaper.core.errors import NotFound
from hanaper.faces.rest.access import ApiRequest, customer
from hanaper.faces.rest.body import Body
from hanaper.faces.rest.idempotency import idempotent
from hanaper.faces.rest.schemas.certificates import (
    ApplicationOut,
    application_out,
)

router = Router(tags=["certificates"])


class RenewIn(Body):
    years: int = Field(1, ge=1, le=3)
    currency: str | None = Field(None, max_length=3, description="By default that of the order before.")
    vouchers: list[str] = Field([], max_length=50)
    coupon: str = Field("", max_length=40)
    promotion: str = Field("", max_length=60)


class RenewOut(ninja.Schema):
    order: str
    origin: str = Field(description="early_renewal cannot be refunded by self-service (R14).")
    state: str
    currency: str
    total: int
    money: int = Field(description="What is to be paid.")


class ReissueIn(Body):
    csr: str | None = Field(None, max_length=20_000)
    key_algorithm: str | None = Field(None, max_length=20)


class PemOut(ninja.Schema):
    part: Part
    name: str
    serial: str | None = None
    pem: str


class KeyIn(Body):
    passphrase: str | None = Field(
        None, max_length=300, description="Without one the key comes in clear, which happens once."
    )
    format: str = Field("pem", pattern="^(pem|pkcs12)$")


class KeyOut(ninja.Schema):
    name: str
    media_type: str
    content_base64: str
    pem: str | None = Field(None, description="The same as text, unless it is PKCS #12.")


@router.post(
    "/certificates/{certificate}/renew",
    auth=customer(),
    response={201: RenewOut},
    summary="Place a renewal order",
)
@idempotent
def renew(request: ApiRequest, certificate: str, body: RenewIn) -> Status[dict[str, Any]]:
    found = queries.certificate(request.actor, certificate)
    order = renewing.renew(
        request.actor,
        found,
        years=body.years,
        currency=body.currency,
        voucher_ids=body.vouchers,
        coupon_code=body.coupon,
        promotion_id=body.promotion,
        at=request.at,
    )
    return Status(
        201,
        {
            "order": order.public_id,
            "origin": order.origin,
            "state": order.state,
            "currency": order.currency,
            "total": order.total,
            "money": order.money,
        },
    )


@router.post(
    "/certificates/{certificate}/reissue",
    auth=customer(),
    response=ApplicationOut,
    summary="Reissue with a new key; costs no quota",
)
@idempotent
def reissue(request: ApiRequest, certificate: str, body: ReissueIn) -> dict[str, Any]:
    found = queries.certificate(request.actor, certificate)
    application = reissuing.reissue(
        request.actor, found, csr=body.csr, key_algorithm=body.key_algorithm, at=request.at
    )
    return application_out(application)


@router.get(
    "/certificates/{certificate}/download",
    auth=customer(),
    response=PemOut,
    summary="Leaf, chain or both, as PEM",
)
def download(
    request: ApiRequest, certificate: str, part: Part = Part.FULL_CHAIN, serial: str | None = None
) -> dict[str, Any]:
    found = queries.certificate(request.actor, certificate)
    issuance = None
    if serial is not None:
        issuance = queries.issuance(found, serial)
        if issuance is None:
            raise NotFound(
                "This certificate has no X.509 certificate with that serial number.", code="serial_not_found"
            )
    pem = downloading.download(found, part, issuance)
    name = downloading.file_name(found)
    shown = issuance or found.current
    return {"part": part, "name": f"{name}.pem", "serial": shown.serial if shown else None, "pem": pem}


@router.post(
    "/certificates/{certificate}/key",
    auth=customer(),
    response=KeyOut,
    summary="The private key, if it was generated here",
)
@idempotent(store_body=False)
def download_key(request: ApiRequest, certificate: str, body: KeyIn) -> dict[str, Any]:
    found = queries.certificate(request.actor, certificate)
    key = downloading.download_key(
        request.actor,
        found,
        passphrase=body.passphrase,
        as_pkcs12=body.format == "pkcs12",
        at=request.at,
    )
    return {
        "name": key.name,
        "media_type": key.media_type,
        "content_base64": base64.b64encode(key.content).decode(),
        "pem": None if body.format == "pkcs12" else key.content.decode(),
    }
