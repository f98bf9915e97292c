"""Bars over hours or days as one picture, drawn by the server; the numbers stand in the table beside it."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

WIDTH, HEIGHT = 480, 120  # of the drawing, in its own units
GAP = 0.25  # of a bar's place
LEAST = 2.0  # so that what is not zero can be seen
LABELS = 6


@dataclass(frozen=True, slots=True)
class Rectangle:
    """`says`: what it shows, for whoever points at it."""

    x: float
    y: float
    width: float
    height: float
    says: str


@dataclass(frozen=True, slots=True)
class Drawing:
    """`most`: what the highest bar stands for; `labels`: the moments that are
    named below it, evenly apart."""

    caption: str
    total: str
    most: str
    bars: list[Rectangle]
    labels: list[datetime]


def drawing(
    caption: str,
    moments: Sequence[datetime],
    values: Mapping[datetime, int],
    say: Callable[[int], str],
    say_moment: Callable[[datetime], str],
) -> Drawing:
    """A bar for each of `moments`, also where there is no value."""
    place = WIDTH / max(1, len(moments))
    most = max((values.get(at, 0) for at in moments), default=0)
    bars = []
    for number, at in enumerate(moments):
        if value := values.get(at, 0):
            height = max(LEAST, HEIGHT * value / most)
            bars.append(
                Rectangle(
                    round(number * place + place * GAP / 2, 1),
                    round(HEIGHT - height, 1),
                    round(place * (1 - GAP), 1),
                    round(height, 1),
                    f"{say_moment(at)}: {say(value)}",
                )
            )
    every = max(1, -(-len(moments) // LABELS))
    labels = [at for number, at in enumerate(moments) if number % every == 0]
    return Drawing(caption, say(sum(values.get(at, 0) for at in moments)), say(most), bars, labels)


def moments_until(newest: datetime, step: timedelta, count: int) -> list[datetime]:
    """So many, one step apart, the newest last."""
    return [newest - step * number for number in reversed(range(count))]
