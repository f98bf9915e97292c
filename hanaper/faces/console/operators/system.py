"""The installation: version, jobs, the sweep, the certification authorities and their lists; its clock."""

from typing import Any

from django.conf import settings
from django.db import connection
from django.http import HttpResponse
from django.utils.translation import gettext as _

from hanaper import clock
from hanaper.apps.authority import queries as authority
from hanaper.apps.clock import services as clocks
from hanaper.apps.recovery.services import in_recovery
from hanaper.core.actor import StaffRole
from hanaper.core.durations import read_duration
from hanaper.core.errors import Refusal
from hanaper.faces.console.faults import answer
from hanaper.faces.console.places import PlaceRequest, done, operator_page
from hanaper.faces.status.health import health
from hanaper.storage.jobs import failed_jobs, jobs_by_state


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
        "recovering": in_recovery(),
        "database": connection.vendor,
        "sandbox": settings.SANDBOX,
        "zone": settings.ZONE,
        "public_url": settings.PUBLIC_URL,
        "status_url": settings.STATUS_URL,
        "authorities": [authority.overview(one) for one in authority.all_authorities()],
        "jobs": jobs_by_state(),
        "failed": failed_jobs()[:20],
        "may_move_clock": settings.SANDBOX and request.place.actor.has_staff_role(StaffRole.ADMINISTRATOR),
    }
    return answer(request, "console/operators/system.html", content, refusal)
