"""Certificates wanted in a table (CSV, RFC 4180): a row each, every fault at its row and column.

Columns are found by their header, in any order. Rows are counted as spreadsheets count them: the header is
row 1. Several names stand in one cell, with blanks, semicolons or line breaks between them.
"""

import csv
import io
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from hanaper.core.errors import Fault, InvalidInput
from hanaper.core.private_ca.requests import Request
from hanaper.core.x509.algorithms import KeyAlgorithm
from hanaper.core.x509.names import Subject

MOST_ROWS = 2000
LONGEST_CELL = csv.field_size_limit()  # characters; a CSR has some two thousand
LONGEST_TABLE = 900_000  # characters
NAMES = ("dns", "ip", "email", "uri")
SUBJECT = ("common_name", "organization", "country", "state", "locality", "registration_number")
COLUMNS = ("template", *SUBJECT, *NAMES, "csr", "key_algorithm", "days")
_BETWEEN = {"uri": re.compile(r"\s+")}  # a URI may have a semicolon in it
_BETWEEN_OTHERS = re.compile(r"[\s;]+")
_GUARDED = re.compile(r"'(?=[=+\-@])")  # as exports for spreadsheets write a text that looks like a formula
_DAYS = re.compile(r"[0-9]{1,6}\Z")


@dataclass(frozen=True, slots=True)
class Row:
    number: int
    request: Request


def read_table(text: str, *, template: str = "") -> tuple[list[Row], list[Fault]]:
    """The rows that can be read, and every fault, at `rows.<number>.<column>` or `csv`. `template`: of rows
    that name none."""
    faults: list[Fault] = []
    if len(text) > LONGEST_TABLE:
        return [], [
            Fault(
                "csv", f"A table has at most {LONGEST_TABLE:,} characters: make several of it.", "too_large"
            )
        ]
    records = _records(text.removeprefix("\ufeff"), faults)
    header = next(records, (0, []))[1]
    columns = [name.strip().lower() for name in header]
    unknown = sorted({one for one in columns if one not in COLUMNS})
    if faults:
        return [], faults
    doubled = sorted({one for one in columns if columns.count(one) > 1})
    if unknown or not columns or doubled:
        message = f"The first row names the columns, each once: {', '.join(COLUMNS)}."
        if twice := [name for name in doubled if name]:
            message = f"These columns are there more than once: {', '.join(twice)}. Put each into one."
        if unknown := [name for name in unknown if name]:
            message = (
                f"There are no such columns: {', '.join(unknown)}. "
                f"The first row names the columns, each once: {', '.join(COLUMNS)}."
            )
        return [], [Fault("csv", message, "bad_header")]
    rows: list[Row] = []
    for number, cells in records:
        if not any(cell.strip() for cell in cells):
            continue
        if len(cells) > len(columns):
            faults.append(
                Fault(
                    f"rows.{number}",
                    "It has more cells than there are columns: put cells with commas into quotation marks.",
                    "too_many_cells",
                )
            )
            continue
        if len(rows) == MOST_ROWS:
            faults.append(
                Fault("csv", f"A table has at most {MOST_ROWS:,} rows: make several of it.", "too_many_rows")
            )
            break
        if unkeepable := [name for name, cell in zip(columns, cells, strict=False) if "\0" in cell]:
            message = "There is a character in it that stands for nothing (U+0000): take it out."
            faults += [Fault(f"rows.{number}.{name}", message, "not_text") for name in unkeepable]
            continue
        request = _request(dict(zip(columns, map(_plain, cells), strict=False)), number, template, faults)
        rows.append(Row(number, request))
    if not rows and not faults:
        faults.append(
            Fault("csv", "The table has no rows: write one below the header for each certificate.", "no_rows")
        )
    return rows, faults


def in_order(faults: Iterable[Fault]) -> list[Fault]:
    """As one reads the table: what is wrong with it as a whole, then by row and column."""

    def place(fault: Fault) -> tuple[int, int]:
        _, _, rest = fault.field.partition("rows.")
        number, _, column = rest.partition(".")
        return int(number or 0), COLUMNS.index(column) if column in COLUMNS else -1

    return sorted(faults, key=place)


def faults_of_row(number: int, wrong: InvalidInput) -> list[Fault]:
    """What is wrong with a row's request, at its column."""
    return [
        Fault(f"rows.{number}.{_column(fault.field)}", fault.message, fault.code) for fault in wrong.faults
    ] or [Fault(f"rows.{number}", wrong.message, wrong.code)]


def to_json(request: Request) -> dict[str, Any]:
    subject = {name: getattr(request.subject, name) for name in SUBJECT} if request.subject else None
    return {
        "template": request.template,
        "subject": subject,
        "names": request.names,
        "csr": request.csr,
        "key_algorithm": request.key_algorithm,
        "days": request.days,
    }


def from_json(written: Mapping[str, Any]) -> Request:
    subject, algorithm = written["subject"], written["key_algorithm"]
    return Request(
        **{
            **written,
            "subject": Subject(**subject) if subject else None,
            "key_algorithm": KeyAlgorithm(algorithm) if algorithm else None,
        }
    )


def _records(text: str, faults: list[Fault]) -> Iterator[tuple[int, list[str]]]:
    """Each with its number; the delimiter is what the header has: some spreadsheets write semicolons."""
    first = text.partition("\n")[0]
    delimiter = max(",;\t", key=first.count)
    number = 0
    try:
        reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
        for number, record in enumerate(reader, 1):
            yield number, record
    except csv.Error as wrong:
        faults.append(Fault(f"rows.{number + 1}", _unreadable(str(wrong), number + 1), "not_csv"))


def _unreadable(wrong: str, number: int) -> str:
    if "unexpected end" in wrong:
        return f"The quotation mark opened in row {number} is never closed: close it, or take it out."
    if "expected after" in wrong:
        return (
            f"In row {number} something stands right after a closing quotation mark: is one before it not"
            " closed? Within quotation marks, write each twice."
        )
    if "field larger than" in wrong:
        return (
            f"A cell in row {number} has more than {LONGEST_CELL:,} characters: is a quotation mark before it"
            " not closed? A cell holds a CSR, or a few names."
        )
    return (
        f"Row {number} cannot be read as CSV: put a cell with a delimiter, a quotation mark or a line break"
        " into quotation marks."
    )


def _plain(cell: str) -> str:
    return _GUARDED.sub("", cell.strip(), count=1) if cell.strip().startswith("'") else cell.strip()


def _request(cells: Mapping[str, str], number: int, template: str, faults: list[Fault]) -> Request:
    given = {name: cells.get(name) or None for name in SUBJECT}
    names = {
        kind: [one for one in _BETWEEN.get(kind, _BETWEEN_OTHERS).split(cells.get(kind, "")) if one]
        for kind in NAMES
    }
    named = {kind: values for kind, values in names.items() if values}
    csr, days, algorithm = (cells.get(name) or None for name in ("csr", "days", "key_algorithm"))
    if not (chosen := cells.get("template") or template):
        faults.append(
            Fault(
                f"rows.{number}.template",
                "The row names no template: fill in the column, or choose a template for all rows.",
                "missing",
            )
        )
    if days is not None and not (_DAYS.match(days) and int(days)):
        faults.append(
            Fault(f"rows.{number}.days", "Write a whole number of days, such as 90.", "not_a_number")
        )
        days = None
    if algorithm is not None and algorithm not in set(KeyAlgorithm):
        known = ", ".join(KeyAlgorithm)
        faults.append(
            Fault(
                f"rows.{number}.key_algorithm",
                f"There is no such algorithm: write one of {known}.",
                "unknown_algorithm",
            )
        )
        algorithm = None
    if csr is not None and "-----" not in csr:
        csr = f"-----BEGIN CERTIFICATE REQUEST-----\n{csr}\n-----END CERTIFICATE REQUEST-----"
    return Request(
        template=chosen,
        subject=Subject(**given) if any(given.values()) else None,
        names=named or (None if csr else {}),
        csr=csr,
        key_algorithm=KeyAlgorithm(algorithm) if algorithm else None,
        days=int(days) if days else None,
    )


def _column(field: str) -> str:
    """`names.dns.0` is told at `dns`, `subject.country` at `country`; that there are no names, at `dns`."""
    parts = field.split(".")
    found = parts[1] if parts[0] in ("names", "subject") and len(parts) > 1 else parts[0]
    return "dns" if found == "names" else found
