"""Limits of what ACME clients may ask for; a process counts in its memory, failures are counted in rows."""

import math
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any

from django.conf import settings
from django.db.models import QuerySet

from hanaper.apps.acme.models import AcmeAccount, Authorization, ExternalKey
from hanaper.core.acme.identifiers import Identifier
from hanaper.core.acme.problems import AcmeProblem, ProblemType
from hanaper.storage.composed import composed
from hanaper.storage.limits import TokenBuckets

HOUR = timedelta(hours=1)


@lru_cache
def _buckets(what: str, per_hour: int) -> TokenBuckets:  # noqa: ARG001 - one for each kind of thing
    return TokenBuckets(max(1, per_hour // 60), burst=per_hour)


def count_account(key: ExternalKey) -> None:
    _take("accounts", settings.ACME_ACCOUNTS_PER_HOUR, key.public_id, "New accounts for this key")


def count_order(account: AcmeAccount) -> None:
    _take("orders", settings.ACME_ORDERS_PER_HOUR, account.public_id, "New orders of this account")


def refuse_after_failures(account: AcmeAccount, identifiers: list[Identifier], system_at: datetime) -> None:
    """So many checks of one name failed within an hour that somebody should look at it first."""
    for one in identifiers:
        failed = _failed.all(account.pk, one.kind, one.base, system_at - HOUR)
        if len(failed) >= settings.ACME_FAILURES_PER_HOUR:
            first = failed[-settings.ACME_FAILURES_PER_HOUR]
            wait = (first + HOUR - system_at).total_seconds() if first else 60
            raise _limited(f"Too many failed checks of {one.base} within an hour.", wait)


@composed
def _failed(account_pk: int, kind: str, value: str, since: datetime) -> QuerySet[Authorization, Any]:
    """When, the oldest first."""
    rows = Authorization.objects.filter(acme_account=account_pk, kind=kind, value=value, failed_at__gt=since)
    return rows.order_by("failed_at").values_list("failed_at", flat=True)


def forget() -> None:
    """For tests."""
    _buckets.cache_clear()


def _take(what: str, per_hour: int, name: str, words: str) -> None:
    wait = _buckets(what, per_hour).take(name)
    if wait:
        raise _limited(f"{words}: at most {per_hour} an hour.", wait)


def _limited(detail: str, wait: float) -> AcmeProblem:
    return AcmeProblem(ProblemType.RATE_LIMITED, detail, retry_after=max(1, math.ceil(wait)))
