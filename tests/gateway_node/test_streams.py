"""What goes on for a while, through changes of the configuration: WebSockets, and uploads that nobody buffers."""

import socket
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from http.client import HTTPConnection

import psutil
import pytest

from hanaper.gateway_node.engines.nginx.rendering import Machine
from hanaper.gateway_node.engines.nginx.running import Nginx
from tests.gateway_node.conftest import Serve
from tests.gateway_node.reading import finish, lines
from tests.gateway_node.sites import Origin, a_site
from tests.gateway_node.visiting import connected, visit, wait_until

MEGABYTES = 120
PIECE = b"u" * (1 << 18)
ASKED = (
    b"GET /live HTTP/1.1\r\nHost: a.test\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
    b"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
)
# RFC 6455 1.3: what belongs to that key.
TAKEN = (
    b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    b"Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n"
)


@pytest.fixture
def machine(machine: Machine) -> Machine:
    """What was begun before a change may go on for as long as a busy machine needs for it."""
    return replace(machine, drain_seconds=60)


@pytest.fixture
def echo() -> Iterator[int]:
    """An origin that takes WebSockets and says again what was said; its port."""
    with socket.create_server(("127.0.0.1", 0)) as server:

        def serve() -> None:
            while True:
                try:
                    threading.Thread(target=_echo, args=[server.accept()[0]], daemon=True).start()
                except OSError:
                    return

        threading.Thread(target=serve, daemon=True).start()
        yield server.getsockname()[1]


def _echo(plain: socket.socket) -> None:
    with plain:
        head = b""
        while b"\r\n\r\n" not in head:
            head += plain.recv(4096)
        assert b"upgrade: websocket" in head.lower() and b"connection: upgrade" in head.lower()
        plain.sendall(TAKEN)
        while said := plain.recv(4096):
            plain.sendall(said)


def read(secure: socket.socket, size: int) -> bytes:
    found = b""
    while len(found) < size and (more := secure.recv(size - len(found))):
        found += more
    return found


def test_a_websocket_outlives_changes(machine: Machine, nginx: Nginx, serve: Serve, echo: int) -> None:
    serve(a_site("gwi_a", "a.test", echo))
    frame = b"\x81\x85maskWXNEM"  # RFC 6455 5.2: as it is, whatever it says
    with connected(machine.listen.https, "a.test") as secure:
        secure.sendall(ASKED)
        head = b""
        while b"\r\n\r\n" not in head:
            head += secure.recv(1)
        assert head.startswith(b"HTTP/1.1 101 ") and b"s3pPLMBiTxaQ9kYGzzhZRbK+xOo=" in head
        for number in range(3):
            secure.sendall(frame)
            assert read(secure, len(frame)) == frame
            serve(a_site("gwi_a", "a.test", echo, hsts={"seconds": number}))
        secure.sendall(frame)
        assert read(secure, len(frame)) == frame
        assert nginx.draining()
    finish(nginx)
    (line,) = lines(nginx)
    # Counted when it ends: one visit, with all that was sent.
    assert (line[1:4], int(line[4])) == (["gwi_a", "1", "101"], len(head) + 4 * len(frame))


def test_an_upload_is_streamed_through_a_change(
    machine: Machine, nginx: Nginx, serve: Serve, origin: Origin
) -> None:
    serve(a_site("gwi_a", "a.test", origin.server_port, upload_megabytes=1000))
    count = MEGABYTES * 4
    sizes: list[int] = []

    def pieces() -> Iterator[bytes]:
        for number in range(count):
            if number == count // 2:
                serve(a_site("gwi_a", "a.test", origin.server_port, upload_megabytes=1000, compression=False))
            if number % 40 == 0:
                sizes.append(memory(nginx))
            yield PIECE

    assert visit(machine, "a.test").status == 200  # the workers are there
    before = memory(nginx)
    size = count * len(PIECE)
    with connected(machine.listen.https, "a.test") as secure:
        connection = HTTPConnection("a.test")
        connection.sock = secure
        connection.request("PUT", "/big", pieces(), {"Host": "a.test", "Content-Length": str(size)})
        answer = connection.getresponse()
        assert (answer.status, answer.read()) == (200, f"PUT /big {size}".encode())
    # Nothing of it is kept on the way, neither in memory nor in a file.
    assert max(sizes) - before < 40 * 1_000_000, (before, sizes)
    kept = [path for path in (nginx.folder / "temporary").rglob("*") if path.is_file()]
    assert kept == []
    assert visit(machine, "a.test").status == 200


def test_who_does_not_end_holds_up_no_stop(
    machine: Machine, nginx: Nginx, serve: Serve, origin: Origin
) -> None:
    serve(a_site("gwi_a", "a.test", origin.server_port))
    with connected(machine.listen.https, "a.test") as secure:
        secure.sendall(b"PUT /slow HTTP/1.1\r\nHost: a.test\r\nContent-Length: 100\r\n\r\n")
        nginx.stop()
        assert not nginx.draining()
        assert secure.recv(100) == b""


def test_a_stop_is_quick_though_a_change_is_patient(
    machine: Machine, nginx: Nginx, serve: Serve, origin: Origin
) -> None:
    nginx.machine = replace(machine, drain_seconds=600, stop_seconds=1)
    serve(a_site("gwi_a", "a.test", origin.server_port))
    with connected(machine.listen.https, "a.test") as secure:
        secure.sendall(b"PUT /slow HTTP/1.1\r\nHost: a.test\r\nContent-Length: 100\r\n\r\n")
        wait_until(lambda: origin.connected, "the upload to begin")
        serve(a_site("gwi_a", "a.test", origin.server_port, compression=False))
        assert nginx.draining()
        began = time.monotonic()
        nginx.stop()
        assert time.monotonic() - began < 10
        assert not nginx.draining()


def memory(nginx: Nginx) -> int:
    """Of the master and all workers, in bytes."""
    master = psutil.Process(int((nginx.folder / "nginx.pid").read_text()))
    return sum(_size(one.memory_info) for one in (master, *master.children()))


def _size(ask: Callable[[], object]) -> int:
    try:
        return int(ask().rss)  # type: ignore[attr-defined]
    except psutil.Error:
        return 0
