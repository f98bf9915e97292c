"""What people read about an event. Placeholders are fields of the event's data, and `subject`.

An event without a text of its own is told by its name; nothing is lost because a text is missing.
"""

from collections.abc import Mapping
from typing import Any

from hanaper.apps.events.vocabulary import EventKind

# kind: (title, text)
TEXTS: dict[EventKind, tuple[str, str]] = {
    EventKind.MEMBER_ADDED: ("{email} joined the account", "{email} is now a member with the role {role}."),
}


class _Fields(dict[str, Any]):
    def __missing__(self, name: str) -> str:
        return "?"


def text_of(kind: str, subject: str, data: Mapping[str, Any]) -> tuple[str, str]:
    """Title (one line, at most 300 characters) and text of an event."""
    fields = _Fields({**data, "subject": subject})
    plain = kind.replace(".", ": ").replace("_", " ").capitalize()
    known = TEXTS.get(EventKind(kind)) if kind in set(EventKind) else None
    title, text = known or (plain + " ({subject})", plain + ": {subject}.")
    title = " ".join(title.format_map(fields).split())
    return title[:300], text.format_map(fields)
