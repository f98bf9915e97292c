"""Lists: `cursor`, `limit`, `sort` in; `{"items": [...], "next_cursor": null}` out."""

from collections.abc import Callable, Sequence
from typing import Annotated, Any

import ninja
from django.db import models
from ninja import Query
from pydantic import Field

from hanaper.core.errors import InvalidInput
from hanaper.storage import paging

DEFAULT_LIMIT = paging.DEFAULT_LIMIT


class PageParameters(ninja.Schema):
    """Take it as `paging: PageQuery` and hand it to `answer`."""

    cursor: str | None = Field(None, max_length=1000, description="`next_cursor` of the page before.")
    limit: int = Field(paging.DEFAULT_LIMIT, ge=1, le=paging.MAX_LIMIT)
    sort: str | None = Field(
        None, max_length=60, description="A column of the list; `-` in front: descending."
    )


PageQuery = Annotated[PageParameters, Query(...)]


class PageOut[T](ninja.Schema):
    items: list[T]
    next_cursor: str | None = Field(None, description="Hand it back as `cursor`; null on the last page.")


def answer[M: models.Model](
    rows: models.QuerySet[M],
    parameters: PageParameters,
    *,
    sorts: Sequence[str],
    out: Callable[[M], Any] | None = None,
) -> dict[str, Any]:
    """The page as an answer. `sorts`: columns that may be sorted by, the first (with its `-`) by default.

    Each must be free of nulls and have an index; `out` turns a row into what the schema takes.
    """
    sort = parameters.sort or sorts[0]
    if sort.lstrip("-") not in {name.lstrip("-") for name in sorts}:
        allowed = ", ".join(name.lstrip("-") for name in sorts)
        raise InvalidInput(f"This list sorts by {allowed}.", field="sort", code="unknown_sort")
    found = paging.page(rows, sort=sort, cursor=parameters.cursor, limit=parameters.limit)
    items: list[Any] = [out(row) for row in found.rows] if out else list(found.rows)
    return {"items": items, "next_cursor": found.next_cursor}
