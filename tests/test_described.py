"""The check of every answer can fail."""

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
