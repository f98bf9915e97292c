"""Lists as files."""

from collections.abc import Iterable, Sequence
from typing import Any, cast

from django.http import HttpResponse, StreamingHttpResponse

from hanaper.storage.spreadsheets import csv_lines


def csv_answer(name: str, columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> HttpResponse:
    """A CSV file, streamed: a header and a line a row."""
    return attached(csv_lines(columns, rows), f"{name}.csv", "text/csv; charset=utf-8")


def file_answer(content: bytes, name: str, kind: str) -> HttpResponse:
    """A file that is there as a whole."""
    headers = {"Content-Disposition": f'attachment; filename="{name}"', "X-Content-Type-Options": "nosniff"}
    return HttpResponse(content, content_type=kind, headers=headers)


def attached(lines: Iterable[Any], name: str, kind: str) -> HttpResponse:
    headers = {"Content-Disposition": f'attachment; filename="{name}"', "X-Content-Type-Options": "nosniff"}
    streamed: Any = StreamingHttpResponse(lines, content_type=kind, headers=headers)
    return cast(HttpResponse, streamed)
