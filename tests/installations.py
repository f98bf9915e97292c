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

from tests.fixtures_card import CardProvider, free_port
from tests.forks import ROOT, Forks

__all__ = ["forks", "installation", "place", "template"]  # the fixtures


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


@pytest.fixture(scope="session")
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


@pytest.fixture(scope="session")
def place(template: dict[str, str], tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """Where every installation of this run lies in its turn, so that all have the same settings."""
    folder = tmp_path_factory.mktemp("installation")
    environment = {
        "HANAPER_DATA": str(folder / "data"),
        "HANAPER_CARD_PROVIDER_URL": f"http://127.0.0.1:{free_port()}",
        "HANAPER_LOG_LEVEL": "ERROR",
        "HANAPER_GATEWAY_HTTPS_PORT": "0",  # no node
        "DATABASE_URL": "",
        "DJANGO_SETTINGS_MODULE": "hanaper.settings",
    }
    if address := os.environ.get("DATABASE_URL", ""):
        environment["DATABASE_URL"] = other_database(address, f"test_{uuid.uuid4().hex[:12]}")
    return environment


@pytest.fixture
def installation(template: dict[str, str], place: dict[str, str], tmp_path: Path) -> Iterator[dict[str, str]]:
    """A copy of the template, with a card provider of its own."""
    data, database = Path(place["HANAPER_DATA"]), place["DATABASE_URL"]
    shutil.copytree(template["HANAPER_DATA"], data)
    port = urlsplit(place["HANAPER_CARD_PROVIDER_URL"]).port
    card = CardProvider(tmp_path, port=port)
    (data / "card-provider-secret").write_text(card.secret)
    card.start()
    name = urlsplit(database).path[1:]
    if database:
        with psycopg.connect(os.environ["DATABASE_URL"], autocommit=True) as connection:
            connection.execute(f"CREATE DATABASE {name} TEMPLATE {template['name']}")  # type: ignore[call-overload]
    yield place
    card.stop()
    shutil.rmtree(data)
    if database:
        with psycopg.connect(os.environ["DATABASE_URL"], autocommit=True) as connection:
            connection.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")  # type: ignore[call-overload]


@pytest.fixture(scope="session")
def forks(template: dict[str, str], place: dict[str, str]) -> Iterator[Forks]:
    """Started with the first installation in its place: what it imports reads settings and secrets there."""
    one = Forks(place)
    yield one
    one.close()
