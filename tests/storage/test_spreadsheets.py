"""Rows as CSV: what a spreadsheet gets is text and numbers, never a formula."""

import csv
import io
from datetime import UTC, datetime
from typing import Any

import pytest

from hanaper.storage.spreadsheets import csv_lines


def read(*rows: tuple[Any, ...]) -> list[list[str]]:
    return list(csv.reader(io.StringIO("".join(csv_lines(("a",), rows)), newline="")))[1:]


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r"])
def test_a_formula_is_text(start: str) -> None:
    assert read((f"{start}1+1",)) == [[f"'{start}1+1"]]


def test_numbers_moments_and_nothing() -> None:
    at = datetime(2026, 3, 2, 9, tzinfo=UTC)
    assert read((-5, at, None, "a=1")) == [["-5", "2026-03-02T09:00:00+00:00", "", "a=1"]]


def test_quotes_commas_and_lines_stay_in_their_cell() -> None:
    hostile = 'one "two", three\nfour'
    assert read((hostile, "x")) == [[hostile, "x"]]
    assert "".join(csv_lines(("a", "b"), [])) == "a,b\r\n"
