"""Options that many commands have."""

from collections.abc import Callable, Sequence
from typing import Annotated

import typer

Cursor = Annotated[str | None, typer.Option(help="From where the page before said that there is more.")]
Limit = Annotated[int, typer.Option(min=1, max=200, help="How many at most.")]


def one_of(words: Sequence[str]) -> Callable[[str], str]:
    """For an option that is one of `words`: said before anything is asked or sent."""

    def checked(given: str) -> str:
        if given not in words:
            raise typer.BadParameter(f"It is one of {', '.join(words)}.")
        return given

    return checked
