"""What commands print on standard output: tables for people, JSON for programs (`--json`)."""

import json
import sys
from collections.abc import Mapping, Sequence
from importlib import import_module
from typing import Any

_state = {"json": False}


def use_json(wanted: bool = True) -> None:
    """From now on `show` prints JSON."""
    _state["json"] = wanted


def wants_json() -> bool:
    return _state["json"]


def show(value: Any, *, columns: Sequence[str] | None = None, title: str | None = None) -> None:
    """Print what a command found: a list of objects (or a page with `items`) as a table, an object as pairs.

    `columns`: which fields of a list, in order (dotted for nested ones); `--json` prints everything.
    """
    if wants_json():
        sys.stdout.write(json.dumps(value, indent=2, ensure_ascii=False, default=str) + "\n")
        return
    if isinstance(value, str):
        sys.stdout.write(value + "\n")
        return
    rows, more = value, None
    if isinstance(value, Mapping) and "items" in value and "next_cursor" in value:
        rows, more = value["items"], value["next_cursor"]
    if isinstance(rows, Mapping):
        _print_table([[name, _cell(rows, name)] for name in columns or rows], None, title)
    elif not rows:
        sys.stdout.write("Nothing here.\n")
    else:
        names = list(columns or rows[0])
        _print_table([[_cell(row, name) for name in names] for row in rows], names, title)
    if more:
        sys.stdout.write(f"There is more: --cursor {more}\n")


def note(text: str) -> None:
    """A line for people about what goes on, on standard error: never in the way of a pipeline."""
    if not wants_json():
        sys.stderr.write(text + "\n")


def _cell(row: Mapping[str, Any], name: str) -> str:
    value: Any = row
    for step in name.split("."):
        value = value.get(step) if isinstance(value, Mapping) else None
    if value is None or value == []:
        return "-"
    if isinstance(value, list) and all(isinstance(item, str) for item in value):
        return ", ".join(value)
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, Mapping | list):
        return json.dumps(value, ensure_ascii=False, default=str)
    return str(value)


def _print_table(rows: list[list[str]], head: list[str] | None, title: str | None) -> None:
    # rich takes a tenth of a second to import: only when there is something to draw.
    console_module, table_module = import_module("rich.console"), import_module("rich.table")
    box, text = import_module("rich.box"), import_module("rich.text")
    table = table_module.Table(box=box.SIMPLE_HEAD, title=title, show_header=head is not None, pad_edge=False)
    for name in head or ["", ""]:
        table.add_column(name.replace("_", " "), overflow="fold")
    for row in rows:
        table.add_row(*(text.Text(cell) for cell in row))  # Text: what others wrote is never markup
    # In a pipeline nothing is cut off or folded.
    console_module.Console(width=None if sys.stdout.isatty() else 2000, soft_wrap=False).print(table)
