"""Lengths of time as people type them: `8d`, `3h`, `45m`, `30s`, `2d12h`. Each unit once, in order."""

import re
from datetime import timedelta

from hanaper.core.errors import InvalidInput

_FORM = re.compile(r"(?:(\d{1,6})d)?(?:(\d{1,6})h)?(?:(\d{1,6})m)?(?:(\d{1,8})s)?", re.ASCII)


def read_duration(text: str, *, field: str = "by") -> timedelta:
    """The duration that `text` names; `InvalidInput` for anything else, nothing and zero included."""
    found = _FORM.fullmatch(text)
    days, hours, minutes, seconds = (int(part or 0) for part in found.groups()) if found else (0, 0, 0, 0)
    duration = timedelta(days=days, hours=hours, minutes=minutes, seconds=seconds)
    if not duration:
        raise InvalidInput(
            f"{text[:40]!r} is not a length of time.",
            field=field,
            code="bad_duration",
            next_steps=["Write it as 8d, 3h, 45m or 2d12h: days, hours, minutes, seconds, in this order."],
        )
    return duration
