"""A web server that misbehaves as told, and a name server that answers otherwise the second time."""

import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator

from hanaper.sandbox_dns.name_server import NameServer

Script = Callable[[socket.socket], None]


class RawServer:
    """Runs `script` on each connection, after the request's head was read; counts the connections."""

    def __init__(self, script: Script, tls: ssl.SSLContext | None = None) -> None:
        self.heads: list[bytes] = []
        self._script, self._tls = script, tls
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = int(self._listener.getsockname()[1])
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self) -> None:
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=[connection], daemon=True).start()

    def _serve(self, connection: socket.socket) -> None:
        try:
            if self._tls is not None:
                connection = self._tls.wrap_socket(connection, server_side=True)
            head = b""
            while b"\r\n\r\n" not in head:
                more = connection.recv(4096)
                if not more:
                    return
                head += more
            self.heads.append(head)
            self._script(connection)
        except OSError:
            pass
        finally:
            connection.close()

    def close(self) -> None:
        self._listener.shutdown(socket.SHUT_RDWR)  # wakes accept, which would hold it open
        self._listener.close()


def says(*pieces: bytes, pause: float = 0) -> Script:
    """A script that sends the pieces, one after the other."""

    def script(connection: socket.socket) -> None:
        for piece in pieces:
            connection.sendall(piece)
            time.sleep(pause)

    return script


ENDLESS_SECONDS = 20


def endlessly(piece: bytes, first: bytes = b"", pause: float = 0) -> Script:
    """A script that does not stop by itself, as far as anybody waits: who stays to its end hears no more of it,
    and tells of something else than of being cut off."""

    def script(connection: socket.socket) -> None:
        connection.sendall(first)
        until = time.monotonic() + ENDLESS_SECONDS
        while time.monotonic() < until:
            connection.sendall(piece)
            time.sleep(pause)

    return script


def redirect(to: str, status: str = "302 Found") -> Script:
    return says(f"HTTP/1.1 {status}\r\nLocation: {to}\r\nContent-Length: 0\r\n\r\n".encode())


class Rebinding(NameServer):
    """Gives each address of `turns` once, the last one for ever: what a rebinding attack does."""

    def __init__(self, name: str, turns: list[str]) -> None:
        super().__init__()
        self._name, self._turns = name, self._each(turns)

    @staticmethod
    def _each(turns: list[str]) -> Iterator[str]:
        yield from turns
        while True:
            yield turns[-1]

    def answer(self, data: bytes) -> bytes | None:
        if b"\x00\x01\x00\x01" in data:  # type A, class IN
            self.records[(self._name, "A")] = [next(self._turns)]
        return super().answer(data)
