"""What every test has; tests/settings.py makes its data folder, tests/people.py the people."""

import os

import pytest
from django.core.cache import cache
from django.db import connection
from django.db.backends.sqlite3.base import DatabaseOperations

from hanaper.apps.accounts import keys
from tests.people import *  # noqa: F403 - its fixtures


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    if os.environ.get("DATABASE_URL"):
        return
    skip = pytest.mark.skip(reason="needs PostgreSQL: set DATABASE_URL")
    for item in items:
        if "postgres" in item.keywords:
            item.add_marker(skip)


@pytest.fixture(autouse=True)
def fresh_process_memory() -> None:
    """Forget what a process counts in its memory."""
    keys.reset_limits()
    cache.clear()


_flush = DatabaseOperations.execute_sql_flush


def _flush_past_triggers(self: DatabaseOperations, sql_list: list[str]) -> None:
    """Between transactional tests Django empties every table; the append-only ones must let it."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'")
        triggers = cursor.fetchall()
        for name, _ in triggers:
            cursor.execute(f"DROP TRIGGER {name}")
        _flush(self, sql_list)
        for _, sql in triggers:
            cursor.execute(sql)


DatabaseOperations.execute_sql_flush = _flush_past_triggers  # type: ignore[method-assign]
