"""A receiver of webhooks on loopback, and endpoints that lead to it."""

import contextlib
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from hanaper import clock
from hanaper.apps.events.services import emit
from hanaper.apps.events.sweep import deliver
from hanaper.apps.events.vocabulary import EventKind
from hanaper.apps.webhooks import services
from hanaper.apps.webhooks.models import Endpoint
from tests.fixtures_dns import *  # noqa: F403 - its fixtures


@dataclass
class Received:
    path: str
    headers: dict[str, str]
    body: bytes


@dataclass
class Receiver:
    """Keeps what it gets, and answers as told: a status and a body, after `pause` seconds."""

    port: int = 0
    status: int = 200
    answer: bytes = b"thank you"
    pause: float = 0
    location: str = ""
    got: list[Received] = field(default_factory=list)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/hook?x=1"


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    told = Receiver()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            headers = {name.lower(): value for name, value in self.headers.items()}
            told.got.append(Received(self.path, headers, body))
            time.sleep(told.pause)
            self.send_response(told.status)
            if told.location:
                self.send_header("Location", told.location)
            self.send_header("Content-Length", str(len(told.answer)))
            with contextlib.suppress(OSError):  # whoever asked may have stopped waiting
                self.end_headers()
                self.wfile.write(told.answer)

        def log_message(self, *_: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    told.port = server.server_address[1]
    threading.Thread(target=server.serve_forever, args=[0.05], daemon=True).start()
    yield told
    server.shutdown()
    server.server_close()


@pytest.fixture
def add(owner, receiver, at) -> Callable[..., tuple[Endpoint, str]]:
    def made(person=owner, **choices: Any) -> tuple[Endpoint, str]:
        given = {"url": receiver.url, "at": at, **choices}
        return services.create_endpoint(person.actor, person.account, **given)

    return made


@pytest.fixture
def happen(owner, at) -> Callable[..., Any]:
    """Something happens to the account, and its notice and deliveries are made."""

    def emitted(dedupe: str = "one", kind: EventKind = EventKind.CERTIFICATE_ISSUED, person=owner) -> Any:
        event = emit(
            kind,
            account_id=person.account and person.account.pk,
            subject="crt_x",
            at=at,
            dedupe=dedupe,
            data={"domains": "例え.example", "serial": "0a"},
        )
        deliver(clock.system_now())
        return event

    return emitted
