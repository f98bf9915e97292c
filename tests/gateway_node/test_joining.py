"""A node joins with a token, waits for a service that is away, and ends where waiting does not help."""

import argparse
import threading
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from django.test import Client

from hanaper import clock
from hanaper.apps.gateway import services
from hanaper.apps.gateway.models import GatewayNode
from hanaper.gateway_node import __main__ as node
from hanaper.gateway_node.control import TOKEN
from tests.people import SETUP

pytestmark = pytest.mark.django_db


@pytest.fixture
def service(monkeypatch: pytest.MonkeyPatch) -> None:
    """The one in this process."""

    def post(address: str, *, json: Any, **_: Any) -> httpx.Response:
        answer = Client().post(httpx.URL(address).path, json, content_type="application/json")
        return httpx.Response(answer.status_code, content=answer.content)

    monkeypatch.setattr(httpx, "post", post)


@pytest.fixture
def join_file(tmp_path: Path) -> Path:
    return tmp_path / "join.token"


def a_token(system_at: datetime | None = None) -> str:
    return services.make_join_token(SETUP, at=clock.now(), system_at=system_at or clock.system_now())


def join(folder: Path, join_file: Path | None, stopping: threading.Event | None = None) -> str:
    given = argparse.Namespace(server="http://service.test/", join_file=join_file, name="n" * 100)
    return node._joined(given, folder, stopping or threading.Event())


def test_joins_once_and_needs_the_file_no_more(service: None, tmp_path: Path, join_file: Path) -> None:
    join_file.write_text(a_token() + "\n")
    own = join(tmp_path, join_file)
    join_file.unlink()
    assert join(tmp_path, join_file) == join(tmp_path, None) == own == (tmp_path / TOKEN).read_text()
    assert GatewayNode.objects.get().name == "n" * 80


@pytest.mark.parametrize("kind", ["wrong", "used", "too old", "none at all"])
def test_a_token_that_is_not_taken_ends_it(service: None, tmp_path: Path, join_file: Path, kind: str) -> None:
    token = a_token(clock.system_now() - timedelta(days=2) if kind == "too old" else None)
    if kind == "used":
        services.join(token, "another", at=clock.now(), system_at=clock.system_now())
    join_file.write_text({"wrong": "gwj_wrong", "none at all": "x" * 300}.get(kind, token))
    with pytest.raises(SystemExit) as ended:
        join(tmp_path, join_file)
    said = str(ended.value.code)
    assert "wrong, was used before, or is older than a day" in said and str(join_file) in said
    assert "hanaper gateway nodes join-token" in said and not (tmp_path / TOKEN).exists()


@pytest.mark.parametrize(
    ("content", "said"), [(None, "No such file"), (b" \n", "is empty"), (b"\xff\xfe", "cannot be read")]
)
def test_a_file_without_a_token_ends_it(
    tmp_path: Path, join_file: Path, content: bytes | None, said: str
) -> None:
    if content is not None:
        join_file.write_bytes(content)
    with pytest.raises(SystemExit) as ended:
        join(tmp_path, join_file)
    assert said in str(ended.value.code) and "hanaper gateway nodes join-token" in str(ended.value.code)
    with pytest.raises(SystemExit, match="--join-file"):
        join(tmp_path, None)


def test_a_service_that_is_away_is_waited_for(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, join_file: Path
) -> None:
    join_file.write_text("gwj_token")
    answers = [httpx.ConnectError("refused"), httpx.Response(502), httpx.Response(200, json={"token": "own"})]

    def post(*_: Any, **__: Any) -> httpx.Response:
        answer = answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer

    monkeypatch.setattr(httpx, "post", post)
    monkeypatch.setattr(node, "JOIN_SECONDS", 0.0)
    assert join(tmp_path, join_file) == "own" and answers == []


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        (["--server", "ftp://service.test"], "'ftp://service.test' is no address such as https://"),
        (["--https", "99999"], "'99999' is no number from 1 to 65535"),
        (["--http", "8443", "--https", "8443"], "two ports, and both are 8443"),
        (["--drain-seconds", "-1"], "'-1' is no number"),
        (["--folder", "/dev/null/node"], "Not a directory: '/dev/null/node'"),
    ],
)
def test_what_no_node_could_do_is_said_before_it_joins(
    tmp_path: Path, join_file: Path, capsys: pytest.CaptureFixture[str], wrong: list[str], said: str
) -> None:
    join_file.write_text("gwj_token")
    usual = ["--server", "http://service.test", "--folder", str(tmp_path), "--join-file", str(join_file)]
    with pytest.raises(SystemExit) as ended:
        node.main([*usual, *wrong])
    assert said in f"{ended.value.code} {capsys.readouterr().err}"


def test_addresses_are_handed_on_as_nginx_writes_them() -> None:
    addresses = [one for given in ("::", "[::1]", "127.0.0.1", "localhost") for one in ("--address", given)]
    given = node._read(["--server", "http://service.test", "--folder", "x", *addresses])
    assert given.address == ["[::]", "[::1]", "127.0.0.1", "localhost"]
