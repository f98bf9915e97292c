"""The stage: the real service in a folder of its own, on free ports of loopback, started and stopped here."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
import uuid
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx

from hanaper.demo.world import WebServer
from hanaper.sandbox_dns.name_server import NameServer

START_SECONDS = 90.0  # a busy machine makes the tables in many seconds


class DemoFailed(Exception):
    """Something did not happen as the story tells it."""


class Person:
    """Somebody with an access key, calling the API. A refusal that is expected is part of the story."""

    def __init__(self, address: str, key: str) -> None:
        self._client = httpx.Client(
            base_url=f"{address}/api/v1",
            headers={"Authorization": f"Bearer {key}"},
            timeout=30,
            trust_env=False,
        )

    def get(self, path: str, **query: str) -> Any:
        return self._answer(self._client.get(path, params=query))

    def post(self, path: str, body: dict[str, Any] | None = None) -> Any:
        return self._answer(self._post(path, body))

    def put(self, path: str, body: dict[str, Any]) -> Any:
        key = {"Idempotency-Key": uuid.uuid4().hex}
        return self._answer(self._client.put(path, json=body, headers=key))

    def patch(self, path: str, body: dict[str, Any]) -> Any:
        key = {"Idempotency-Key": uuid.uuid4().hex}
        return self._answer(self._client.patch(path, json=body, headers=key))

    def refused(self, path: str, body: dict[str, Any] | None = None) -> dict[str, Any]:
        """Post what must be refused; the error."""
        response = self._post(path, body)
        if response.status_code < 400:
            raise DemoFailed(f"POST {path} should have been refused, and was not")
        error: dict[str, Any] = response.json()["error"]
        return error

    def attempt(self, path: str, *, unless: tuple[str, ...]) -> str:
        """Post what may be refused with one of the codes `unless`; the code, empty if it was taken."""
        response = self._post(path, None)
        if response.status_code >= 400 and (code := response.json()["error"]["code"]) in unless:
            return str(code)
        self._answer(response)
        return ""

    def _post(self, path: str, body: dict[str, Any] | None) -> httpx.Response:
        return self._client.post(path, json=body or {}, headers={"Idempotency-Key": uuid.uuid4().hex})

    @staticmethod
    def _answer(response: httpx.Response) -> Any:
        if response.status_code >= 400:
            raise DemoFailed(f"{response.request.method} {response.request.url.path}: {response.text}")
        return response.json()


class Stage:
    """The service, and the small world outside it."""

    def __init__(self, folder: Path, *, gateway: bool = False) -> None:
        self.folder = folder
        self.gateway_port = free_port() if gateway else 0  # for https; without one no node is started
        self.names, self.web = NameServer(), WebServer()
        self.names.records["*.gateway.test", "A"] = ["127.0.0.1"]
        port, card_port = free_port(), free_port()
        self.address = f"http://127.0.0.1:{port}"
        self.environment = {
            **os.environ,
            "HANAPER_DATA": str(folder / "data"),
            "DJANGO_SETTINGS_MODULE": "hanaper.settings",
            "HANAPER_MODE": "sandbox",
            "HANAPER_HOST": "127.0.0.1",
            "HANAPER_PORT": str(port),
            "HANAPER_PUBLIC_URL": self.address,
            "HANAPER_STATUS_URL": self.address,
            "HANAPER_CARD_PROVIDER_PORT": str(card_port),
            "HANAPER_CARD_PROVIDER_URL": f"http://127.0.0.1:{card_port}",
            "HANAPER_RESOLVERS": self.names.address,
            "HANAPER_HTTP_CHECK_PORT": str(self.web.port),
            "HANAPER_GATEWAY_HTTP_PORT": str(free_port()),
            "HANAPER_GATEWAY_HTTPS_PORT": str(self.gateway_port),
            "HANAPER_GATEWAY_DRAIN_SECONDS": "5",
            "HANAPER_SWEEP_SECONDS": "1",
            "HANAPER_LOG_LEVEL": "WARNING",
            "DATABASE_URL": "",
        }
        self._process: subprocess.Popen[bytes] | None = None
        self.first_answer = 0.0  # when the first page came, by time.perf_counter()

    def start(self) -> None:
        """Start the service, and wait until it answers."""
        with (self.folder / "service.log").open("ab") as log:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "hanaper.faces.cli.main", "up"],
                env=self.environment,
                stdout=log,
                stderr=log,
                cwd=self.folder,
            )
        self.wait_until(self._answers, START_SECONDS, "the first page")
        self.first_answer = time.perf_counter()
        self.wait_until(self._is_well, START_SECONDS, "the service to be well")

    @property
    def pid(self) -> int:
        """Of the supervisor, while the service runs."""
        return self._process.pid if self._process is not None else 0

    def stop(self) -> None:
        """Stop the service, and the world around it."""
        self.stop_service()
        self.names.close()
        self.web.close()

    def stop_service(self) -> None:
        """As Ctrl-C would; `start` starts it again."""
        if self._process is not None and self._process.poll() is None:
            self._process.send_signal(signal.SIGINT)
            try:
                self._process.wait(30)
            except subprocess.TimeoutExpired:
                self._process.kill()

    def person(self, who: str) -> Person:
        """One of the people of the first start: customer, reviewer, finance, administrator."""
        people = json.loads((self.folder / "data" / "credentials.json").read_text())
        return Person(self.address, people[who]["access_key"])

    def command(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run a `hanaper` command on this installation, as an operator in a terminal would."""
        return subprocess.run(
            [sys.executable, "-m", "hanaper.faces.cli.main", *arguments],
            env=self.environment,
            capture_output=True,
            text=True,
            check=False,
        )

    def wait_until(self, condition: Callable[[], Any], seconds: float, what: str) -> Any:
        """What `condition` returns, once that is something; DemoFailed after `seconds`."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            if found := condition():
                return found
            if self._process is not None and self._process.poll() is not None:
                raise DemoFailed(f"the service ended; its log is {self.folder / 'service.log'}")
            time.sleep(0.1)
        raise DemoFailed(f"waited {seconds:.0f} s in vain for {what}")

    def _answers(self, path: str = "/") -> bool:
        try:
            return httpx.get(self.address + path, timeout=5, trust_env=False).is_success
        except httpx.TransportError:
            return False

    def _is_well(self) -> bool:
        return self._answers("/healthz")


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
