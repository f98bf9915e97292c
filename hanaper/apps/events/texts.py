"""An event told in a reader's language: the table of texts, filled with the event's data.

An event without a text of its own is told by its name; nothing is lost because a text is missing.
"""

import re
from collections.abc import Mapping
from typing import Any

from hanaper.apps.accounts.models import User
from hanaper.apps.events import texts_en, texts_zh
from hanaper.apps.events.vocabulary import EventKind
from hanaper.core.money import format_amount, is_currency

ENGLISH, CHINESE = "en", "zh-hans"
LANGUAGES = (ENGLISH, CHINESE)

# As `write_moment` writes it; people read it without the T and the seconds.
_MOMENT = re.compile(r"(\d{4}-\d\d-\d\d)T(\d\d:\d\d)(?::\d\d(?:\.\d+)?)?Z")


class _Fields(dict[str, Any]):
    def __missing__(self, name: str) -> str:
        return "?"


def language_of(user: User | None) -> str:
    """The language somebody reads; English for whoever chose none."""
    return user.language if user is not None and user.language in LANGUAGES else ENGLISH


def text_of(kind: str, subject: str, data: Mapping[str, Any], language: str = ENGLISH) -> tuple[str, str]:
    """Title (one line, at most 300 characters) and text of an event."""
    chinese = language == CHINESE
    texts = texts_zh.TEXTS if chinese else texts_en.TEXTS
    roles = texts_zh.ROLES if chinese else texts_en.ROLES
    fields = _Fields({name: _readable(value) for name, value in data.items()} | {"subject": subject})
    amount, currency = data.get("amount"), data.get("currency")
    if "price" not in data and isinstance(amount, int) and is_currency(str(currency)):
        fields["price"] = format_amount(amount, str(currency))
    if data.get("role") in roles:
        fields["role"] = roles[data["role"]]
    plain = kind.replace(".", ": ").replace("_", " ").capitalize()
    known = texts.get(EventKind(kind)) if kind in set(EventKind) else None
    title, text = known or (plain + " ({subject})", plain + ": {subject}.")
    title = " ".join(title.format_map(fields).split())
    return title[:300], text.format_map(fields)


def around_a_letter(language: str) -> Mapping[str, str]:
    """The words of a letter that are not the event's: `open`, `for`, `operators`, `why`."""
    return texts_zh.LETTER if language == CHINESE else texts_en.LETTER


def _readable(value: Any) -> Any:
    found = _MOMENT.fullmatch(value) if isinstance(value, str) else None
    return f"{found[1]} {found[2]} UTC" if found else value
