"""What origins say that nginx would otherwise make something of, or choke on."""

import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from hanaper.gateway_node.engines.nginx import rendering
from hanaper.gateway_node.engines.nginx.rendering import Machine
from hanaper.gateway_node.engines.nginx.running import Nginx
from tests.gateway_node.conftest import Serve
from tests.gateway_node.reading import counted
from tests.gateway_node.sites import Origin, a_site
from tests.gateway_node.visiting import connected, visit, visit_plain

PAUSE = 0.3
Scripted = Callable[..., int]


@pytest.fixture
def scripted() -> Iterator[Scripted]:
    """An origin that answers each request with these pieces, a pause before each but the first; its port."""
    servers = []

    def begin(*pieces: bytes) -> int:
        server = socket.create_server(("127.0.0.1", 0))
        servers.append(server)

        def serve() -> None:
            with suppress(OSError):
                while True:
                    threading.Thread(target=_say, args=[server.accept()[0], pieces], daemon=True).start()

        threading.Thread(target=serve, daemon=True).start()
        port: int = server.getsockname()[1]
        return port

    yield begin
    for server in servers:
        server.close()


def _say(plain: socket.socket, pieces: tuple[bytes, ...]) -> None:
    with plain, suppress(OSError):
        head = b""
        while b"\r\n\r\n" not in head:
            head += plain.recv(65_536)
        for number, piece in enumerate(pieces):
            time.sleep(PAUSE if number else 0)
            plain.sendall(piece)


def answer(headers: str, body: bytes = b"x") -> bytes:
    return (
        f"HTTP/1.1 200 OK\r\nContent-Length: {len(body)}\r\nConnection: close\r\n{headers}\r\n".encode()
        + body
    )


@pytest.mark.parametrize("cached", [True, False])
def test_an_answer_with_long_headers_comes_through(
    machine: Machine, serve: Serve, scripted: Scripted, cached: bool
) -> None:
    policy = "default-src " + "x" * 12_000
    port = scripted(answer(f"Content-Security-Policy: {policy}\r\nCache-Control: max-age=60\r\n"))
    serve(a_site("gwi_a", "a.test", port, cache={"enabled": cached}))
    for _ in range(2):
        assert visit(machine, "a.test").headers["content-security-policy"] == policy


def test_a_long_cookie_reaches_the_origin(machine: Machine, serve: Serve, origin: Origin) -> None:
    serve(a_site("gwi_a", "a.test", origin.server_port))
    assert visit(machine, "a.test", headers={"Cookie": "a=" + "b" * 16_384}).status == 200
    assert len(origin.asked[0][2]["cookie"]) == 16_386
    assert visit(machine, "a.test", headers={"Cookie": "a=" + "b" * 40_000}).status == 400


def test_an_origin_does_not_command_nginx(machine: Machine, serve: Serve, scripted: Scripted) -> None:
    body = b"y" * 100_000
    commands = "X-Accel-Redirect: /other\r\nX-Accel-Limit-Rate: 1000\r\nX-Accel-Charset: koi8-r\r\n"
    said = commands + 'Content-Type: text/plain\r\nX-Cache: theirs\r\nAlt-Svc: h3=":1"\r\n'
    serve(
        a_site("gwi_a", "a.test", scripted(answer(said, body))),
        a_site("gwi_b", "b.test", scripted(answer(said, body)), cache={"enabled": False}),
    )
    began = time.monotonic()
    for domain, cached in (("a.test", "MISS"), ("b.test", None)):
        seen = visit(machine, domain)
        assert (seen.status, seen.body) == (200, body)
        assert (seen.headers["content-type"], seen.headers.get("x-cache")) == ("text/plain", cached)
        assert not any(name.startswith("x-accel") or name == "alt-svc" for name in seen.headers)
    assert time.monotonic() - began < 10


STREAM = b"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Type: "
EVENTS = [b"data: %d\n\n" % number for number in range(4)]


@pytest.mark.parametrize(
    ("kind", "behaviour", "asked"),
    [
        (b"text/event-stream", {}, "GET / HTTP/1.1\r\nAccept: text/event-stream"),
        (b"text/plain", {}, "POST / HTTP/1.1\r\nContent-Length: 0\r\nAccept-Encoding: gzip"),
        (b"text/plain", {"cache": {"enabled": False}}, "GET / HTTP/1.1\r\nAccept-Encoding: gzip"),
        (b"text/plain", {"cache": {"rules": [{"prefix": "/", "seconds": 0}]}}, "GET / HTTP/1.1"),
        (b"text/plain\r\nX-Accel-Buffering: no", {}, "GET / HTTP/1.1"),
        (b"text/plain\r\nX-Accel-Buffering: no", {"cache": {"rules": [{"prefix": "/", "seconds": 60}]}}, "GET / HTTP/1.1"),
    ],
)  # fmt: skip
def test_a_stream_goes_on_as_it_comes(
    machine: Machine, serve: Serve, scripted: Scripted, kind: bytes, behaviour: dict[str, object], asked: str
) -> None:
    serve(
        a_site("gwi_a", "a.test", scripted(STREAM + kind + b"\r\n\r\n" + EVENTS[0], *EVENTS[1:]), **behaviour)
    )
    came = []
    with connected(machine.listen.https, "a.test") as secure:
        secure.sendall(f"{asked}\r\nHost: a.test\r\nConnection: close\r\n\r\n".encode())
        while secure.recv(65_536):
            came.append(time.monotonic())
    assert came[-1] - came[0] > 2 * PAUSE, "the first came long before the last"


def test_a_header_that_is_set_stands_instead_of_the_origins(
    machine: Machine, serve: Serve, scripted: Scripted
) -> None:
    port = scripted(answer("Content-Type: text/plain\r\nX-Frame-Options: ALLOW\r\nX-Other: theirs\r\n"))
    added = {"content-type": "text/html", "X-Frame-Options": "DENY"}
    serve(a_site("gwi_a", "a.test", port, response_headers={"add": added}))
    with connected(machine.listen.https, "a.test") as secure:
        secure.sendall(b"GET / HTTP/1.1\r\nHost: a.test\r\nConnection: close\r\n\r\n")
        read = b""
        while more := secure.recv(65_536):
            read += more
    lines = read.lower().split(b"\r\n")
    found = sorted(line for line in lines if line.startswith((b"content-type", b"x-frame", b"x-other")))
    assert found == [
        b"content-type: text/html", b"x-frame-options: deny", b"x-other: theirs"
    ]  # fmt: skip


def test_what_was_kept_before_it_was_reserved_reaches_nobody(
    machine: Machine, serve: Serve, origin: Origin
) -> None:
    serve(
        a_site(
            "gwi_a", "a.test", origin.server_port,
            request_headers={"add": {"CDN-Loop": "mine", "Expect": "100-continue"}, "remove": ["Forwarded"]},
            response_headers={"add": {"Location": "/x"}, "remove": ["Content-Encoding"]},
        )
    )  # fmt: skip
    seen = visit(machine, "a.test", headers={"Forwarded": "for=6.6.6.6"})
    heard = origin.asked[0][2]
    assert (heard["cdn-loop"], "location" in seen.headers) == ("hanaper", False)
    assert not {"forwarded", "expect"} & heard.keys()


@pytest.fixture
def forgetful(machine: Machine) -> Iterator[int]:
    """A proxy that leads back to a.test and says nothing of where a request came from; its port."""

    class Leading(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(visit_plain(machine, "a.test").status)
            self.end_headers()

        def log_message(self, format: str, *args: Any) -> None:
            return

    server = ThreadingHTTPServer(("127.0.0.1", 0), Leading)
    threading.Thread(target=server.serve_forever, args=[0.05], daemon=True).start()
    yield server.server_port
    server.shutdown()
    server.server_close()


def test_a_loop_that_nothing_tells_ends_before_it_takes_every_connection(
    machine: Machine, nginx: Nginx, serve: Serve, forgetful: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rendering, "MOST_AT_ONCE", 20)
    serve(a_site("gwi_a", "a.test", forgetful, force_https=False))
    assert visit(machine, "a.test").status == 429
    assert counted(nginx) == {"gwi_a": 20}, "what was turned away is no visit"
