"""Telling an account that the term of an instance with a domain ends: 30, 7 and 1 days before, each once."""

from datetime import datetime

from django.db import transaction

from hanaper.apps.events.services import Draft, emit_many
from hanaper.apps.events.vocabulary import EventKind
from hanaper.apps.gateway.locks import WITH_DOMAIN
from hanaper.apps.gateway.models import GatewayInstance
from hanaper.core.ending_soon import due_warning, next_warning
from hanaper.core.refund.canonical import write_moment

WARNED_DAYS = (30, 7, 1)


def first_warning(ends: datetime, at: datetime) -> datetime | None:
    """When to tell of the end of a term that begins at `at`."""
    return next_warning(ends, at, WARNED_DAYS)


def warn_of_ends(at: datetime, most: int) -> int:
    """Tell of those that are due, in one transaction; how many were looked at. After a jump of the clock over
    several warnings only the last of them is told."""
    rows = GatewayInstance.objects.filter(warn_at__lte=at).order_by("warn_at", "pk")
    due = list(rows[:most])
    if not due:
        return 0
    with transaction.atomic():
        emit_many([_draft(one, days, at) for one in due if _told(one) and (days := _due(one, at))])
        for one in due:
            rows.filter(pk=one.pk).update(warn_at=next_warning(one.term_ends_at, at, WARNED_DAYS))
    return len(due)


def _told(instance: GatewayInstance) -> bool:
    """Something stops being served."""
    return instance.state in WITH_DOMAIN and instance.resetting_since is None


def _due(instance: GatewayInstance, at: datetime) -> int | None:
    return due_warning(instance.term_ends_at, at, WARNED_DAYS)


def _draft(instance: GatewayInstance, days: int, at: datetime) -> Draft:
    ends = write_moment(instance.term_ends_at)
    return Draft(
        EventKind.GATEWAY_EXPIRING,
        account_id=instance.account_id,
        subject=instance.public_id,
        at=at,
        dedupe=f"{instance.public_id}:{ends}:{days}",
        data={"domain": instance.domain, "term_ends_at": ends, "days": days},
    )
