"""What waits for operators: reviews, refunds that need a person, failed jobs, alerts."""

from typing import Any

from django.http import HttpResponse
from django.shortcuts import render

from hanaper import clock
from hanaper.apps.certificates import queries as certificates
from hanaper.apps.certificates.vocabulary import NEVER
from hanaper.apps.events.queries import notices_for
from hanaper.apps.refunds import queries as refunds
from hanaper.core.actor import StaffRole
from hanaper.faces.console.places import PlaceRequest, operator_page
from hanaper.faces.status.health import health
from hanaper.storage.jobs import failed_jobs

COUNTED = 100  # nobody works off more in a day, and nothing counts a whole table
SHOWN = 8


@operator_page()
def queue(request: PlaceRequest) -> HttpResponse:
    actor = request.place.actor
    waiting = certificates.revocations_to_review()
    found, well = health(clock.system_now())
    content: dict[str, Any] = {
        "reviewer": actor.has_staff_role(StaffRole.REVIEWER),
        "revocations": _counted(waiting),
        "endangered": [
            (row, row.due_at <= request.at)
            for row in waiting.filter(window_closes_at__lt=NEVER).order_by("queue_key")[:SHOWN]
        ],
        "overdue": _counted(waiting.filter(due_at__lte=request.at)),
        "applications": _counted(certificates.applications_to_review()),
        "refunds": refunds.refunds(actor, needs_person=True).order_by("-requested_at")[:SHOWN],
        "notices": notices_for(actor, unread=True).order_by("-id")[:SHOWN],
        "failed": failed_jobs()[:SHOWN],
        "health": found,
        "well": well,
    }
    return render(request, "console/operators/queue.html", content)


def _counted(rows: Any) -> str:
    number = len(rows.values_list("pk")[:COUNTED])
    return f"{number}+" if number == COUNTED else str(number)
