"""The two clocks. Read once per operation at the edge, then passed down as `at`.

Business time (windows, terms, reviews, validity) can be moved forward in a sandbox; system time
(sessions, leases, limits, signatures, back-off) never moves.
"""

from datetime import UTC, datetime, timedelta

from django.conf import settings
from django.db.models import F, QuerySet

from hanaper.apps.clock.models import SandboxClock
from hanaper.core.errors import InvalidInput, Refusal
from hanaper.storage.composed import composed


def system_now() -> datetime:
    """The machine's time, in UTC, to the microsecond."""
    return datetime.now(UTC)


def now() -> datetime:
    """Business time, in UTC: system time plus the sandbox's offset (none outside sandbox mode)."""
    return system_now() + offset()


def offset() -> timedelta:
    """How far business time is ahead."""
    if not settings.SANDBOX:
        return timedelta(0)
    return timedelta(seconds=_seconds_ahead.first() or 0)


@composed
def _seconds_ahead() -> QuerySet[SandboxClock, int]:
    return SandboxClock.objects.filter(pk=1).values_list("offset_seconds", flat=True)


def advance(by: timedelta) -> datetime:
    """Move business time forward, never back; the new business time. Refused outside sandbox mode."""
    if not settings.SANDBOX:
        raise Refusal(
            "The clock can be moved only in sandbox mode.",
            code="not_a_sandbox",
            next_steps=["Start a sandbox installation (HANAPER_MODE=sandbox) to try what time does."],
        )
    seconds = int(by.total_seconds())
    if seconds <= 0:
        raise InvalidInput(
            "The clock only moves forward: the time to advance must be at least one second.",
            field="by",
            code="clock_never_goes_back",
        )
    if seconds + offset().total_seconds() > timedelta(days=40 * 365).total_seconds():
        raise InvalidInput("The clock may be at most forty years ahead.", field="by", code="out_of_range")
    SandboxClock.objects.get_or_create(pk=1)
    SandboxClock.objects.filter(pk=1).update(offset_seconds=F("offset_seconds") + seconds)
    return now()
