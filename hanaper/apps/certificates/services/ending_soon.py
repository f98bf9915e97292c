"""Telling an account that a service year ends: 60, 30, 14, 7 and 1 days before, each once."""

from collections import defaultdict
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Exists, F, OuterRef

from hanaper.apps.certificates.models.certificates import Certificate
from hanaper.apps.certificates.services.telling import draft
from hanaper.apps.events.services import emit_many
from hanaper.apps.events.vocabulary import EventKind
from hanaper.core.certificate.states import CertificateState
from hanaper.core.ending_soon import due_warning, next_days

# The year after it is there already, or begins by itself: there is nothing to renew.
_PROVIDED_FOR = (CertificateState.ISSUED, CertificateState.NOT_ACTIVATED)


def warn(at: datetime, most: int) -> int:
    """Tell of those that are due, all in one transaction; how many were looked at.

    After a jump of the clock over several warnings only the last of them is told.
    """
    following = Certificate.objects.filter(follows=OuterRef("pk"), state__in=_PROVIDED_FOR)
    rows = Certificate.objects.filter(warn_at__lte=at).annotate(followed=Exists(following))
    due = list(rows.order_by("warn_at", "pk")[:most])
    if not due:
        return 0
    next_ones: dict[int | None, list[int]] = defaultdict(list)
    for certificate in due:
        next_ones[next_days(certificate.term_end, at)].append(certificate.pk)
    drafts = [
        draft(
            EventKind.CERTIFICATE_EXPIRING,
            one,
            one.account_id,
            at,
            f"{one.public_id}:{days}",
            {"term_end": one.term_end, "days": days},
        )
        for one in due
        if one.state == CertificateState.ISSUED
        and not one.followed
        and (days := due_warning(one.term_end, at))
    ]
    with transaction.atomic():
        emit_many(drafts)
        for days, pks in next_ones.items():
            behind = None if days is None else F("term_end") - timedelta(days=days)
            # Who moved its end meanwhile has set this anew.
            Certificate.objects.filter(pk__in=pks, warn_at__lte=at).update(warn_at=behind)
    return len(due)
