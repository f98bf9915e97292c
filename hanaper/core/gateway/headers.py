"""Headers that the owner of a site sets or takes out, in requests to origins and in answers to visitors."""

import re
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, ValidationInfo, field_validator

_NAME = re.compile(r"[A-Za-z][A-Za-z0-9-]{0,63}\Z")
_PRINTABLE = re.compile(r"[ -~]*\Z")
# What the gateway sets itself, or what frames a message: nobody else does.
_OWN = frozenset({
    "connection", "content-length", "host", "keep-alive", "proxy-connection", "strict-transport-security",
    "te", "trailer", "transfer-encoding", "upgrade", "x-accel-expires", "x-accel-redirect", "x-cache",
    "x-forwarded-for", "x-forwarded-host", "x-forwarded-proto", "x-real-ip",
})  # fmt: skip
# Came later; of what was kept before, they are left out.
ASKED = frozenset({"cdn-loop", "forwarded", "http2-settings"})
ANSWERED = frozenset({
    "alt-svc", "content-encoding", "location", "x-accel-buffering", "x-accel-charset", "x-accel-limit-rate",
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
    def _names[T: (dict[str, str], tuple[str, ...])](cls, given: T, info: ValidationInfo) -> T:
        reserved = (_OWN | cls._reserved()) if info.context == WRITTEN_NOW else _OWN
        for name in given:
            if not _NAME.match(name):
                raise ValueError(f"{name[:40]!r} is no name of a header.")
            if name.lower() in reserved:
                raise ValueError(f"{name} is set by the gateway itself.")
        if info.context == WRITTEN_NOW:
            _refuse_twice(tuple(given))
        return given

    @field_validator("add")
    @classmethod
    def _values(cls, given: dict[str, str], info: ValidationInfo) -> dict[str, str]:
        for name, value in given.items():
            if not _PRINTABLE.match(value):
                raise ValueError(f"The value of {name} has characters that are no printable ASCII.")
            if value.count("$") > MOST_DOLLARS:
                raise ValueError(f"The value of {name} has more than {MOST_DOLLARS} dollar signs.")
            if info.context == WRITTEN_NOW and not value.strip():
                raise ValueError(f"{name} has no value: to take it out, name it among those to remove.")
        return given

    @classmethod
    def _reserved(cls) -> frozenset[str]:
        return ASKED


class ResponseHeaders(Headers):
    """Of answers: there are some that the gateway writes itself."""

    @field_validator("add", "remove")
    @classmethod
    def _not_written_always[T: (dict[str, str], tuple[str, ...])](cls, given: T, info: ValidationInfo) -> T:
        for name in given:
            if info.context == WRITTEN_NOW and name.lower() in _ALWAYS_WRITTEN:
                raise ValueError(
                    f"The gateway writes {name} into every answer itself: it is neither set nor taken out."
                )
        return given

    @classmethod
    def _reserved(cls) -> frozenset[str]:
        return ANSWERED


def _refuse_twice(names: tuple[str, ...]) -> None:
    seen: set[str] = set()
    for name in names:
        if name.lower() in seen:
            raise ValueError(f"{name} is given twice; upper and lower case are the same here.")
        seen.add(name.lower())
