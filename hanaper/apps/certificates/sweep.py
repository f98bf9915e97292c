"""Certificates' due work: whatever is due and not done, from both clocks. Safe to run twice and at once."""

import time
from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Any

from django.db.models import QuerySet

from hanaper.apps.certificates.models import Certificate, DomainCheck, IssuerOrder, RevocationRequest
from hanaper.apps.certificates.services import (
    checking,
    issuing,
    reissuing,
    revocation_pursuit,
    years,
)
from hanaper.storage.logs import logger
from hanaper.storage.wake import Pursuit

log = logger(__name__)

# Looking outside takes seconds; the rest waits for the next round, two seconds later.
SECONDS = 10.0
MOST = 200  # of one sort in one round


def sweep(at: datetime, system_at: datetime) -> int:
    """Find what is due and do it; how many things were looked at."""
    until = time.monotonic() + SECONDS

    def pursue_all(look: Pursuit, rows: QuerySet[Any], column: str = "due_at") -> int:
        due = rows.filter(**{f"{column}__lte": system_at}).order_by(column)
        return _pursue(look, due.values_list("pk", flat=True)[:MOST], at, system_at, until)

    done = years.alert_of_overdue(at) + years.reorder_queue(at)
    done += _each(years.to_expire(at)[:MOST], lambda pk: years.expire(pk, at))
    done += _each(years.to_warn(at)[:MOST], lambda pk: years.warn_of_end(pk, at))
    done += pursue_all(revocation_pursuit.pursue_revocation, RevocationRequest.objects.all(), "next_at")
    done += pursue_all(issuing.pursue_issuer_order, IssuerOrder.objects.all())
    done += _look_at_domains(at, system_at, until)
    done += _each(years.to_activate(at)[:MOST], lambda pk: years.activate(pk, at))
    done += _each(_to_reissue(at, system_at), lambda pk: reissuing.reissue_when_due(pk, at, system_at))
    return done


def _look_at_domains(at: datetime, system_at: datetime, until: float) -> int:
    due = DomainCheck.objects.filter(due_at__lte=system_at).order_by("due_at")
    pks = list(due.values_list("pk", flat=True)[:MOST])
    looked = 0
    for start in range(0, len(pks), checking.SIDE_BY_SIDE):
        if time.monotonic() > until:
            break
        batch = pks[start : start + checking.SIDE_BY_SIDE]
        try:
            checking.pursue_checks(batch, at, system_at)
        except Exception:
            log.exception("certificate_work_failed", work="checks", pks=batch)
            continue
        looked += len(batch)
    return looked


def _to_reissue(at: datetime, system_at: datetime) -> list[int]:
    rows = Certificate.objects.filter(reissue_due_at__lte=at, auto_reissue=True)
    rows = rows.exclude(retry_at__gt=system_at)
    return list(rows.order_by("reissue_due_at").values_list("pk", flat=True)[:MOST])


def _pursue(look: Pursuit, pks: Iterable[int], at: datetime, system_at: datetime, until: float) -> int:
    def work(pk: int) -> bool:
        look(pk, at, system_at)
        return True

    looked = 0
    for pk in list(pks):
        if time.monotonic() > until:
            break
        looked += _each([pk], work)
    return looked


def _each(pks: Iterable[int], work: Callable[[int], bool]) -> int:
    """One that breaks stops no other; it is due again after its lease."""
    done = 0
    for pk in pks:
        try:
            done += bool(work(pk))
        except Exception:
            log.exception("certificate_work_failed", work=getattr(work, "__name__", "?"), pk=pk)
    return done
