"""An origin on loopback, and sites that lead to it."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

from hanaper.core.gateway.behaviour import Behaviour
from hanaper.core.gateway.wire import KeyPair, Server, Site


class Origin(ThreadingHTTPServer):
    """Answers every request with its method and path, `size=N` bytes more; remembers the headers it got."""

    daemon_threads = True
    request_queue_size = 128

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Answering)
        self.asked: list[tuple[str, str, dict[str, str]]] = []
        self.status = 200
        self.connected = 0

    def process_request(self, request: Any, client_address: Any) -> None:
        self.connected += 1
        super().process_request(request, client_address)


class _Answering(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: Origin

    def do_GET(self) -> None:
        wanted = left = int(self.headers.get("Content-Length") or 0)
        while left and (read := self.rfile.read1(min(left, 1 << 16))):
            left -= len(read)
        self.server.asked.append((self.command, self.path, {k.lower(): v for k, v in self.headers.items()}))
        answer = f"{self.command} {self.path} {wanted - left}".encode()
        answer += b"x" * int(self.path.partition("size=")[2] or 0)
        self.send_response(self.server.status)
        self.send_header("Content-Type", "text/plain")
        self.send_header("Content-Length", str(len(answer)))
        if "max-age" in self.path:
            self.send_header("Cache-Control", "max-age=60")
        if "vary" in self.path:
            self.send_header("Vary", "X-Kind")
        if "cookie" in self.path:
            self.send_header("Set-Cookie", "a=b")
        self.end_headers()
        self.wfile.write(answer)

    do_POST = do_PUT = do_GET

    def log_message(self, format: str, *args: Any) -> None:
        return


@contextmanager
def an_origin() -> Iterator[Origin]:
    origin = Origin()
    threading.Thread(target=origin.serve_forever, args=[0.05], daemon=True).start()
    yield origin
    origin.shutdown()
    origin.server_close()


def a_site(
    instance: str, domain: str, port: int, *, epoch: int = 0, closed: Any = "", **behaviour: Any
) -> Site:
    given = {"origins": [{"host": "127.0.0.1", "port": port}], **behaviour}
    return Site(
        instance=instance,
        domain=domain,
        certificate=f"{instance}-1",
        servers=(Server(address="127.0.0.1", port=port),),
        origin_name=domain,
        behaviour=Behaviour.model_validate(given),
        epoch=epoch,
        closed=closed,
    )


@cache
def a_pair(domain: str, serial: int = 1) -> KeyPair:
    key, name = (
        ec.generate_private_key(ec.SECP256R1()),
        x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, domain)]),
    )
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(serial)
        .not_valid_before(now - timedelta(hours=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(domain)]), critical=False)
        .sign(key, hashes.SHA256())
    )
    return KeyPair(
        chain=made.public_bytes(Encoding.PEM).decode(),
        key=key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode(),
    )
