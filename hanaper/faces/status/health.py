"""Whether the service works: the database answers, the sweep goes round, the lists are fresh."""

from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import DatabaseError, InterfaceError, connection

from hanaper import __version__, clock
from hanaper.apps.authority.queries import list_ages
from hanaper.apps.recovery.services import in_recovery, last_beat

# A round of the sweep may well take its time; longer than this, and it hangs or is not there.
LONGEST_ROUND = timedelta(seconds=90)


def health(system_at: datetime) -> tuple[dict[str, Any], bool]:
    """What was found, for everybody to read, and whether all is well."""
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
        sweep, sweep_well = _sweep(system_at)
        lists, lists_well = _lists(clock.now())
        recovering = in_recovery()
    except (DatabaseError, InterfaceError):
        return {"status": "failing", "database": "unreachable"}, False
    well = sweep_well and lists_well
    found = {
        "status": "ok" if well else "failing",
        "version": __version__,
        "database": "ok",
        "in_recovery": recovering,
        "sweep": sweep,
        "crl": lists,
    }
    return found, well


def _sweep(system_at: datetime) -> tuple[dict[str, Any], bool]:
    beaten_at = last_beat("sweep")
    if beaten_at is None:
        return {"status": "never ran", "age_seconds": None}, False
    well = system_at - beaten_at <= LONGEST_ROUND + timedelta(seconds=settings.SWEEP_SECONDS)
    return {"status": "ok" if well else "late", "age_seconds": _seconds(system_at - beaten_at)}, well


def _lists(at: datetime) -> tuple[dict[str, Any], bool]:
    """Age of the newest list: of each built-in authority, and of the stalest private one.

    How many private CAs there are, and which, is nobody's business. Business time.
    """
    lists: dict[str, Any] = {}
    for role, this_update, next_update in list_ages(at):
        fresh = next_update is not None and at < next_update
        # One that is not published yet has no age; it will be due at once.
        age = None if this_update is None else _seconds(at - this_update)
        known = lists.get(role or "private")
        if known is None or _staler(age, known["age_seconds"]):
            lists[role or "private"] = {"status": "ok" if fresh else "stale", "age_seconds": age}
    return lists, all(each["status"] == "ok" for each in lists.values())


def _staler(age: int | None, than: int | None) -> bool:
    return than is not None and (age is None or age > than)


def _seconds(span: timedelta) -> int:
    return max(0, int(span.total_seconds()))
