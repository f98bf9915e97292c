"""Commands against the service in this process."""

import json
from collections.abc import Callable
from typing import Any

import httpx
import pytest
from django.test import Client

from hanaper.faces.cli import main, output
from tests.people import Person

SERVER = "http://127.0.0.1:20999"
Run = Callable[..., tuple[int, str, str]]


def answer(request: httpx.Request) -> httpx.Response:
    """Hand a request of the command line to the service in this process and transaction."""
    answered = Client(raise_request_exception=False).generic(
        request.method,
        request.url.raw_path.decode(),
        request.content,
        content_type=request.headers.get("content-type", ""),
        headers=dict(request.headers),
    )
    return httpx.Response(
        answered.status_code, headers=dict(answered.headers), content=b"".join(answered), request=request
    )


@pytest.fixture
def hanaper(monkeypatch, tmp_path, capsys):
    """Run a command against the service in this process; the answer is (status, out, err)."""
    transport = httpx.MockTransport(answer)
    real = httpx.Client
    monkeypatch.setattr(httpx, "Client", lambda **options: real(**{**options, "transport": transport}))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    monkeypatch.setattr("hanaper.faces.cli.machine.installed_here", lambda: True)
    monkeypatch.setattr("hanaper.faces.cli.clock.installed_here", lambda: True)

    def run(*words: str, **environment: str) -> tuple[int, str, str]:
        for name, value in environment.items():
            monkeypatch.setenv(name, value)
        output.use_json(False)
        capsys.readouterr()
        with pytest.raises(SystemExit) as ended:
            main.main(words)
        captured = capsys.readouterr()
        return int(ended.value.code or 0), captured.out, captured.err

    return run


@pytest.fixture
def run_as(hanaper: Run, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Any]:
    """Run a command as somebody, with `--json`: what it printed, or the error it ended with."""

    def run(who: Person, *words: str) -> Any:
        monkeypatch.setenv("HANAPER_SERVER", SERVER)
        monkeypatch.setenv("HANAPER_KEY", who.secret)
        status, out, err = hanaper("--json", *words)
        return json.loads(out) if status == 0 else json.loads(err)["error"]

    return run


@pytest.fixture
def on_this_machine(monkeypatch, capsys):
    """Run a command that needs no server, with --json; its exit status and what it printed."""
    monkeypatch.setattr("hanaper.faces.cli.machine.installed_here", lambda: True)

    def run(*words: str) -> tuple[int, Any]:
        output.use_json(False)
        with pytest.raises(SystemExit) as ended:
            main.main(["--json", *words])
        output.use_json(False)
        captured = capsys.readouterr()
        return int(ended.value.code or 0), json.loads(captured.out or captured.err)

    return run
