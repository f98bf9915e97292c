"""Bars over months: drawn by the server, readable as a list by whoever cannot see them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

HEIGHT = 80  # of the drawing, in its own units


@dataclass(frozen=True, slots=True)
class Bar:
    """`height` and `top` are those of its rectangle; `soon` marks the bars that matter first."""

    month: date
    value: int
    height: int
    top: int
    soon: bool = False


def bars(values: Sequence[tuple[date, int]], *, soon: int = 0) -> list[Bar]:
    """A bar for each month; the highest fills the drawing, and what is not zero can be seen."""
    most = max((value for _month, value in values), default=0)
    drawn = []
    for position, (month, value) in enumerate(values):
        height = max(3, HEIGHT * value // most) if value else 0
        drawn.append(Bar(month, value, height, HEIGHT - height, position < soon))
    return drawn


def months_of(at: datetime, count: int, *, back: bool = False) -> list[date]:
    """The first days of `count` months that begin with this one (or end with it), and of the one after."""
    begin = at.year * 12 + at.month - 1 - (count - 1 if back else 0)
    return [date((begin + index) // 12, (begin + index) % 12 + 1, 1) for index in range(count + 1)]
