"""Promotional events: a percentage off, and refund terms of their own (R2, D16)."""

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction

from hanaper.apps.audit.services import record
from hanaper.apps.audit.vocabulary import AuditAction
from hanaper.apps.catalog.models import Promotion
from hanaper.apps.catalog.services import fields
from hanaper.core.actor import Actor, StaffRole
from hanaper.core.errors import Refusal
from hanaper.storage.walls import require_staff


def create_promotion(
    actor: Actor,
    *,
    name: str,
    percent: int,
    starts_at: datetime,
    ends_at: datetime,
    refundable: bool,
    refund_days: int,
    kinds: Sequence[str] = (),
    at: datetime,
) -> Promotion:
    """`refund_days` replace the seven of the policy. Its terms never change: orders rest on them."""
    require_staff(actor, StaffRole.ADMINISTRATOR)
    fields.window(starts_at, ends_at, at)
    with transaction.atomic():
        promotion = Promotion.objects.create(
            name=fields.text(name, "name", 200),
            percent=fields.number(percent, "percent", 0, 100),
            kinds=fields.kinds(kinds),
            starts_at=starts_at,
            ends_at=ends_at,
            refundable=refundable,
            refund_days=fields.number(refund_days, "refund_days", 0, 366),
            created_at=at,
        )
        record(
            actor,
            AuditAction.PROMOTION_CREATED,
            promotion.public_id,
            at=at,
            after={
                "name": promotion.name,
                "percent": percent,
                "starts_at": starts_at.isoformat(),
                "ends_at": ends_at.isoformat(),
                "refundable": refundable,
                "refund_days": refund_days,
            },
        )
    return promotion


def withdraw_promotion(actor: Actor, promotion: Promotion, *, at: datetime) -> Promotion:
    """Nobody can buy in it any more; orders that were placed in it keep its terms (D9)."""
    require_staff(actor, StaffRole.ADMINISTRATOR)
    with transaction.atomic():
        if Promotion.objects.filter(pk=promotion.pk, withdrawn_at=None).update(withdrawn_at=at) != 1:
            raise Refusal("This promotion was withdrawn already.", code="promotion_withdrawn")
        record(actor, AuditAction.PROMOTION_WITHDRAWN, promotion.public_id, at=at)
    promotion.refresh_from_db()
    return promotion
