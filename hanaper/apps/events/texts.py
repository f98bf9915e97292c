"""An event told in a reader's language: the table of texts, filled with the event's data.

An event without a text of its own is told by its name; nothing is lost because a text is missing.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from django.conf import settings

from hanaper.apps.accounts.models import User
from hanaper.apps.events import texts_en, texts_zh
from hanaper.apps.events.vocabulary import EventKind
from hanaper.core.money import MINOR_DIGITS, is_currency
from hanaper.core.readable import moment_in, money_in

ENGLISH, CHINESE = "en", "zh-hans"
LANGUAGES = (ENGLISH, CHINESE)

# As `write_moment` and `format_amount` write them; people read them in their own language and zone.
_MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:Z|\+00:00)")
_AMOUNT = re.compile(r"(-?\d+(?:\.\d+)?) ([A-Z]{3})")
# What the service itself put into these fields is a sentence, or a word of a closed list.
_SENTENCES = ("problem", "reason", "fault")

Say = Callable[[str, str], str]


def _as_it_is(sentence: str, _language: str) -> str:
    return sentence


_say: list[Say] = [_as_it_is]


def connect(say: Say) -> None:
    """Who says a sentence or a word of the service in a language: the faces, which lie above. Called once."""
    _say[:] = [say]


@dataclass(frozen=True, slots=True)
class Reader:
    """How somebody reads: `language` is one of `LANGUAGES`, `zone` a name of the IANA time zones."""

    language: str = ENGLISH
    zone: str = "UTC"


class _Fields(dict[str, Any]):
    def __missing__(self, name: str) -> str:
        return "?"


def language_of(user: User | None) -> str:
    """The language somebody reads; English for whoever chose none."""
    return user.language if user is not None and user.language in LANGUAGES else ENGLISH


def reader_of(user: User | None) -> Reader:
    """Who chose no zone reads in that of the installation, in which the days of refund windows end."""
    return Reader(language_of(user), (user.zone if user is not None else "") or settings.ZONE)


def text_of(kind: str, subject: str, data: Mapping[str, Any], reader: Reader = Reader()) -> tuple[str, str]:
    """Title (one line, at most 300 characters) and text of an event."""
    chinese = reader.language == CHINESE
    texts = texts_zh.TEXTS if chinese else texts_en.TEXTS
    roles = texts_zh.ROLES if chinese else texts_en.ROLES
    operations = texts_zh.OPERATIONS if chinese else texts_en.OPERATIONS
    told = {name: _readable(name, value, reader) for name, value in data.items()}
    fields = _Fields(told | {"subject": subject})
    amount, currency = data.get("amount"), data.get("currency")
    if "price" not in data and isinstance(amount, int) and is_currency(str(currency)):
        fields["price"] = money_in(amount, str(currency), reader.language)
    if data.get("role") in roles:
        fields["role"] = roles[data["role"]]
    if data.get("operation") in operations:
        fields["operation"] = operations[data["operation"]]
    plain = kind.replace(".", ": ").replace("_", " ").capitalize()
    known = texts.get(EventKind(kind)) if kind in set(EventKind) else None
    title, text = known or (plain + " ({subject})", plain + ": {subject}.")
    title = " ".join(title.format_map(fields).split())
    return title[:300], text.format_map(fields)


def around_a_letter(language: str) -> Mapping[str, str]:
    """The words of a letter that are not the event's: `open`, `for`, `operators`, `why`."""
    return texts_zh.LETTER if language == CHINESE else texts_en.LETTER


def _readable(name: str, value: Any, reader: Reader) -> Any:
    if not isinstance(value, str):
        return value
    if _MOMENT.fullmatch(value):
        return moment_in(datetime.fromisoformat(value), _zone(reader.zone), reader.language)
    found = _AMOUNT.fullmatch(value)
    if name == "price" and found and is_currency(found[2]):
        minor = Decimal(found[1]).scaleb(MINOR_DIGITS[found[2]])
        return money_in(int(minor), found[2], reader.language)
    return _say[0](value, reader.language) if name in _SENTENCES else value


def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError):  # one that the machine's tables no longer know
        return ZoneInfo(settings.ZONE)
