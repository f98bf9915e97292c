"""The check of every answer can fail, and what it is held against is one description."""

from collections import Counter

import ninja
import pytest
from django.http import HttpResponse, JsonResponse

from tests import described

SYSTEM = "/api/v1/system"


@pytest.mark.parametrize(
    ("path", "answer", "said"),
    [
        (SYSTEM, JsonResponse({"version": 5}), "not as described"),
        (SYSTEM, HttpResponse("hello", content_type="text/plain"), "as text/plain"),
        (SYSTEM, JsonResponse({}, status=418), "which is not described"),
        ("/api/v1/secrets", JsonResponse({}), "is not described"),
    ],
)
def test_it_finds(path: str, answer: HttpResponse, said: str) -> None:
    answer.json = lambda: {"version": 5}  # type: ignore[attr-defined]
    with pytest.raises(AssertionError, match=said):
        described.check("GET", path, answer)


def test_no_two_shapes_share_a_name() -> None:
    """Of two the description keeps the later one, and tells it of both."""
    names = Counter(
        shape.__name__ for shape in _shapes(ninja.Schema) if shape.__module__.startswith("hanaper.")
    )
    assert names["OrderOut"] == 1
    assert [name for name, count in names.items() if count > 1] == []


def _shapes(of: type[ninja.Schema]) -> set[type[ninja.Schema]]:
    return {of}.union(*map(_shapes, of.__subclasses__()))
