"""The installation: version, jobs, the sweep, the certification authorities and their lists; its clock."""

from typing import Any

from django.conf import settings
from django.db import connection
from django.http import HttpResponse
from django.utils.translation import gettext as _

from hanaper import clock
from hanaper.apps.authority import queries as authority
from hanaper.apps.clock import services as clocks
from hanaper.apps.private_ca import queries as private_ca
from hanaper.apps.recovery.services import in_recovery
from hanaper.core.actor import StaffRole
from hanaper.core.durations import read_duration
from hanaper.core.errors import Refusal
from hanaper.faces.console.faults import answer
from hanaper.faces.console.places import PlaceRequest, done, operator_page
from hanaper.faces.status.health import health
from hanaper.storage.jobs import failed_jobs, jobs_by_state

STALEST = 10  # private CAs whose next list is due first


@operator_page("GET", "POST")
def system(request: PlaceRequest) -> HttpResponse:
    """With `by` sent, moves the sandbox's clock; administrators only."""
    refusal = None
    if request.method == "POST":
        try:
            clocks.advance(request.place.actor, read_duration(request.POST.get("by", "")), at=request.at)
            return done(request, _("The clock was moved."), "system")
        except Refusal as met:
            refusal = met
    found, well = health(clock.system_now())
    content: dict[str, Any] = {
        "health": found,
        "well": well,
        "responders": _in_days(found.get("ocsp", {})),
        "recovering": in_recovery(),
        "database": connection.vendor,
        "sandbox": settings.SANDBOX,
        "zone": settings.ZONE,
        "public_url": settings.PUBLIC_URL,
        "status_url": settings.STATUS_URL,
        "authorities": [authority.overview(one) for one in authority.built_in_authorities()],
        "private": [
            (one, authority.newest_lists(one.authority))
            for one in private_ca.lists_due()[:STALEST]
            if one.authority
        ],
        "jobs": jobs_by_state(),
        "failed": failed_jobs()[:20],
        "may_move_clock": settings.SANDBOX and request.place.actor.has_staff_role(StaffRole.ADMINISTRATOR),
    }
    return answer(request, "console/operators/system.html", content, refusal)


def _in_days(responders: dict[str, Any]) -> dict[str, Any]:
    """How long each is good, in days that have begun."""
    return {name: said | {"days": -(-said["seconds_left"] // 86_400)} for name, said in responders.items()}
