"""The API from the command line: one server, one access key, problems as `Refusal`s that main prints.

`HANAPER_SERVER` and `HANAPER_KEY` win over what `hanaper login` kept.
"""

import json
import os
import time
import uuid
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from hanaper.core.errors import Fault, InvalidInput, Refusal

DEFAULT_SERVER = "http://127.0.0.1:8000"
TIMEOUT = 60  # seconds
TRIES = 3
LONGEST_WAIT = 30  # seconds, for a server that asks for patience


@dataclass(frozen=True, slots=True)
class Credentials:
    server: str
    key: str


def credentials_path() -> Path:
    """`~/.config/hanaper/credentials.json`, or under `XDG_CONFIG_HOME`."""
    home = os.environ.get("XDG_CONFIG_HOME") or str(Path.home() / ".config")
    return Path(home) / "hanaper" / "credentials.json"


def credentials() -> Credentials:
    """From the environment or from what `hanaper login` kept; refused (`not_logged_in`) if neither."""
    kept: dict[str, str] = {}
    path = credentials_path()
    if path.exists():
        try:
            kept = json.loads(path.read_text())
        except (OSError, ValueError):
            raise Refusal(
                f"{path} cannot be read.", code="credentials_damaged", next_steps=["hanaper login"]
            ) from None
    server = os.environ.get("HANAPER_SERVER") or kept.get("server") or DEFAULT_SERVER
    key = os.environ.get("HANAPER_KEY")
    if not key and server.rstrip("/") == kept.get("server", server).rstrip("/"):
        key = kept.get("key")  # a key is sent only to the server it was kept for
    if not key:
        raise Refusal(
            f"There is no access key for {server}.",
            code="not_logged_in",
            next_steps=[
                f"hanaper login --server {server} (it asks for the key)",
                "In a sandbox the first keys are in credentials.json of the data folder.",
            ],
        )
    return Credentials(check_server(server), key)


def check_server(server: str) -> str:
    """The address without a slash at the end; refused if it is none."""
    parts = urlsplit(server)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise InvalidInput(
            f"{server!r} is not the address of a server.",
            field="server",
            next_steps=[f"Write it as {DEFAULT_SERVER}."],
        )
    return server.rstrip("/")


def api() -> "Api":
    """The API of whoever is logged in."""
    return Api(credentials())


class Api:
    """`get`, `post` ... give the JSON of the answer; whatever else comes back is raised as a `Refusal`.

    Writes carry an idempotency key of their own, so that a lost answer can be asked for again.
    """

    def __init__(self, who: Credentials) -> None:
        self.who = who
        self._httpx = import_module("httpx")  # a tenth of a second, which local commands need not pay
        loopback = urlsplit(who.server).hostname in ("127.0.0.1", "localhost", "::1")
        self._client = self._httpx.Client(
            base_url=who.server + "/api/v1",
            headers={"Authorization": f"Bearer {who.key}", "User-Agent": "hanaper-cli"},
            timeout=TIMEOUT,
            trust_env=not loopback,
            follow_redirects=False,
        )

    def get(self, path: str, parameters: Mapping[str, Any] | None = None) -> Any:
        return self._read(self._ask("GET", path, params=_given(parameters)))

    def text(self, path: str, parameters: Mapping[str, Any] | None = None) -> str:
        """What is not JSON, as it is."""
        response = self._ask("GET", path, params=_given(parameters))
        return str(response.text if response.is_success else self._read(response))

    def file(self, path: str, body: Any = None) -> bytes:
        """What is sent for as a file; it changes nothing, and needs no idempotency key."""
        response = self._ask("POST", path, json=body)
        return bytes(response.content if response.is_success else self._read(response))

    def post(self, path: str, body: Any = None, *, idempotency_key: str | None = None) -> Any:
        return self._write("POST", path, body, idempotency_key)

    def patch(self, path: str, body: Any = None, *, idempotency_key: str | None = None) -> Any:
        return self._write("PATCH", path, body, idempotency_key)

    def put(self, path: str, body: Any = None, *, idempotency_key: str | None = None) -> Any:
        return self._write("PUT", path, body, idempotency_key)

    def delete(self, path: str, *, idempotency_key: str | None = None) -> Any:
        return self._write("DELETE", path, None, idempotency_key)

    def every(self, path: str, parameters: Mapping[str, Any] | None = None) -> Iterator[Any]:
        """Every item of a list, page after page."""
        cursor = None
        while True:
            page = self.get(path, {**(parameters or {}), "cursor": cursor})
            yield from page["items"]
            cursor = page["next_cursor"]
            if cursor is None:
                return

    def _write(self, method: str, path: str, body: Any, idempotency_key: str | None) -> Any:
        headers = {"Idempotency-Key": idempotency_key or uuid.uuid4().hex}
        return self._read(self._ask(method, path, json=body, headers=headers))

    def _ask(self, method: str, path: str, **options: Any) -> Any:
        """Ask, and again after a lost answer or a plea for patience; writes are safe to repeat."""
        for attempt in range(1, TRIES + 1):
            last = attempt == TRIES
            try:
                response = self._client.request(method, path, **options)
            except self._httpx.ConnectError as error:
                raise self._unreachable(error) from None
            except self._httpx.TransportError as error:
                if last:
                    raise self._unreachable(error) from None
                continue
            wait = _patience(response)
            if wait is None or last:
                return response
            time.sleep(wait)
        raise AssertionError("unreachable")

    def _unreachable(self, error: Exception) -> Refusal:
        return Refusal(
            f"Nothing answers at {self.who.server} ({type(error).__name__}).",
            code="server_unreachable",
            next_steps=[
                "Is it running? `hanaper up` starts one on this machine.",
                "Another server: `hanaper login --server URL`, or HANAPER_SERVER.",
            ],
        )

    def _read(self, response: Any) -> Any:
        if response.status_code == 204:
            return None
        try:
            content = response.json()
        except ValueError:
            content = None
        if response.is_success and content is not None:
            return content
        if isinstance(content, dict) and isinstance(content.get("error"), dict):
            raise problem_of(content["error"])
        raise Refusal(
            f"{self.who.server} answers, but not as Hanaper would (status {response.status_code}).",
            code="not_a_hanaper_server",
            next_steps=["Check the address: `hanaper whoami`."],
        )


def _given(parameters: Mapping[str, Any] | None) -> dict[str, Any]:
    return {name: value for name, value in (parameters or {}).items() if value is not None}


def _patience(response: Any) -> float | None:
    """How long to wait before asking again, if that is worth it: 429, 503, or our own request in flight."""
    after = response.headers.get("Retry-After", "")
    if response.status_code in (409, 429, 503) and after.isdigit() and int(after) <= LONGEST_WAIT:
        return float(after)
    return None


def problem_of(error: Mapping[str, Any]) -> Refusal:
    """The API's error as the exception that it was on the other side."""
    refusal = InvalidInput(
        str(error.get("message")),
        code=error.get("code"),
        clause=error.get("clause"),
        field=error.get("field"),
        next_steps=error.get("next_steps") or (),
        details=error.get("details") or {},
        faults=[Fault(f["field"], f["message"], f["code"]) for f in error.get("faults") or []],
    )
    refusal.request_id = error.get("request_id")  # type: ignore[attr-defined]
    return refusal
