"""Beginning and ending a recovery, and the refusal in between."""

from datetime import datetime

from hanaper.apps.recovery.models import Recovery
from hanaper.core.errors import Refusal


def in_recovery() -> bool:
    return Recovery.objects.filter(finished_at=None).exists()


def refuse_in_recovery() -> None:
    """Called before anything is paid or signed."""
    if in_recovery():
        raise Refusal(
            "The service was restored from a backup and is in recovery: nothing is paid or signed yet.",
            code="in_recovery",
            next_steps=["An operator ends it with `hanaper recovery finish`."],
        )


def begin_recovery(*, backup_at: datetime, system_at: datetime) -> Recovery:
    """Begin, or go on with the one that is open."""
    open_one = Recovery.objects.filter(finished_at=None).first()
    return open_one or Recovery.objects.create(begun_at=system_at, backup_at=backup_at)


def finish_recovery(*, system_at: datetime) -> bool:
    """End it; whether there was one. Whoever calls this has reconciled money and serial numbers."""
    return Recovery.objects.filter(finished_at=None).update(finished_at=system_at) == 1
