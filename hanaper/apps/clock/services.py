"""Whether this is a sandbox, for good; and moving its clock."""

from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction

from hanaper import clock
from hanaper.apps.clock.models import Installation
from hanaper.core.actor import Actor, StaffRole
from hanaper.core.errors import Refusal
from hanaper.storage import trail
from hanaper.storage.walls import require_staff


def pin_mode() -> None:
    """The first start decides whether the database is a sandbox's; refused (`wrong_mode`) ever after."""
    Installation.objects.get_or_create(pk=1, defaults={"sandbox": settings.SANDBOX})
    refuse_other_mode()


def refuse_other_mode() -> None:
    """Pretended money never becomes real by a setting, nor a real installation's clock movable."""
    found = Installation.objects.filter(pk=1).first()
    if found is None or found.sandbox == settings.SANDBOX:
        return
    mode = "sandbox" if found.sandbox else "production"
    raise Refusal(
        f"This installation is {found}, and HANAPER_MODE says otherwise.",
        code="wrong_mode",
        next_steps=[f"Set HANAPER_MODE={mode}, or name another data folder and database."],
    )


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
