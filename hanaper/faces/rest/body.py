"""Reading request bodies strictly: JSON in UTF-8, no name twice, no text that a database cannot keep."""

import json
import re
from typing import Any, cast

import ninja
from django.http import HttpRequest
from ninja.parser import Parser

from hanaper.core.errors import Refusal

# U+0000 and lone surrogates: legal in JSON escapes, but neither PostgreSQL nor UTF-8 can keep them.
_UNKEEPABLE = re.compile("[\x00\ud800-\udfff]")


def _malformed(message: str) -> Refusal:
    refusal = Refusal(message, code="malformed_json")
    refusal.status = 400
    return refusal


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    read = dict(pairs)
    if len(read) != len(pairs):
        raise _malformed("The JSON names a field twice in one object.")
    return read


def _constant(name: str) -> Any:
    raise _malformed(f"{name} is not JSON.")


def _check_text(value: Any) -> None:
    if isinstance(value, str):
        if _UNKEEPABLE.search(value):
            raise _malformed("Text must not contain U+0000 or half of a surrogate pair.")
    elif isinstance(value, dict):
        for key, item in value.items():
            _check_text(key)
            _check_text(item)
    elif isinstance(value, list):
        for item in value:
            _check_text(item)


def read_json(raw: bytes) -> Any:
    """The JSON in `raw`; a Refusal with status 400 and code `malformed_json` if it is not."""
    try:
        text = raw.decode()
        value = json.loads(text, object_pairs_hook=_object, parse_constant=_constant)
        if "\\u" in text or "\x00" in text:  # nothing else can bring such a character in
            _check_text(value)
    except (ValueError, RecursionError) as error:
        raise _malformed(f"The body of this request is not valid JSON: {error}.") from error
    return value


class Body(ninja.Schema):
    """What a request may carry: a field that nobody reads is a mistake, and told as one."""

    model_config = {"extra": "forbid"}


class StrictParser(Parser):
    def parse_body(self, request: HttpRequest) -> Any:
        return cast(dict[str, Any], read_json(request.body))
