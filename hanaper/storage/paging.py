"""Keyset paging: pages stay equally fast however deep, and nothing is counted."""

import base64
import binascii
import json
from dataclasses import dataclass

from django.db import models
from django.db.models import Q

from hanaper.core.errors import InvalidInput

DEFAULT_LIMIT = 50
MAX_LIMIT = 200


@dataclass(frozen=True, slots=True)
class Page[M: models.Model]:
    """One page of rows in order, and the cursor of the next page (None on the last)."""

    rows: list[M]
    next_cursor: str | None


def page[M: models.Model](
    rows: models.QuerySet[M], *, sort: str, cursor: str | None = None, limit: int = DEFAULT_LIMIT
) -> Page[M]:
    """The page of `rows` after `cursor`, sorted by the column `sort` (`-` for descending), then by pk.

    `sort` must be a column without nulls and with an index that ends in the pk. A cursor that was not
    made by this function for the same sort is refused (`cursor`).
    """
    if not 1 <= limit <= MAX_LIMIT:
        raise InvalidInput(f"limit must be between 1 and {MAX_LIMIT}.", field="limit", code="out_of_range")
    descending = sort.startswith("-")
    column = sort.lstrip("-")
    after, order = ("lt", ["-" + column, "-pk"]) if descending else ("gt", [column, "pk"])
    if cursor:
        value, pk = _read(cursor, sort, rows.model._meta.get_field(column))
        # `column >= value` lets the index find the start; the OR only settles ties.
        rows = rows.filter(**{f"{column}__{after}e": value}).filter(
            Q(**{f"{column}__{after}": value}) | Q(**{column: value, f"pk__{after}": pk})
        )
    found = list(rows.order_by(*order)[: limit + 1])
    if len(found) <= limit:
        return Page(found, None)
    last = found[limit - 1]
    field = rows.model._meta.get_field(column)
    written = [sort, field.value_to_string(last), last.pk]  # type: ignore[union-attr]
    return Page(found[:limit], base64.urlsafe_b64encode(json.dumps(written).encode()).decode().rstrip("="))


def _read(cursor: str, sort: str, field: object) -> tuple[object, int]:
    try:
        padded = cursor + "=" * (-len(cursor) % 4)
        made_for, value, pk = json.loads(base64.urlsafe_b64decode(padded.encode()))
        if made_for != sort or not isinstance(pk, int) or isinstance(pk, bool):
            raise ValueError("a cursor of another list")
        return field.to_python(value), pk  # type: ignore[attr-defined]
    except (ValueError, TypeError, KeyError, binascii.Error, UnicodeError, RecursionError) as error:
        raise InvalidInput(
            "This cursor was not given out by this list.",
            field="cursor",
            code="bad_cursor",
            next_steps=["Start again without a cursor."],
        ) from error
    except Exception as error:  # field.to_python raises Django's ValidationError
        raise InvalidInput("This cursor is damaged.", field="cursor", code="bad_cursor") from error
