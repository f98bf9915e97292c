"""Headers that the owner of a site sets or takes out, in requests to origins and in answers to visitors."""

import re
from collections.abc import Iterable, Iterator
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, ValidationInfo, field_validator

from hanaper.core.rule_faults import refuse_all

_NAME = re.compile(r"[A-Za-z][A-Za-z0-9-]{0,63}\Z")
_PRINTABLE = re.compile(r"[ -~]*\Z")
# What the gateway sets itself, or what frames a message: nobody else does.
_OWN = frozenset({
    "connection", "content-length", "host", "keep-alive", "proxy-connection", "strict-transport-security",
    "te", "trailer", "transfer-encoding", "upgrade", "x-accel-expires", "x-accel-redirect", "x-cache",
    "x-forwarded-for", "x-forwarded-host", "x-forwarded-proto", "x-real-ip",
})  # fmt: skip
# Came later; of what was kept before, they are left out.
ASKED = frozenset({"cdn-loop", "expect", "forwarded", "gateway-loop", "http2-settings"})
ANSWERED = frozenset({
    "alt-svc", "content-encoding", "location", "x-accel-buffering", "x-accel-charset", "x-accel-limit-rate",
})  # fmt: skip
# With them a visitor asks for a part of an answer, or for none of what is known already.
_IN_PART = frozenset({
    "if-match", "if-modified-since", "if-none-match", "if-range", "if-unmodified-since", "range",
})  # fmt: skip
# What nginx writes into each answer whatever it is told: neither taken away nor set.
_ALWAYS_WRITTEN = {"date", "server"}
MOST_HEADERS = 20
MOST_DOLLARS = 50  # each takes an engine several characters
HeaderValue = Annotated[str, Field(max_length=1024)]
# The context of validation of what somebody writes just now; what was kept before a rule was made is read.
WRITTEN_NOW = "written now"


class Headers(BaseModel):
    """`add`: name to value, instead of what is there; `remove`: names."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    add: dict[str, HeaderValue] = Field(default={}, max_length=MOST_HEADERS)
    remove: tuple[str, ...] = Field(default=(), max_length=MOST_HEADERS)

    @field_validator("add", "remove")
    @classmethod
    def _each[T: (dict[str, str], tuple[str, ...])](cls, given: T, info: ValidationInfo) -> T:
        now = info.context == WRITTEN_NOW
        wrong: list[str] = [one for name in given for one in cls._wrong_name(name, now=now)]
        if isinstance(given, dict):
            named = [(name, value) for name, value in given.items() if _NAME.match(name)]
            wrong += [one for name, value in named for one in _wrong_value(name, value, now=now)]
        refuse_all([*wrong, *_twice(given)] if now else wrong)
        return given

    @classmethod
    def _wrong_name(cls, name: str, *, now: bool) -> Iterator[str]:
        if not _NAME.match(name):
            yield f"{name[:40]!r} is no name of a header."
        elif name.lower() in ((_OWN | cls._reserved()) if now else _OWN):
            yield f"{name} is set by the gateway itself."

    @field_validator("remove")
    @classmethod
    def _not_set_too(cls, given: tuple[str, ...], info: ValidationInfo) -> tuple[str, ...]:
        if info.context == WRITTEN_NOW:
            added = {name.lower() for name in info.data.get("add", ())}
            refuse_all(
                [
                    f"{name} is also set, and what is set stands instead of what came: leave it out here."
                    for name in given
                    if name.lower() in added
                ]
            )
        return given

    @classmethod
    def _reserved(cls) -> frozenset[str]:
        return ASKED


class ResponseHeaders(Headers):
    """Of answers: there are some that the gateway writes itself."""

    @classmethod
    def _wrong_name(cls, name: str, *, now: bool) -> Iterator[str]:
        yield from super()._wrong_name(name, now=now)
        if now and name.lower() in _ALWAYS_WRITTEN:
            yield f"The gateway writes {name} into every answer itself: it is neither set nor taken out."

    @classmethod
    def _reserved(cls) -> frozenset[str]:
        return ANSWERED


def _wrong_value(name: str, value: str, *, now: bool) -> Iterator[str]:
    if not _PRINTABLE.match(value):
        yield f"The value of {name[:40]} has characters that are no printable ASCII."
    if value.count("$") > MOST_DOLLARS:
        yield f"The value of {name[:40]} has more than {MOST_DOLLARS} dollar signs."
    if now and not value.strip():
        yield f"{name[:40]} has no value: to take it out, name it among those to remove."
    if now and name.lower() in _IN_PART:
        yield f"{name} asks for a part of an answer: set for every visitor, none gets the whole of it."


def _twice(names: Iterable[str]) -> Iterator[str]:
    seen: set[str] = set()
    for name in names:
        if name.lower() in seen:
            yield f"{name[:40]} is given twice; upper and lower case are the same here."
        seen.add(name.lower())
