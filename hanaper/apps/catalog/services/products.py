"""Products and their prices."""

import re
from collections.abc import Mapping
from datetime import datetime

from django.db import transaction

from hanaper.apps.audit.services import record
from hanaper.apps.audit.vocabulary import AuditAction
from hanaper.apps.catalog.models import Price, Product
from hanaper.apps.catalog.services import fields
from hanaper.apps.catalog.vocabulary import PRIVATE_CAS, CertificateLevel, DomainKind, ProductKind
from hanaper.core.actor import Actor, StaffRole
from hanaper.core.errors import InvalidInput, Refusal
from hanaper.core.money import require_currency
from hanaper.storage.walls import require_staff

_is_code = re.compile(r"[a-z0-9][a-z0-9-]{1,63}", re.ASCII).fullmatch

# The columns that only some kinds have, with what the others have instead.
_ONLY_CERTIFICATES = {"level": "", "domain_kind": "", "needs_id_number": False, "publicly_trusted": False}


def create_product(
    actor: Actor,
    *,
    code: str,
    name: str,
    kind: str,
    brand: str = "",
    level: str = "",
    domain_kind: str = "",
    years: int = 1,
    term_months: int = 0,
    publicly_trusted: bool = False,
    needs_id_number: bool = False,
    grcq_included: int = 0,
    certificates_included: int = 0,
    at: datetime,
) -> Product:
    """A new product, without prices yet. What was sold once never changes, so its code is never reused."""
    require_staff(actor, StaffRole.ADMINISTRATOR)
    if not _is_code(code):
        raise InvalidInput(
            "code must be lower case letters, digits and hyphens, at most 64.", field="code", code="bad_code"
        )
    columns: dict[str, object] = {
        "name": fields.text(name, "name", 200),
        "kind": fields.kind(kind),
        "brand": brand.strip()[:60],
        "level": level,
        "domain_kind": domain_kind,
        "years": fields.number(years, "years", 1, 3),
        "term_months": fields.number(term_months, "term_months", 0, 120),
        "publicly_trusted": publicly_trusted,
        "needs_id_number": needs_id_number,
        "grcq_included": fields.number(grcq_included, "grcq_included", 0, 2**31 - 1),
        "certificates_included": fields.number(certificates_included, "certificates_included", 0, 2**31 - 1),
    }
    _check_kind(kind, columns)
    with transaction.atomic():
        product, created = Product.objects.get_or_create(code=code, defaults=columns)
        if not created:
            raise Refusal(f"There is a product {code!r} already.", code="product_exists", field="code")
        record(actor, AuditAction.PRODUCT_CREATED, code, at=at, after=columns)
    return product


def update_product(
    actor: Actor, product: Product, *, name: str | None = None, is_active: bool | None = None, at: datetime
) -> Product:
    """Rename it, withdraw it or sell it again; everything else is what orders were placed for."""
    require_staff(actor, StaffRole.ADMINISTRATOR)
    changes: dict[str, object] = {}
    if name is not None:
        changes["name"] = fields.text(name, "name", 200)
    if is_active is not None:
        changes["is_active"] = is_active
    before = {column: getattr(product, column) for column in changes}
    changes = {column: value for column, value in changes.items() if before[column] != value}
    if changes:
        with transaction.atomic():
            Product.objects.filter(pk=product.pk).update(**changes)
            withdrawn = changes.get("is_active") is False
            action = AuditAction.PRODUCT_WITHDRAWN if withdrawn else AuditAction.PRODUCT_UPDATED
            before = {column: before[column] for column in changes}
            record(actor, action, product.code, at=at, before=before, after=changes)
    product.refresh_from_db()
    return product


def withdraw_product(actor: Actor, product: Product, *, at: datetime) -> Product:
    """It is no longer sold; what was ordered is not touched."""
    return update_product(actor, product, is_active=False, at=at)


def set_price(
    actor: Actor, product: Product, *, currency: str, amount: int | None, valid_from: datetime, at: datetime
) -> Price:
    """What it costs from `valid_from` on, tax included; without an amount it is no longer sold in `currency`.

    Never in the past: orders were placed at the prices that held then.
    """
    require_staff(actor, StaffRole.ADMINISTRATOR)
    require_currency(currency)
    if amount is not None:
        fields.amount(amount)
    if valid_from < at:
        raise InvalidInput(
            "A price holds from now on or later.", field="valid_from", code="price_in_the_past"
        )
    with transaction.atomic():
        price, created = Price.objects.get_or_create(
            product=product, currency=currency, valid_from=valid_from, defaults={"amount": amount}
        )
        if not created:
            raise Refusal(
                f"{product.code} has a price in {currency} from this very moment.",
                code="price_exists",
                field="valid_from",
                next_steps=["Choose another moment: a price never changes, a later one supersedes it."],
            )
        record(
            actor,
            AuditAction.PRICE_SET,
            product.code,
            at=at,
            after={"currency": currency, "amount": amount, "valid_from": valid_from.isoformat()},
        )
    return price


def _check_kind(kind: str, columns: Mapping[str, object]) -> None:
    """Every kind has the columns it needs, and no others."""
    if kind == ProductKind.SSL_CERTIFICATE:
        for field, choices in (("level", CertificateLevel), ("domain_kind", DomainKind)):
            if columns[field] not in set(choices):
                words = ", ".join(choices)
                raise InvalidInput(f"It must be one of {words}.", field=field, code=f"bad_{field}")
        if not columns["brand"]:
            raise InvalidInput("A certificate has a brand.", field="brand", code="brand_missing")
    else:
        for field, empty in _ONLY_CERTIFICATES.items():
            if columns[field] != empty:
                raise InvalidInput(
                    "Only certificates have this: leave it out.", field=field, code="not_of_this_kind"
                )
        if columns["years"] != 1:
            raise InvalidInput(
                "Only certificates come in years: give the term in months.",
                field="years",
                code="not_of_this_kind",
            )
    gateway = kind == ProductKind.HTTPS_GATEWAY
    if gateway != (columns["grcq_included"] != 0):
        raise InvalidInput(
            "A gateway, and nothing else, includes GRCQ quota.", field="grcq_included", code="bad_grcq"
        )
    private_ca = kind in PRIVATE_CAS
    if private_ca != (columns["certificates_included"] != 0):
        raise InvalidInput(
            "A private CA, and nothing else, includes certificates.",
            field="certificates_included",
            code="bad_certificates_included",
        )
    if (gateway or private_ca) and not columns["term_months"]:
        raise InvalidInput("A gateway or private CA has a term.", field="term_months", code="term_missing")
