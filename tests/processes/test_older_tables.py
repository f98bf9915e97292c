"""Whoever began with older tables has the same as whoever begins today, and keeps what was in them."""

import re
import sqlite3
from pathlib import Path

import pytest
from django.db.migrations.loader import MigrationLoader

from hanaper.storage import tables as written_down
from tests.installations import run

pytestmark = pytest.mark.process

DIGEST = re.compile(r"_[0-9a-f]{8}(?=_|\b)")  # that Django gives the names of indexes
CONSTRAINT = re.compile(r'CONSTRAINT "(\w+)" (?:CHECK|UNIQUE) ')


def tables(file: Path) -> set[tuple[object, ...]]:
    """Columns, foreign keys, constraints, indexes and triggers; columns may stand in another order."""
    database = sqlite3.connect(f"{file.as_uri()}?mode=ro", uri=True)
    found: set[tuple[object, ...]] = set()
    made = "SELECT type, name, tbl_name, sql FROM sqlite_master WHERE sql IS NOT NULL"
    for kind, name, table, sql in database.execute(made).fetchall():
        if kind != "table":
            found.add((kind, DIGEST.sub("_", name), DIGEST.sub("_", sql)))
            continue
        found |= {("column", table, *row[1:]) for row in database.execute(f"PRAGMA table_info({table})")}
        keys = database.execute(f"PRAGMA foreign_key_list({table})")
        found |= {("foreign key", table, *row[2:]) for row in keys}
        for constraint in CONSTRAINT.finditer(sql):
            within = balanced(sql, constraint.end()).replace(f'"{table}".', "")
            found.add(("constraint", table, constraint[1], within))
    database.close()
    return found


def balanced(text: str, begin: int) -> str:
    """From a parenthesis to the one that closes it."""
    depth = 0
    for position in range(begin, len(text)):
        depth += (text[position] == "(") - (text[position] == ")")
        if depth == 0:
            return text[begin : position + 1]
    raise AssertionError(text[begin:])


def test_every_step_leads_to_the_same_tables(tmp_path: Path) -> None:
    environment = {"HANAPER_DATA": str(tmp_path / "data"), "DATABASE_URL": ""}
    walked = run("tests.processes.older_tables", environment=environment)
    assert walked.returncode == 0, walked.stderr
    assert walked.stdout == "2026-03-18"
    newest = tmp_path / "newest.sqlite3"
    steps = at_once(newest)
    older, newer = tables(tmp_path / "data" / "hanaper.sqlite3"), tables(newest)
    assert older == newer and len(newer) > 1500, "after a new migration: make tables"
    assert set(MigrationLoader(None).disk_migrations) <= steps, "after a new migration: make tables"


def at_once(file: Path) -> set[tuple[str, str]]:
    """What an installation of today begins with; the migrations that it need not go through."""
    with sqlite3.connect(file) as database:
        for statement in written_down.statements():
            database.execute(statement)
        found = set(database.execute("SELECT app, name FROM django_migrations"))
    database.close()
    return found
