"""Sessions of browsers: forgotten once they have expired."""

from datetime import datetime

from allauth.usersessions.models import UserSession
from django.contrib.sessions.models import Session

FORGOTTEN_AT_ONCE = 500  # of one round of a sweep


def sweep(at: datetime, system_at: datetime) -> int:  # noqa: ARG001 - the form of every sweep
    """Forget sessions that nobody can continue, also on the page that lists them; how many."""
    expired = Session.objects.filter(expire_date__lt=system_at).order_by("expire_date")
    keys = list(expired.values_list("pk", flat=True)[:FORGOTTEN_AT_ONCE])
    if keys:
        UserSession.objects.filter(session_key__in=keys).delete()
        Session.objects.filter(pk__in=keys).delete()
    return len(keys)
