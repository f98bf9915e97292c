"""Whether all is well: database and token answer, the sweep goes round, lists are fresh, responders good."""

from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import DatabaseError, InterfaceError, connection

from hanaper import __version__, clock
from hanaper.apps.authority.queries import keystores_heard, list_ages, responder_ends
from hanaper.apps.gateway.problems import sites_left_out
from hanaper.apps.gateway.queries import nodes_failing
from hanaper.apps.recovery.services import in_recovery, last_beat

# A round of the sweep may well take its time; longer than this, and it hangs or is not there.
LONGEST_ROUND = timedelta(seconds=90)


def health(system_at: datetime) -> tuple[dict[str, Any], bool]:
    """What was found, for everybody to read, and whether all is well."""
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
        sweep, sweep_well = _sweep(system_at)
        keystores, keystores_well = _keystores(system_at)
        lists, lists_well = _lists(clock.now())
        responders, responders_well = _responders(clock.now())
        nodes, nodes_well = _gateway_nodes()
        recovering = in_recovery()
    except (DatabaseError, InterfaceError):
        return {"status": "failing", "database": "unreachable"}, False
    well = sweep_well and keystores_well and lists_well and responders_well and nodes_well
    found = {
        "status": "ok" if well else "failing",
        "version": __version__,
        "database": "ok",
        "in_recovery": recovering,
        "sweep": sweep,
        "keystores": keystores,
        "crl": lists,
        "ocsp": responders,
        "gateway_nodes": nodes,
    }
    return found, well


def _sweep(system_at: datetime) -> tuple[dict[str, Any], bool]:
    """And since when nothing broke in a round: said, and no reason to call the service unwell, else one
    customer's thing could take it from all."""
    beaten_at, broken_at = last_beat("sweep"), last_beat("sweep failure")
    failure = None if broken_at is None else _seconds(system_at - broken_at)
    if beaten_at is None:
        return {"status": "never ran", "age_seconds": None, "failure_age_seconds": failure}, False
    well = system_at - beaten_at <= _patience()
    age = _seconds(system_at - beaten_at)
    return {"status": "ok" if well else "late", "age_seconds": age, "failure_age_seconds": failure}, well


def _keystores(system_at: datetime) -> tuple[dict[str, Any], bool]:
    """When each store outside the database last answered. The sweep asks it: whoever looks from outside calls
    no token, and does not hang with one."""
    found: dict[str, Any] = {}
    for name, heard_at in keystores_heard():
        age = None if heard_at is None else _seconds(system_at - heard_at)
        well = heard_at is not None and system_at - heard_at <= _patience()
        found[name] = {"status": "ok" if well else "silent", "age_seconds": age}
    return found, all(each["status"] == "ok" for each in found.values())


def _gateway_nodes() -> tuple[dict[str, Any], bool]:
    """Those that cannot do what they are told: what is changed since is live nowhere there. One that is away
    goes on serving by itself, and is no fault of this service. A site that is left out is said, and is no
    reason to call the service unwell: else one customer's could take it from all."""
    failing, left_out = nodes_failing(), sites_left_out()
    status = "failing" if failing else "leaving out" if left_out else "ok"
    return {"status": status, "failing": failing, "left_out": left_out}, not failing


def _patience() -> timedelta:
    return LONGEST_ROUND + timedelta(seconds=settings.SWEEP_SECONDS)


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


def _responders(at: datetime) -> tuple[dict[str, Any], bool]:
    """How long the responder that ends first is good; none is named, like the lists. Business time."""
    found: dict[str, Any] = {}
    for role, until in responder_ends(at):
        left = 0 if until is None else _seconds(until - at)
        known = found.get(role or "private")
        if known is None or left < known["seconds_left"]:
            found[role or "private"] = {"status": "ok" if left else "ended", "seconds_left": left}
    return found, all(each["status"] == "ok" for each in found.values())


def _staler(age: int | None, than: int | None) -> bool:
    return than is not None and (age is None or age > than)


def _seconds(span: timedelta) -> int:
    return max(0, int(span.total_seconds()))
