"""A visitor: one connection, one request, and what came of it."""

import socket
import ssl
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPResponse

from cryptography import x509

from hanaper.gateway_node.engines.nginx.rendering import Machine


@dataclass(frozen=True)
class Seen:
    status: int
    headers: dict[str, str]
    body: bytes
    serial: int


def visit(
    machine: Machine, domain: str, path: str = "/", *, host: str = "", method: str = "GET", body: bytes | None = None,
    headers: dict[str, str] | None = None, newest: ssl.TLSVersion = ssl.TLSVersion.TLSv1_3,
) -> Seen:  # fmt: skip
    """Over https. ssl.SSLError when the gateway refuses the connection."""
    return visit_at(
        machine.listen.https,
        domain,
        path,
        host=host,
        method=method,
        body=body,
        headers=headers,
        newest=newest,
    )


def visit_at(
    port: int, domain: str, path: str = "/", *, host: str = "", method: str = "GET", body: bytes | None = None,
    headers: dict[str, str] | None = None, newest: ssl.TLSVersion = ssl.TLSVersion.TLSv1_3,
) -> Seen:  # fmt: skip
    """The same, on this port of this machine."""
    with connected(port, domain, newest=newest) as secure:
        serial = _serial(secure)
        return _ask(secure, host or domain, path, method, body, headers, serial)


@contextmanager
def connected(
    port: int, domain: str, *, newest: ssl.TLSVersion = ssl.TLSVersion.TLSv1_3
) -> Iterator[ssl.SSLSocket]:
    """A connection over TLS."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    context.maximum_version = newest
    with (
        socket.create_connection(("127.0.0.1", port), 10) as plain,
        context.wrap_socket(plain, server_hostname=domain) as secure,
    ):
        yield secure


def visit_plain(machine: Machine, domain: str, path: str = "/") -> Seen:
    """Over http. ConnectionError when the gateway hangs up."""
    with socket.create_connection(("127.0.0.1", machine.listen.http), 10) as plain:
        return _ask(plain, domain, path, "GET", None, None, 0)


def _ask(
    connected: socket.socket, host: str, path: str, method: str, body: bytes | None,
    headers: dict[str, str] | None, serial: int,
) -> Seen:  # fmt: skip
    connection = HTTPConnection(host)
    connection.sock = connected
    connection.request(method, path, body, {"Host": host, "Connection": "close", **(headers or {})})
    answer: HTTPResponse = connection.getresponse()
    read = answer.read()
    return Seen(answer.status, {name.lower(): value for name, value in answer.getheaders()}, read, serial)


def _serial(secure: ssl.SSLSocket) -> int:
    return x509.load_der_x509_certificate(secure.getpeercert(binary_form=True) or b"").serial_number


def wait_until(condition: Callable[[], object], what: str, seconds: float = 20) -> None:
    """AssertionError after `seconds`."""
    until = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < until, f"waited {seconds} s in vain for {what}"
        time.sleep(0.02)
