"""Coupons: codes that take a percentage or an amount off."""

import re
from collections.abc import Sequence
from datetime import datetime

from django.db import transaction

from hanaper.apps.audit.services import record
from hanaper.apps.audit.vocabulary import AuditAction
from hanaper.apps.catalog.models import Coupon
from hanaper.apps.catalog.services import fields
from hanaper.core.actor import Actor, StaffRole
from hanaper.core.errors import InvalidInput, Refusal
from hanaper.core.money import require_currency
from hanaper.storage.walls import require_staff

_is_code = re.compile(r"[A-Z0-9][A-Z0-9-]{2,39}", re.ASCII).fullmatch
MOST_USES = 1_000_000_000


def create_coupon(
    actor: Actor,
    *,
    code: str,
    percent: int | None = None,
    amount: int | None = None,
    currency: str = "",
    minimum: int = 0,
    kinds: Sequence[str] = (),
    starts_at: datetime,
    ends_at: datetime,
    uses_allowed: int | None = None,
    uses_per_account: int | None = None,
    at: datetime,
) -> Coupon:
    """A coupon of `percent` or of `amount`, for orders of at least `minimum`; both are in `currency`."""
    require_staff(actor, StaffRole.ADMINISTRATOR)
    code = code.strip().upper()
    if not _is_code(code):
        raise InvalidInput(
            "code must be letters, digits and hyphens, 3 to 40 of them.", field="code", code="bad_code"
        )
    if (percent is None) == (amount is None):
        raise InvalidInput("Give either percent or amount.", field="percent", code="percent_or_amount")
    if percent is not None:
        fields.number(percent, "percent", 1, 100)
    if amount is not None:
        fields.amount(amount)
    fields.amount(minimum, "minimum", least=0)
    if currency or amount is not None or minimum:
        require_currency(currency)
    for field, uses in (("uses_allowed", uses_allowed), ("uses_per_account", uses_per_account)):
        if uses is not None:
            fields.number(uses, field, 1, MOST_USES)
    fields.window(starts_at, ends_at, at)
    with transaction.atomic():
        if Coupon.objects.filter(code__iexact=code).exists():
            raise Refusal(f"There is a coupon {code} already.", code="coupon_exists", field="code")
        coupon = Coupon.objects.create(
            code=code,
            percent=percent,
            amount=amount,
            currency=currency,
            minimum=minimum,
            kinds=fields.kinds(kinds),
            starts_at=starts_at,
            ends_at=ends_at,
            uses_allowed=uses_allowed,
            uses_per_account=uses_per_account,
            created_at=at,
        )
        record(
            actor,
            AuditAction.COUPON_CREATED,
            coupon.public_id,
            at=at,
            after={
                "code": code,
                "percent": percent,
                "amount": amount,
                "currency": currency,
                "starts_at": starts_at.isoformat(),
                "ends_at": ends_at.isoformat(),
            },
        )
    return coupon


def withdraw_coupon(actor: Actor, coupon: Coupon, *, at: datetime) -> Coupon:
    """It can no longer be used; orders that were placed with it keep it."""
    require_staff(actor, StaffRole.ADMINISTRATOR)
    with transaction.atomic():
        if Coupon.objects.filter(pk=coupon.pk, withdrawn_at=None).update(withdrawn_at=at) != 1:
            raise Refusal("This coupon was withdrawn already.", code="coupon_withdrawn")
        record(actor, AuditAction.COUPON_WITHDRAWN, coupon.public_id, at=at)
    coupon.refresh_from_db()
    return coupon
