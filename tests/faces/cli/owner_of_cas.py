"""Fixtures of `hanaper pca`: the owner at the command line, a root with its intermediate, both enabled."""

import json
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from hanaper import clock
from tests.fixtures_authority import *  # noqa: F403 - its fixtures
from tests.people import Person
from tests.shop import *  # noqa: F403 - its fixtures
from tests.shop import buy

Run = Callable[..., tuple[int, str, str]]
PASSPHRASE = "correct horse battery"


@pytest.fixture
def at() -> Any:
    return clock.now() - timedelta(minutes=1)


@pytest.fixture
def run(
    hanaper: Any, owner: Person, catalogue: None, published: Path, monkeypatch: pytest.MonkeyPatch
) -> Run:
    """As the owner of an account."""
    monkeypatch.setenv("HANAPER_SERVER", "http://127.0.0.1:20999")
    monkeypatch.setenv("HANAPER_KEY", owner.secret)
    return hanaper


def found(answer: tuple[int, str, str]) -> Any:
    status, out, err = answer
    assert status == 0, err
    return json.loads(out)


@pytest.fixture
def root(run: Run, owner: Person, at: Any) -> str:
    """Bought with its intermediate, neither enabled."""
    buy(owner, "private-root-ca", at=at)
    cas = found(run("--json", "pca", "list"))["items"]
    return str(next(ca["id"] for ca in cas if ca["kind"] == "root"))


@pytest.fixture
def issuing(run: Run, root: str) -> str:
    """The intermediate, both enabled."""
    found(run("--json", "pca", "enable", root, "--common-name", "Example Root"))
    cas = found(run("--json", "pca", "list"))["items"]
    below = next(ca["id"] for ca in cas if ca["parent"] == root)
    return str(found(run("--json", "pca", "enable", below, "--common-name", "Example CA"))["id"])


@pytest.fixture
def passphrase(tmp_path: Path) -> str:
    file = tmp_path / "passphrase"
    file.write_text(PASSPHRASE + "\n")
    return str(file)
