"""For operators: products, prices, promotions and coupons (administrators), vouchers (finance)."""

from datetime import datetime
from typing import Annotated

import ninja
from ninja import Query, Router, Status
from pydantic import Field

from hanaper.apps.catalog import queries, services
from hanaper.apps.catalog.models import Coupon, Price
from hanaper.apps.catalog.vocabulary import CertificateLevel, DomainKind
from hanaper.core.actor import StaffRole
from hanaper.core.money import MAX_AMOUNT
from hanaper.faces.rest.access import ApiRequest, operator
from hanaper.faces.rest.body import Body
from hanaper.faces.rest.catalogue import (
    ProductFilter,
    ProductOut,
    PromotionOut,
    VoucherOut,
    product_out,
    promotion_out,
    voucher_out,
)
from hanaper.faces.rest.idempotency import idempotent
from hanaper.faces.rest.paging import PageOut, PageQuery, answer
from hanaper.faces.rest.times import Moment

router = Router(tags=["operators: catalogue"])

MOST_KINDS = 50
Kinds = Annotated[list[Annotated[str, Field(max_length=40)]], Field(max_length=MOST_KINDS)]


class ProductIn(Body):
    code: str = Field(max_length=64)
    name: str = Field(max_length=200)
    kind: str = Field(max_length=40)
    brand: str = Field("", max_length=60)
    level: CertificateLevel | None = None
    domain_kind: DomainKind | None = None
    years: int = 1
    term_months: int = 0
    publicly_trusted: bool = False
    needs_id_number: bool = False
    grcq_included: int = 0
    certificates_included: int = 0


class ProductChange(Body):
    name: str | None = Field(None, max_length=200)
    is_active: bool | None = Field(None, description="False withdraws it from sale.")


class PriceIn(Body):
    currency: str = Field(max_length=3)
    amount: int | None = Field(ge=1, le=MAX_AMOUNT, description="Null: no longer sold in this currency.")
    valid_from: Moment | None = Field(None, description="By default now.")


class PriceOut(ninja.Schema):
    currency: str
    amount: int | None
    valid_from: datetime


class VoucherIn(Body):
    account: str = Field(max_length=40)
    currency: str = Field(max_length=3)
    amount: int
    expires_at: Moment
    reason: str = Field(max_length=300)
    kinds: Kinds = []


class CouponIn(Body):
    code: str = Field(max_length=40)
    percent: int | None = None
    amount: int | None = None
    currency: str = Field("", max_length=3, description="Of amount and minimum.")
    minimum: int = Field(0, description="Of the order, after the promotion.")
    kinds: Kinds = []
    starts_at: Moment
    ends_at: Moment
    uses_allowed: int | None = None
    uses_per_account: int | None = None


class CouponOut(ninja.Schema):
    id: str
    code: str
    percent: int | None
    amount: int | None
    currency: str | None
    minimum: int
    kinds: list[str]
    starts_at: datetime
    ends_at: datetime
    uses_allowed: int | None
    uses_per_account: int | None
    uses_taken: int
    withdrawn_at: datetime | None


class PromotionIn(Body):
    name: str = Field(max_length=200)
    percent: int
    starts_at: Moment
    ends_at: Moment
    refundable: bool
    refund_days: int = Field(description="Replaces seven (D16).")
    kinds: Kinds = []


def price_out(price: Price) -> PriceOut:
    return PriceOut(currency=price.currency, amount=price.amount, valid_from=price.valid_from)


def coupon_out(coupon: Coupon) -> CouponOut:
    return CouponOut(
        id=coupon.public_id,
        code=coupon.code,
        percent=coupon.percent,
        amount=coupon.amount,
        currency=coupon.currency or None,
        minimum=coupon.minimum,
        kinds=coupon.kinds,
        starts_at=coupon.starts_at,
        ends_at=coupon.ends_at,
        uses_allowed=coupon.uses_allowed,
        uses_per_account=coupon.uses_per_account,
        uses_taken=coupon.uses_taken,
        withdrawn_at=coupon.withdrawn_at,
    )


@router.get(
    "/operator/products",
    auth=operator(StaffRole.ADMINISTRATOR),
    response=PageOut[ProductOut],
    summary="Every product, withdrawn ones too",
)
def list_products(
    request: ApiRequest, filters: Annotated[ProductFilter, Query(...)], paging: PageQuery
) -> dict[str, object]:
    found = queries.products(
        kind=filters.kind, brand=filters.brand, search=filters.search, include_withdrawn=True
    )
    return answer(queries.with_prices(found, request.at), paging, sorts=("code",), out=product_out)


@router.post(
    "/operator/products",
    auth=operator(StaffRole.ADMINISTRATOR),
    response={201: ProductOut},
    summary="Create a product, without prices yet",
)
@idempotent
def create_product(request: ApiRequest, body: ProductIn) -> Status[ProductOut]:
    columns = {**body.dict(), "level": body.level or "", "domain_kind": body.domain_kind or ""}
    return Status(201, product_out(services.create_product(request.actor, **columns, at=request.at)))


@router.patch(
    "/operator/products/{code}",
    auth=operator(StaffRole.ADMINISTRATOR),
    response=ProductOut,
    summary="Rename a product, withdraw it, or sell it again",
)
@idempotent
def update_product(request: ApiRequest, code: str, body: ProductChange) -> ProductOut:
    product = queries.product(code, request.at)
    return product_out(
        services.update_product(
            request.actor, product, name=body.name, is_active=body.is_active, at=request.at
        )
    )


@router.get(
    "/operator/products/{code}/prices",
    auth=operator(StaffRole.ADMINISTRATOR),
    response=PageOut[PriceOut],
    summary="Its prices, past and to come",
)
def list_prices(request: ApiRequest, code: str, paging: PageQuery) -> dict[str, object]:
    found = queries.price_history(request.actor, queries.product(code))
    return answer(found, paging, sorts=("-id",), out=price_out)


@router.post(
    "/operator/products/{code}/prices",
    auth=operator(StaffRole.ADMINISTRATOR),
    response={201: PriceOut},
    summary="Set what it costs from a moment on",
    description="A price never changes: a later one supersedes it. Orders keep their price.",
)
@idempotent
def set_price(request: ApiRequest, code: str, body: PriceIn) -> Status[PriceOut]:
    price = services.set_price(
        request.actor,
        queries.product(code),
        currency=body.currency,
        amount=body.amount,
        valid_from=body.valid_from or request.at,
        at=request.at,
    )
    return Status(201, price_out(price))


@router.get(
    "/operator/vouchers",
    auth=operator(StaffRole.FINANCE),
    response=PageOut[VoucherOut],
    summary="Every account's vouchers",
)
def list_vouchers(request: ApiRequest, paging: PageQuery) -> dict[str, object]:
    return answer(queries.vouchers(request.actor), paging, sorts=("-id",), out=voucher_out)


@router.post(
    "/operator/vouchers",
    auth=operator(StaffRole.FINANCE),
    response={201: VoucherOut},
    summary="Give an account a voucher",
)
@idempotent
def create_voucher(request: ApiRequest, body: VoucherIn) -> Status[VoucherOut]:
    account = queries.account(request.actor, body.account)
    columns = {**body.dict(), "account": account}
    return Status(201, voucher_out(services.create_voucher(request.actor, **columns, at=request.at)))


@router.post(
    "/operator/vouchers/{voucher}/withdraw",
    auth=operator(StaffRole.FINANCE),
    response=VoucherOut,
    summary="Let nobody spend what is left of it",
)
@idempotent
def withdraw_voucher(request: ApiRequest, voucher: str) -> VoucherOut:
    found = queries.voucher(request.actor, voucher)
    return voucher_out(services.withdraw_voucher(request.actor, found, at=request.at))


@router.get(
    "/operator/coupons",
    auth=operator(StaffRole.ADMINISTRATOR),
    response=PageOut[CouponOut],
    summary="Every coupon",
)
def list_coupons(request: ApiRequest, paging: PageQuery) -> dict[str, object]:
    return answer(queries.coupons(request.actor), paging, sorts=("-id",), out=coupon_out)


@router.post(
    "/operator/coupons",
    auth=operator(StaffRole.ADMINISTRATOR),
    response={201: CouponOut},
    summary="Create a coupon",
)
@idempotent
def create_coupon(request: ApiRequest, body: CouponIn) -> Status[CouponOut]:
    return Status(201, coupon_out(services.create_coupon(request.actor, **body.dict(), at=request.at)))


@router.post(
    "/operator/coupons/{coupon}/withdraw",
    auth=operator(StaffRole.ADMINISTRATOR),
    response=CouponOut,
    summary="Let nobody use it any more",
)
@idempotent
def withdraw_coupon(request: ApiRequest, coupon: str) -> CouponOut:
    found = queries.coupon(request.actor, coupon)
    return coupon_out(services.withdraw_coupon(request.actor, found, at=request.at))


@router.get(
    "/operator/promotions",
    auth=operator(StaffRole.ADMINISTRATOR),
    response=PageOut[PromotionOut],
    summary="Every promotional event",
)
def list_promotions(request: ApiRequest, paging: PageQuery) -> dict[str, object]:
    return answer(queries.promotions(request.actor), paging, sorts=("-id",), out=promotion_out)


@router.post(
    "/operator/promotions",
    auth=operator(StaffRole.ADMINISTRATOR),
    response={201: PromotionOut},
    summary="Create a promotional event with its refund terms",
)
@idempotent
def create_promotion(request: ApiRequest, body: PromotionIn) -> Status[PromotionOut]:
    made = services.create_promotion(request.actor, **body.dict(), at=request.at)
    return Status(201, promotion_out(made))


@router.post(
    "/operator/promotions/{promotion}/withdraw",
    auth=operator(StaffRole.ADMINISTRATOR),
    response=PromotionOut,
    summary="Let nobody buy in it any more",
)
@idempotent
def withdraw_promotion(request: ApiRequest, promotion: str) -> PromotionOut:
    found = queries.promotion(request.actor, promotion)
    return promotion_out(services.withdraw_promotion(request.actor, found, at=request.at))
