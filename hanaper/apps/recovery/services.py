"""Beginning and ending a recovery, the refusal in between; and heartbeats."""

from datetime import datetime, timedelta

from django.db.models import QuerySet

from hanaper.apps.recovery.models import Heartbeat, Recovery
from hanaper.core.errors import Refusal
from hanaper.storage.composed import composed

# Often enough for whoever looks, and no write of each short round.
BEAT_EVERY = timedelta(seconds=10)


def beat(name: str, system_at: datetime) -> None:
    """`name` goes round; called once a round, written every ten seconds."""
    beaten_at = last_beat(name)
    if beaten_at is None:
        Heartbeat.objects.get_or_create(name=name, defaults={"beaten_at": system_at})
    elif abs(system_at - beaten_at) >= BEAT_EVERY:
        Heartbeat.objects.filter(name=name).update(beaten_at=system_at)


def last_beat(name: str) -> datetime | None:
    return _beaten_at.first(name)


@composed
def _beaten_at(name: str) -> QuerySet[Heartbeat, datetime]:
    return Heartbeat.objects.filter(name=name).values_list("beaten_at", flat=True)


def in_recovery() -> bool:
    return _open.first() is not None


@composed
def _open() -> QuerySet[Recovery, int]:
    return Recovery.objects.filter(finished_at=None).values_list("pk", flat=True)[:1]


def refuse_in_recovery() -> None:
    """Called before anything is paid or signed."""
    if in_recovery():
        raise Refusal(
            "The service was restored from a backup and is in recovery: nothing is paid or signed yet.",
            code="in_recovery",
            next_steps=["An operator ends it with `hanaper backup finish`."],
        )


def begin_recovery(*, backup_at: datetime, system_at: datetime) -> Recovery:
    """Begin, or go on with the one that is open."""
    open_one = Recovery.objects.filter(finished_at=None).first()
    return open_one or Recovery.objects.create(begun_at=system_at, backup_at=backup_at)


def finish_recovery(*, system_at: datetime) -> bool:
    """End it; whether there was one. Whoever calls this has reconciled money and serial numbers."""
    return Recovery.objects.filter(finished_at=None).update(finished_at=system_at) == 1
