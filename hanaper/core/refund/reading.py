"""Reading JSON values strictly: the right value, or SenselessFacts with the path to the wrong one.

Each function takes the object, the key and the object's own path, and builds the full path only when it
is needed for the error. Keys that nobody asks for are never looked at: facts stored by a newer version,
with fields added, still parse.
"""

import re
from datetime import UTC, date, datetime, time
from typing import NoReturn

from hanaper.core.money import MAX_AMOUNT
from hanaper.core.refund.senseless import SenselessFacts

type JsonObject = dict[str, object]

# RFC 3339 section 5.6: date-time with an offset. A leap second cannot be told apart from the second
# after it and is not taken; nor are years in which nobody bought a certificate.
_is_moment = re.compile(
    r"\d{4}-\d\d-\d\dT(?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d(?:\.\d+)?(?:Z|[+-](?:[01]\d|2[0-3]):[0-5]\d)",
    re.ASCII,
).fullmatch
_is_date = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII).fullmatch
_is_time = re.compile(r"(?:[01]\d|2[0-3]):[0-5]\d", re.ASCII).fullmatch
EARLIEST = datetime(1970, 1, 1, tzinfo=UTC)
LATEST = datetime(9000, 1, 1, tzinfo=UTC)

_MISSING = object()


def join(path: str, key: str | int) -> str:
    return f"{path}.{key}" if path else str(key)


def senseless(path: str, key: str | int, message: str) -> NoReturn:
    raise SenselessFacts(join(path, key), message)


def get_value(source: JsonObject, key: str, path: str) -> object:
    value = source.get(key, _MISSING)
    if value is _MISSING:
        senseless(path, key, "is missing")
    return value


def get_object(source: JsonObject, key: str, path: str) -> JsonObject:
    return as_object(get_value(source, key, path), join(path, key))


def as_object(value: object, path: str) -> JsonObject:
    if not isinstance(value, dict):
        raise SenselessFacts(path, "must be an object")
    return value


def get_list(source: JsonObject, key: str, path: str) -> list[object]:
    value = get_value(source, key, path)
    if not isinstance(value, list):
        senseless(path, key, "must be a list")
    return value


def get_text(source: JsonObject, key: str, path: str) -> str:
    value = source.get(key)
    # The usual case first: most of reading facts is this line.
    if type(value) is str and value and value.isascii():
        return value
    return as_text(get_value(source, key, path), path, key)


def as_text(value: object, path: str, key: str | int) -> str:
    if type(value) is not str or not value:
        senseless(path, key, "must be text that is not empty")
    if not value.isascii():
        try:
            value.encode()
        except UnicodeEncodeError:
            senseless(path, key, "must be Unicode text without lone surrogates")
    return value


def get_bool(source: JsonObject, key: str, path: str) -> bool:
    value = source.get(key)
    if value is not True and value is not False:
        get_value(source, key, path)
        senseless(path, key, "must be true or false")
    return value


def get_integer(source: JsonObject, key: str, path: str, least: int = 0, most: int = MAX_AMOUNT) -> int:
    """An integer; `true` is none, nor is 9000.0."""
    value = source.get(key)
    if type(value) is not int:
        get_value(source, key, path)
        senseless(path, key, "must be an integer")
    if value < least:
        senseless(path, key, f"must not be below {least}")
    if value > most:
        senseless(path, key, f"must not be above {most}")
    return value


def get_moment(source: JsonObject, key: str, path: str) -> datetime:
    return as_moment(get_value(source, key, path), path, key)


def get_moment_or_none(source: JsonObject, key: str, path: str) -> datetime | None:
    value = get_value(source, key, path)
    return None if value is None else as_moment(value, path, key)


def as_moment(value: object, path: str, key: str) -> datetime:
    """An RFC 3339 time with its offset, as a moment in UTC."""
    if type(value) is str:
        upper = value.upper()
        if _is_moment(upper):
            try:
                moment = datetime.fromisoformat(upper)
                if moment.tzinfo is not UTC:
                    moment = moment.astimezone(UTC)
            except (ValueError, OverflowError):
                pass
            else:
                if EARLIEST <= moment < LATEST:
                    return moment
    senseless(path, key, "must be an RFC 3339 time with its offset, such as 2026-03-01T09:30:00Z")


def as_date(value: object, path: str, key: str | int) -> date:
    if type(value) is str and _is_date(value):
        try:
            return date.fromisoformat(value)
        except ValueError:
            pass
    senseless(path, key, "must be a date, such as 2026-03-01")


def as_time_of_day(value: object, path: str, key: str) -> time:
    if type(value) is str and _is_time(value):
        return time.fromisoformat(value)
    senseless(path, key, "must be a time of day, such as 18:00")
