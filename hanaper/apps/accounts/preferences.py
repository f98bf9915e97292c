"""How a person wants to be shown things: language, theme, zone, and the name that colleagues read."""

from datetime import datetime
from zoneinfo import available_timezones

from django.db import transaction

from hanaper.apps.accounts.models import User
from hanaper.core.actor import Actor
from hanaper.core.errors import Fault, Forbidden, InvalidInput
from hanaper.storage import trail

LANGUAGES = ("en", "zh-hans")
THEMES = ("light", "dark")
NAME_LENGTH = 200


def set_preferences(
    actor: Actor, user: User, *, name: str, language: str, theme: str, zone: str, at: datetime
) -> User:
    """Write all four; empty ones follow the browser and the installation. Only for oneself."""
    if actor.user_id != user.pk:
        raise Forbidden("Everybody sets only their own preferences.", code="not_yours")
    wanted = {"name": " ".join(name.split()), "language": language, "theme": theme, "zone": zone}
    faults = [
        Fault(field, message)
        for field, wrong, message in (
            ("name", len(wanted["name"]) > NAME_LENGTH, f"A name has at most {NAME_LENGTH} characters."),
            ("language", language not in ("", *LANGUAGES), "Choose one of the list."),
            ("theme", theme not in ("", *THEMES), "Choose one of the list."),
            ("zone", zone != "" and zone not in available_timezones(), "Name a zone such as Europe/Berlin."),
        )
        if wrong
    ]
    if faults:
        raise InvalidInput("Some preferences cannot be taken.", faults=faults)
    with transaction.atomic():
        before = {field: getattr(user, field) for field in wanted}
        User.objects.filter(pk=user.pk).update(**wanted)
        trail.record(actor, "person.preferences_changed", user.public_id, at=at, before=before, after=wanted)
    user.refresh_from_db()
    return user
