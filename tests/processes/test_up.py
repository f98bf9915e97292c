"""`hanaper up` as somebody types it: first page, signs of life, a clean end, and the same people again."""

import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import httpx
import pytest

from tests.fixtures_card import free_port
from tests.gateway_node.conftest import binaries

pytestmark = pytest.mark.skipif(
    not Path("/proc/self/environ").exists(), reason="looks for processes in /proc"
)


class Up:
    """One installation and the command that runs it."""

    def __init__(self, folder: Path) -> None:
        self.data, self.port = folder / "data", free_port()
        self.address = f"http://127.0.0.1:{self.port}"

    def start(self, **settings: str) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [sys.executable, "-m", "hanaper.faces.cli.main", "up"],
            env={
                **os.environ,
                "DATABASE_URL": "",
                "DJANGO_SETTINGS_MODULE": "hanaper.settings",
                "HANAPER_DATA": str(self.data),
                "HANAPER_PORT": str(self.port),
                "HANAPER_CARD_PROVIDER_PORT": str(free_port()),
                **settings,
            },
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )

    def answers(self, path: str, seconds: float = 60) -> httpx.Response:
        """The first good answer."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            try:
                response = httpx.get(self.address + path, trust_env=False, follow_redirects=True)
                if response.is_success:
                    return response
            except httpx.TransportError:
                pass
            time.sleep(0.1)
        raise AssertionError(f"no good answer from {path}")

    def alive(self) -> list[str]:
        """The command lines of processes that belong to this installation."""
        mark, found = f"HANAPER_DATA={self.data}".encode(), []
        for process in Path("/proc").glob("[0-9]*"):
            try:
                if mark in (process / "environ").read_bytes().split(b"\0"):
                    found.append((process / "cmdline").read_text().replace("\0", " "))
            except OSError:
                continue
        return found


@pytest.fixture
def installation(tmp_path: Path) -> Up:
    return Up(tmp_path)


def stop(process: subprocess.Popen[str]) -> tuple[int, str, str]:
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=60)
    return process.returncode, out, err


def test_up_twice(installation: Up) -> None:
    first = installation.start()
    page = installation.answers("/")
    assert "Sign in" in page.text and "sandbox" in page.text.lower()
    assert installation.answers("/healthz").json()["status"] == "ok"
    beside = installation.start()
    _, wrong = beside.communicate(timeout=60)
    assert (beside.returncode, f"`hanaper up` (process {first.pid}) serves from" in wrong) == (1, True)
    status, said, _ = stop(first)
    assert (status, installation.alive()) == (0, [])
    passwords = re.findall(r"^    (\w+) +(\S+@\S+) +(\S+)$", said, re.M)
    assert len(passwords) >= 4 and installation.address in said
    listens = f"port {installation.port + 80} for http and {installation.port + 443} for https"
    assert ("Its gateway node listens on 127.0.0.1, " + listens in said) == bool(binaries())

    second = installation.start()
    installation.answers("/healthz")
    status, said, _ = stop(second)
    assert (status, installation.alive()) == (0, [])
    assert not any(password in said for _, _, password in passwords) and "credentials.json" in said
    for secret in ("secret-key", "credentials.json", "card-provider-secret"):
        assert (installation.data / secret).stat().st_mode & 0o777 == 0o600


LOADED = """
import sys
from hanaper.processes.bare import without_terminals
without_terminals()
from hanaper.processes import worker
print(*(name for name in ("ninja", "django.test", "pygments") if name in sys.modules))
"""


def test_the_worker_loads_nothing_that_it_does_not_need(tmp_path: Path) -> None:
    """The memory of an idle service is what its processes import."""
    settings = {
        "DJANGO_SETTINGS_MODULE": "hanaper.settings",
        "HANAPER_DATA": str(tmp_path),
        "DATABASE_URL": "",
    }
    said = subprocess.run(
        [sys.executable, "-c", LOADED],
        env={**os.environ, **settings},
        capture_output=True,
        text=True,
        check=True,
    )
    assert said.stdout == "\n"


@pytest.mark.parametrize("seconds", [0.3, 1.5])
def test_stopped_while_it_prepares(installation: Up, seconds: float) -> None:
    process = installation.start()
    time.sleep(seconds)
    stop(process)
    assert installation.alive() == []


def test_what_cannot_be_prepared_ends_what_was_started_beside(installation: Up) -> None:
    process = installation.start(HANAPER_MODE="production")
    _, err = process.communicate(timeout=120)
    assert process.returncode == 1 and installation.alive() == []
    assert "Set HANAPER_STATUS_URL to the http address" in err
    assert "did not stop" not in err and "Traceback" not in err


def test_a_wrong_setting_stops_the_start(installation: Up) -> None:
    process = installation.start(HANAPER_RATE_LIMIT="many")
    out, err = process.communicate(timeout=60)
    assert process.returncode == 1 and out == ""
    assert "HANAPER_RATE_LIMIT='many': must be a whole number." in err and "Traceback" not in err
    assert installation.alive() == []


def test_in_production_nothing_is_pretended(installation: Up) -> None:
    production = {
        "HANAPER_MODE": "production",
        "HANAPER_STATUS_URL": "http://status.example",
        "HANAPER_ALLOWED_HOSTS": "127.0.0.1",
    }
    process = installation.start(**production)
    assert installation.answers("/healthz").json()["status"] == "ok"
    assert "sandbox" not in installation.answers("/").text.lower()
    webhook = httpx.post(f"{installation.address}/hooks/sandbox-card", json={}, trust_env=False)
    assert webhook.status_code == 404
    assert not any("sandbox_card" in command for command in installation.alive())
    status, said, _ = stop(process)
    assert status == 0 and "customer" not in said

    process = installation.start()
    _, err = process.communicate(timeout=60)
    assert process.returncode == 1 and installation.alive() == []
    assert "This installation is in production, and HANAPER_MODE says otherwise." in err
    assert "did not stop" not in err
    assert "HANAPER_MODE=production" in err and "Traceback" not in err
