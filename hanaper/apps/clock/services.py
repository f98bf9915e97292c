"""Moving the sandbox's clock."""

from datetime import datetime, timedelta

from django.db import transaction

from hanaper import clock
from hanaper.core.actor import Actor, StaffRole
from hanaper.storage import trail
from hanaper.storage.walls import require_staff


def advance(actor: Actor, by: timedelta, *, at: datetime) -> datetime:
    """Move business time forward by `by`; the new business time. Administrators, in a sandbox, only.

    What is due by the new time is not done here: the sweep finds it within seconds.
    """
    require_staff(actor, StaffRole.ADMINISTRATOR)
    with transaction.atomic():
        moved_to = clock.advance(by)
        trail.record(
            actor,
            "clock.advanced",
            "clock",
            at=at,
            before={"business_time": at.isoformat()},
            after={"business_time": moved_to.isoformat(), "by_seconds": int(by.total_seconds())},
        )
    return moved_to
