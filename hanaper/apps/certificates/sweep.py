"""Certificates' due work: whatever is due and not done, from both clocks. Safe to run twice and at once."""

import itertools
from datetime import datetime
from typing import Any

from django.db.models import QuerySet

from hanaper.apps.certificates.models.applications import DomainCheck
from hanaper.apps.certificates.models.certificates import Certificate
from hanaper.apps.certificates.models.issuing import IssuerOrder
from hanaper.apps.certificates.models.revocations import RevocationRequest
from hanaper.apps.certificates.services import (
    checking,
    ending_soon,
    issuing,
    reissuing,
    revocation_pursuit,
    years,
)
from hanaper.storage.sweeping import each, round_ends
from hanaper.storage.wake import Pursuit

MOST = 200  # of one sort in one round


def sweep(at: datetime, system_at: datetime) -> int:
    """Find what is due and do it; how many things were looked at."""
    until = round_ends()

    def pursue_all(look: Pursuit, rows: QuerySet[Any], column: str = "due_at") -> int:
        due = rows.filter(**{f"{column}__lte": system_at}).order_by(column).values_list("pk", flat=True)
        return each(due[:MOST], lambda pk: look(pk, at, system_at), until=until)

    done = years.alert_of_overdue(at) + years.reorder_queue(at)
    done += each(years.to_expire(at)[:MOST], lambda pk: years.expire(pk, at))
    done += ending_soon.warn(at, MOST)
    done += pursue_all(revocation_pursuit.pursue_revocation, RevocationRequest.objects.all(), "next_at")
    done += pursue_all(issuing.pursue_issuer_order, IssuerOrder.objects.all())
    done += _look_at_domains(at, system_at, until)
    done += each(years.to_activate(at)[:MOST], lambda pk: years.activate(pk, at))
    done += each(_to_reissue(at, system_at), lambda pk: reissuing.reissue_when_due(pk, at, system_at))
    return done


def _look_at_domains(at: datetime, system_at: datetime, until: float) -> int:
    due = DomainCheck.objects.filter(due_at__lte=system_at).order_by("due_at")
    pks = list(due.values_list("pk", flat=True)[:MOST])
    batches = itertools.batched(pks, checking.SIDE_BY_SIDE)
    return each(batches, lambda batch: checking.pursue_checks(batch, at, system_at), until=until)


def _to_reissue(at: datetime, system_at: datetime) -> list[int]:
    rows = Certificate.objects.filter(reissue_due_at__lte=at, auto_reissue=True)
    rows = rows.exclude(retry_at__gt=system_at)
    return list(rows.order_by("reissue_due_at").values_list("pk", flat=True)[:MOST])
