"""Reading request bodies strictly: JSON in UTF-8, no name twice, no text that a database cannot keep."""

import json
import re
from collections.abc import Iterator
from functools import cache
from types import NoneType
from typing import Annotated, Any, Literal, cast, get_args, get_origin

import ninja
from django.http import HttpRequest
from ninja.parser import Parser
from pydantic import BaseModel, ValidationInfo, field_validator
from pydantic_core import PydanticCustomError

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


def _check_text(value: Any, field: str = "") -> None:
    if isinstance(value, str):
        if found := _UNKEEPABLE.search(value):
            line = value.count("\n", 0, found.start()) + 1
            column = found.start() - value.rfind("\n", 0, found.start())
            raise _malformed(
                "Text must not contain U+0000 or half of a surrogate pair:"
                f" {field or 'the body'} does in line {line}, at character {column}."
            )
    elif isinstance(value, dict):
        for key, item in value.items():
            _check_text(key, f"a name within {field}" if field else "the name of a field")
            _check_text(item, f"{field}.{key}".lstrip("."))
    elif isinstance(value, list):
        for index, item in enumerate(value):
            _check_text(item, f"{field}.{index}".lstrip("."))


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


@cache
def _takes_truth(body: type[BaseModel], field: str) -> bool:
    return _admits_truth(body.model_fields[field].annotation)


def _admits_truth(annotation: Any) -> bool:
    if annotation in (bool, object, Any):
        return True
    if get_origin(annotation) is Literal:
        return any(isinstance(one, bool) for one in get_args(annotation))
    return any(map(_admits_truth, get_args(annotation)))


@cache
def _takes_numbers_only(body: type[BaseModel], field: str) -> bool:
    leaves = set(_leaves(body.model_fields[field].annotation)) - {NoneType}
    return bool(leaves) and leaves <= {int, float}


def _leaves(annotation: Any) -> Iterator[Any]:
    arguments = get_args(annotation)
    if get_origin(annotation) is Annotated:
        arguments = arguments[:1]
    if not arguments:
        yield annotation
    for one in arguments:
        yield from _leaves(one)


class Body(ninja.Schema):
    """What a request may carry: a field that nobody reads is a mistake, and told as one."""

    model_config = {"extra": "forbid"}

    @field_validator("*", mode="before")
    @classmethod
    def _true_is_no_number(cls, value: Any, info: ValidationInfo) -> Any:
        """To Python, and so to pydantic, `true` is 1, and "5" is 5."""
        given = value if isinstance(value, list) else [value]
        if any(isinstance(one, bool) for one in given) and not _takes_truth(cls, str(info.field_name)):
            raise PydanticCustomError(
                "no_number", "This is true or false, where a number or text is asked for."
            )
        if any(isinstance(one, str) for one in given) and _takes_numbers_only(cls, str(info.field_name)):
            raise PydanticCustomError("no_number", "This is text, where a number is asked for.")
        return value


class StrictParser(Parser):
    def parse_body(self, request: HttpRequest) -> Any:
        return cast(dict[str, Any], read_json(request.body))
