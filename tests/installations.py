"""Installations for tests that drive processes: a folder, a database and a card provider of their own.

On SQLite the database is a file in the folder, on PostgreSQL one made from a template.
"""

import os
import shutil
import subprocess
import sys
import uuid
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import psycopg
import pytest

from tests.fixtures_card import CardProvider

ROOT = Path(__file__).resolve().parents[1]


def run(module: str, *arguments: str, environment: dict[str, str]) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", module, *arguments],
        cwd=ROOT,
        env={**os.environ, "DJANGO_SETTINGS_MODULE": "hanaper.settings", **environment},
        capture_output=True,
        text=True,
        timeout=180,
        check=False,
    )


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, str]]:
    """An installation that was started once: its data folder, and its database on PostgreSQL."""
    folder = tmp_path_factory.mktemp("template")
    environment = {"HANAPER_DATA": str(folder / "data"), "HANAPER_LOG_LEVEL": "ERROR", "DATABASE_URL": ""}
    address = os.environ.get("DATABASE_URL", "")
    name = f"test_{uuid.uuid4().hex[:12]}"
    if address:
        with psycopg.connect(address, autocommit=True) as connection:
            connection.execute(f"CREATE DATABASE {name}")  # type: ignore[call-overload]
        environment["DATABASE_URL"] = other_database(address, name)
    prepared = run("hanaper.processes.prepare", environment=environment)
    assert prepared.returncode == 0, prepared.stderr
    yield environment | {"name": name}
    if address:
        with psycopg.connect(address, autocommit=True) as connection:
            connection.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")  # type: ignore[call-overload]


def other_database(address: str, name: str) -> str:
    """The address of another database on the same server."""
    parts = urlsplit(address)
    return f"{parts.scheme}://{parts.netloc}/{name}?{parts.query}"


@pytest.fixture
def installation(template: dict[str, str], tmp_path: Path) -> Iterator[dict[str, str]]:
    """A copy of the template, with a card provider of its own."""
    shutil.copytree(template["HANAPER_DATA"], tmp_path / "data")
    card = CardProvider(tmp_path)
    (tmp_path / "data" / "card-provider-secret").write_text(card.secret)
    card.start()
    environment = {
        "HANAPER_DATA": str(tmp_path / "data"),
        "HANAPER_CARD_PROVIDER_URL": card.url,
        "HANAPER_LOG_LEVEL": "ERROR",
        "DATABASE_URL": "",
        "DJANGO_SETTINGS_MODULE": "hanaper.settings",
    }
    name = f"test_{uuid.uuid4().hex[:12]}"
    address = os.environ.get("DATABASE_URL", "")
    if address:
        with psycopg.connect(address, autocommit=True) as connection:
            connection.execute(f"CREATE DATABASE {name} TEMPLATE {template['name']}")  # type: ignore[call-overload]
        environment["DATABASE_URL"] = other_database(address, name)
    yield environment
    card.stop()
    if address:
        with psycopg.connect(address, autocommit=True) as connection:
            connection.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")  # type: ignore[call-overload]
