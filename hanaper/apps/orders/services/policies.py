"""Publishing refund policies: which one binds the orders placed after (D9, D17)."""

from datetime import datetime

from django.db import transaction

from hanaper.apps.audit.services import record
from hanaper.apps.audit.vocabulary import AuditAction
from hanaper.apps.events.services import emit
from hanaper.apps.events.vocabulary import EventKind
from hanaper.apps.orders.models import PublishedPolicy
from hanaper.core.actor import Actor, StaffRole
from hanaper.core.errors import InvalidInput, Refusal
from hanaper.core.refund.canonical import write_moment
from hanaper.core.refund.policy import SHIPPED_POLICIES
from hanaper.storage.walls import require_staff


def publish_policy(actor: Actor, *, name: str, holds_from: datetime, at: datetime) -> PublishedPolicy:
    """Orders placed at `holds_from` or later are bound by the policy `name`; never orders placed before."""
    require_staff(actor, StaffRole.ADMINISTRATOR)
    if name not in SHIPPED_POLICIES:
        known = ", ".join(SHIPPED_POLICIES)
        raise InvalidInput(
            f"There is no policy {name!r}; there are {known}.", field="name", code="unknown_policy"
        )
    if holds_from < at:
        raise InvalidInput(
            "A policy holds from now on or later: orders keep the policy they were placed under.",
            field="holds_from",
            code="policy_in_the_past",
            clause="D17",
        )
    with transaction.atomic():
        published, created = PublishedPolicy.objects.get_or_create(
            holds_from=holds_from,
            defaults={"name": name, "published_at": at, "published_by_id": actor.user_id},
        )
        if not created:
            raise Refusal(
                f"The policy {published.name} was published to hold from this very moment.",
                code="policy_published",
                field="holds_from",
            )
        told = {"name": name, "holds_from": write_moment(holds_from)}
        record(actor, AuditAction.POLICY_PUBLISHED, name, at=at, after=told)
        emit(
            EventKind.POLICY_PUBLISHED,
            account_id=None,
            subject=name,
            at=at,
            dedupe=f"policy.published:{write_moment(holds_from)}",
            data=told,
        )
    return published
