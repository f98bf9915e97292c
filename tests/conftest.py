"""What every test has; tests/settings.py makes its data folder, tests/people.py the people."""

import os
import sqlite3
from collections.abc import Iterator
from importlib import import_module

import hypothesis
import pytest
from django.core.cache import cache
from django.db import connection
from django.db.backends.sqlite3.base import DatabaseOperations

from hanaper.apps.accounts import keys
from hanaper.core.x509.findings import Finding, Rulebook
from hanaper.storage import tables
from tests.installations import *  # noqa: F403 - its fixtures
from tests.people import *  # noqa: F403 - its fixtures

# No test asserts a time.
hypothesis.settings.register_profile(
    "untimed", deadline=None, suppress_health_check=[hypothesis.HealthCheck.too_slow]
)
hypothesis.settings.load_profile("untimed")


# Few tests, long ones: whole services, browsers, restored backups, whatever may be sent.
LONG = ("faces/rest/test_schema", "processes", "faults", "journeys", "faces/acme/clients", "apps/recovery")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    items.sort(key=lambda item: not item.nodeid.startswith(tuple(f"tests/{path}" for path in LONG)))
    if os.environ.get("DATABASE_URL"):
        return
    skip = pytest.mark.skip(reason="needs PostgreSQL: set DATABASE_URL")
    for item in items:
        if "postgres" in item.keywords:
            item.add_marker(skip)


@pytest.fixture(scope="session")
def django_db_keepdb() -> bool:
    """On SQLite there is one already when Django looks."""
    return connection.vendor == "sqlite"


@pytest.fixture(scope="session")
def django_db_modify_db_settings(django_db_modify_db_settings_parallel_suffix: None) -> Iterator[None]:
    if connection.vendor != "sqlite":
        yield
        return
    memory = sqlite3.connect(
        connection.creation._get_test_db_name(), uri=True, check_same_thread=False, autocommit=True
    )
    for statement in tables.statements():
        memory.execute(statement)
    yield
    memory.close()


@pytest.fixture(autouse=True)
def fresh_process_memory() -> None:
    """Forget what a process counts in its memory."""
    keys.reset_limits()
    cache.clear()


@pytest.fixture(autouse=True)
def one_linter(monkeypatch: pytest.MonkeyPatch) -> None:
    """The full linter, imported once, instead of a process for every certificate of a new shape.

    Every test starts without shapes, and each such process takes a second, nearly all of it imports.
    `tests/apps/authority/test_full_lint.py` starts them.
    """
    monkeypatch.setattr("hanaper.apps.authority.linting.lint_apart", _lint_here)


def _lint_here(der: bytes, rulebook: Rulebook) -> list[Finding]:
    found: list[Finding] = import_module("hanaper.core.x509.full_linting").lint_fully(der, rulebook)
    return found


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
