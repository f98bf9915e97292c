"""Telling an account that the term of a private CA ends: 60, 30, 14, 7 and 1 days before, each once."""

from datetime import datetime

from django.db import transaction

from hanaper.apps.events.services import Draft, emit_many
from hanaper.apps.events.vocabulary import EventKind
from hanaper.apps.private_ca.models.cas import PrivateCA
from hanaper.apps.private_ca.states import PrivateCaState
from hanaper.core.ending_soon import due_warning, next_warning
from hanaper.core.refund.canonical import write_moment

TOLD = (PrivateCaState.NOT_ENABLED, PrivateCaState.ENABLED)


def warn(at: datetime, most: int) -> int:
    """Tell of those that are due, in one transaction; how many were looked at. After a jump of the clock over
    several warnings only the last of them is told."""
    due = list(PrivateCA.objects.filter(warn_at__lte=at).order_by("warn_at", "pk")[:most])
    if not due:
        return 0
    with transaction.atomic():
        emit_many([_draft(ca, days, at) for ca in due if ca.state in TOLD and (days := _due(ca, at))])
        for ca in due:
            # Who moved its end meanwhile has set this anew.
            PrivateCA.objects.filter(pk=ca.pk, warn_at=ca.warn_at).update(
                warn_at=next_warning(ca.term_ends_at, at)
            )
    return len(due)


def _due(ca: PrivateCA, at: datetime) -> int | None:
    return due_warning(ca.term_ends_at, at)


def _draft(ca: PrivateCA, days: int, at: datetime) -> Draft:
    ends = write_moment(ca.term_ends_at)
    return Draft(
        EventKind.PRIVATE_CA_EXPIRING,
        account_id=ca.account_id,
        subject=ca.public_id,
        at=at,
        dedupe=f"{ca.public_id}:{ends}:{days}",
        data={"name": ca.name or ca.public_id, "term_ends_at": ends, "days": days},
    )
