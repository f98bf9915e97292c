"""Options that many commands have."""

from typing import Annotated

import typer

Cursor = Annotated[str | None, typer.Option(help="From where the page before said that there is more.")]
Limit = Annotated[int, typer.Option(min=1, max=200, help="How many at most.")]
