"""What is sold, at which prices, in which promotions; and the vouchers an account has."""

from datetime import datetime
from typing import Annotated

import ninja
from ninja import Query, Router
from pydantic import Field

from hanaper.apps.catalog import queries
from hanaper.apps.catalog.models import Product, Promotion, Voucher
from hanaper.apps.catalog.vocabulary import CertificateLevel, DomainKind
from hanaper.faces.rest.access import ApiRequest, anyone_signed_in, customer
from hanaper.faces.rest.paging import PageOut, PageQuery, answer

router = Router(tags=["catalogue"])


class ProductOut(ninja.Schema):
    code: str = Field(examples=["chancery-dv-single-1y"])
    name: str
    kind: str = Field(examples=["ssl_certificate"])
    brand: str | None = None
    level: CertificateLevel | None = None
    domain_kind: DomainKind | None = None
    years: int
    term_months: int | None = None
    publicly_trusted: bool
    needs_id_number: bool = Field(description="Whether the contact of an application needs an ID number.")
    grcq_included: int | None = None
    certificates_included: int | None = None
    is_active: bool
    prices: dict[str, int] = Field(description="Minor units by currency, tax included.")


class ProductFilter(ninja.Schema):
    kind: str = Field("", max_length=40)
    brand: str = Field("", max_length=60)
    level: CertificateLevel | None = None
    domain_kind: DomainKind | None = None
    years: int | None = Field(None, ge=1, le=3)
    publicly_trusted: bool | None = None
    search: str = Field("", max_length=100, description="In code or name.")


class PromotionOut(ninja.Schema):
    id: str
    name: str
    percent: int
    kinds: list[str] = Field(description="Kinds of products; empty: every one.")
    starts_at: datetime
    ends_at: datetime
    refundable: bool = Field(description="R2: what was bought in it follows its refund terms.")
    refund_days: int
    withdrawn_at: datetime | None = None


class VoucherOut(ninja.Schema):
    id: str
    account: str
    currency: str
    amount: int
    balance: int
    kinds: list[str] = Field(description="Kinds of products; empty: every one.")
    reason: str
    created_at: datetime
    expires_at: datetime
    withdrawn_at: datetime | None = None


def product_out(product: Product) -> ProductOut:
    return ProductOut(
        code=product.code,
        name=product.name,
        kind=product.kind,
        brand=product.brand or None,
        level=CertificateLevel(product.level) if product.level else None,
        domain_kind=DomainKind(product.domain_kind) if product.domain_kind else None,
        years=product.years,
        term_months=product.term_months or None,
        publicly_trusted=product.publicly_trusted,
        needs_id_number=product.needs_id_number,
        grcq_included=product.grcq_included or None,
        certificates_included=product.certificates_included or None,
        is_active=product.is_active,
        prices=queries.current_prices(product),
    )


def promotion_out(promotion: Promotion) -> PromotionOut:
    return PromotionOut(
        id=promotion.public_id,
        name=promotion.name,
        percent=promotion.percent,
        kinds=promotion.kinds,
        starts_at=promotion.starts_at,
        ends_at=promotion.ends_at,
        refundable=promotion.refundable,
        refund_days=promotion.refund_days,
        withdrawn_at=promotion.withdrawn_at,
    )


def voucher_out(voucher: Voucher) -> VoucherOut:
    return VoucherOut(
        id=voucher.public_id,
        account=voucher.account.public_id,
        currency=voucher.currency,
        amount=voucher.amount,
        balance=voucher.balance,
        kinds=voucher.kinds,
        reason=voucher.reason,
        created_at=voucher.created_at,
        expires_at=voucher.expires_at,
        withdrawn_at=voucher.withdrawn_at,
    )


@router.get(
    "/products",
    auth=anyone_signed_in(),
    response=PageOut[ProductOut],
    summary="What is sold, with today's prices",
)
def list_products(
    request: ApiRequest, filters: Annotated[ProductFilter, Query(...)], paging: PageQuery
) -> dict[str, object]:
    found = queries.products(
        kind=filters.kind,
        brand=filters.brand,
        level=filters.level or "",
        domain_kind=filters.domain_kind or "",
        years=filters.years,
        publicly_trusted=filters.publicly_trusted,
        search=filters.search,
    )
    return answer(queries.with_prices(found, request.at), paging, sorts=("code",), out=product_out)


@router.get(
    "/products/{code}",
    auth=anyone_signed_in(),
    response=ProductOut,
    summary="One product, sold or withdrawn",
)
def show_product(request: ApiRequest, code: str) -> ProductOut:
    return product_out(queries.product(code, request.at))


@router.get(
    "/promotions",
    auth=anyone_signed_in(),
    response=PageOut[PromotionOut],
    summary="Promotional events that run now, with their refund terms",
)
def list_promotions(request: ApiRequest, paging: PageQuery) -> dict[str, object]:
    return answer(queries.running_promotions(request.at), paging, sorts=("-id",), out=promotion_out)


@router.get(
    "/vouchers",
    auth=customer(),
    response=PageOut[VoucherOut],
    summary="The account's vouchers, and what is left of each",
)
def list_vouchers(request: ApiRequest, paging: PageQuery) -> dict[str, object]:
    return answer(queries.vouchers(request.actor), paging, sorts=("-id",), out=voucher_out)


@router.get(
    "/vouchers/{voucher}",
    auth=customer(),
    response=VoucherOut,
    summary="One voucher",
)
def show_voucher(request: ApiRequest, voucher: str) -> VoucherOut:
    return voucher_out(queries.voucher(request.actor, voucher))
