"""The real sandbox card provider as a process, for tests: `card_provider`."""

import json
import os
import random
import signal
import socket
import sqlite3
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from hanaper.apps.payments import providers
from hanaper.apps.payments.providers.sandbox_card import SandboxCard

SECRET = "ab" * 32


class CardProvider:
    """Started on a free port with a database of its own; `register`ed as the provider of the means card."""

    def __init__(
        self, folder: Path, *, webhook_url: str = "", delay: float = 0.2, port: int | None = None
    ) -> None:
        self.folder, self.webhook_url, self.delay = folder, webhook_url, delay
        self.secret = SECRET
        self.port = port or free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.process: subprocess.Popen[bytes] | None = None
        (folder / "secret").write_text(SECRET)

    def start(self) -> None:
        self.process = subprocess.Popen(
            [
                sys.executable, "-m", "hanaper.sandbox_card", "--port", str(self.port),
                "--database", str(self.folder / "card.sqlite3"), "--secret-file", str(self.folder / "secret"),
                "--webhook-url", self.webhook_url, "--delay", str(self.delay),
            ],
            env={name: value for name, value in os.environ.items() if name != "HANAPER_CRASH_AT"},
            stderr=subprocess.DEVNULL,
        )  # fmt: skip
        deadline = time.monotonic() + 15
        while time.monotonic() < deadline:
            try:
                self.charges()
                return
            except urllib.error.URLError:
                time.sleep(0.02)
        raise RuntimeError("the card provider did not start")

    def stop(self, number: signal.Signals = signal.SIGTERM) -> None:
        if self.process is not None:
            self.process.send_signal(number)
            self.process.wait(10)
            self.process = None

    def charges(self) -> list[dict[str, Any]]:
        return self.call("GET", "/v1/charges?limit=1000")["data"]

    def refunds(self) -> list[dict[str, Any]]:
        return self.call("GET", "/v1/refunds?limit=1000")["data"]

    def resolve(self, refund: str, status: str) -> None:
        self.call("POST", f"/v1/refunds/{refund}/resolve", {"status": status})

    def refund_in_dashboard(self, charge: str, amount: int) -> dict[str, Any]:
        return self.call("POST", "/v1/dashboard/refunds", {"charge": charge, "amount": amount})

    def wait_for(self, refund: str, status: str) -> None:
        """Until the provider has made up its mind."""
        deadline = time.monotonic() + 10
        while {one["id"]: one["status"] for one in self.refunds()}[refund] != status:
            if time.monotonic() > deadline:
                raise RuntimeError(f"{refund} is not {status}")
            time.sleep(0.02)

    def forget_keys(self) -> None:
        """As after a day: what was answered under our keys is no longer known, what was done is."""
        with sqlite3.connect(self.folder / "card.sqlite3") as database:
            database.execute("DELETE FROM answer")

    def call(self, method: str, path: str, body: Any = None, **headers: str) -> dict[str, Any]:
        request = urllib.request.Request(
            self.url + path,
            method=method,
            data=None if body is None else json.dumps(body).encode(),
            headers={"Authorization": f"Bearer {SECRET}", **headers},
        )
        with urllib.request.urlopen(request, timeout=5) as response:
            answer: dict[str, Any] = json.loads(response.read())
            return answer

    def register(self) -> None:
        providers.register(providers.CARD, SandboxCard(self.url, SECRET))


def free_port() -> int:
    """One that nobody listens at, below those that the system gives to outgoing connections: one of these
    may come between the asking and the listening.
    """
    while True:
        port = random.randrange(10_000, 32_000)
        with socket.socket() as probe, suppress(OSError):
            probe.bind(("127.0.0.1", port))
            return port


@pytest.fixture
def card_provider(tmp_path: Path) -> Iterator[CardProvider]:
    """Without webhooks: what they would tell is found by looking (`tests/apps/payments/conftest.py`)."""
    before = providers.provider(providers.CARD)
    one = CardProvider(tmp_path)
    one.start()
    one.register()
    yield one
    one.stop()
    providers.register(providers.CARD, before)
