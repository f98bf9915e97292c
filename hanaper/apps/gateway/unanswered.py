"""Whether origins answer visitors: nodes that look at no origin still count what came back."""

from datetime import datetime
from typing import Any

from hanaper.apps.gateway.models import SERVED, GatewayInstance
from hanaper.apps.gateway.queries import SECONDS_AN_HOUR, begins_at
from hanaper.core.refund.canonical import write_moment

CODES = ("502", "504")  # RFC 9110 15.6.3 and 15.6.5
LEAST = 10  # requests: of fewer nothing is said


def unanswered(instance: GatewayInstance, system_at: datetime) -> dict[str, Any] | None:
    """`requests`, `unanswered` and `since` when, if that is every second request of this hour or more.

    Of the hour before, while nothing was asked in this one.
    """
    if instance.state not in SERVED:
        return None
    this = int(system_at.timestamp()) // SECONDS_AN_HOUR
    row = instance.usage.filter(hour__gte=this - 1).order_by("-hour").first()
    if row is None:
        return None
    failed = sum(row.codes.get(code, 0) for code in CODES)
    if failed < LEAST or 2 * failed < row.requests:
        return None
    return {"requests": row.requests, "unanswered": failed, "since": write_moment(begins_at(row))}
