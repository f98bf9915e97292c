"""Checks of what operators write into the catalogue; each names its field."""

import re
from collections.abc import Sequence
from datetime import datetime

from hanaper.apps.catalog.models import Product
from hanaper.apps.catalog.vocabulary import ProductKind
from hanaper.core.errors import InvalidInput
from hanaper.core.money import MAX_AMOUNT

_is_kind = re.compile(r"[a-z][a-z0-9_]{1,39}", re.ASCII).fullmatch


def amount(value: int, field: str = "amount", *, least: int = 1) -> int:
    if isinstance(value, bool) or not least <= value <= MAX_AMOUNT:
        raise InvalidInput(
            f"It must be between {least} and {MAX_AMOUNT} minor units.", field=field, code="out_of_range"
        )
    return value


def number(value: int, field: str, low: int, high: int) -> int:
    if isinstance(value, bool) or not low <= value <= high:
        raise InvalidInput(f"It must be between {low} and {high}.", field=field, code="out_of_range")
    return value


def text(value: str, field: str, most: int) -> str:
    value = value.strip()
    if not 1 <= len(value) <= most:
        raise InvalidInput(f"It must have 1 to {most} characters.", field=field, code="bad_length")
    return value


def kind(value: str, field: str = "kind") -> str:
    if not _is_kind(value):
        raise InvalidInput(
            f"It must be a word in lower case, such as {ProductKind.SSL_CERTIFICATE}.",
            field=field,
            code="bad_kind",
        )
    return value


def kinds(values: Sequence[str]) -> list[str]:
    """Kinds of products that are in the catalogue; none means every one."""
    known = set(Product.objects.filter(kind__in=list(values)).values_list("kind", flat=True))
    for index, value in enumerate(values):
        if value not in known:
            raise InvalidInput(
                f"No product is of the kind {value!r}.", field=f"kinds.{index}", code="unknown_kind"
            )
    return sorted(set(values))


def window(starts_at: datetime, ends_at: datetime, at: datetime) -> None:
    if ends_at <= starts_at:
        raise InvalidInput("ends_at must be after starts_at.", field="ends_at", code="window_ends_first")
    if ends_at <= at:
        raise InvalidInput("ends_at must lie ahead.", field="ends_at", code="in_the_past")
