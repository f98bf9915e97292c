"""A socket that stops at a time and at a number of bytes, whatever the other side sends."""

import io
import socket
import time
from typing import Any


class Guarded(Exception):
    """Not fetched. `code` is stable; `message` is for the owner of a name and tells nothing of the inside."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code, self.message = code, message


class MeteredSocket:
    """As much of a socket as http.client uses.

    A socket's timeout is for one read only, and a server that sends a byte every second would never meet it:
    so each read gets what is left until `deadline` (monotonic).
    """

    def __init__(self, connected: socket.socket, deadline: float, allowance: int) -> None:
        self._socket, self._deadline, self._allowance = connected, deadline, allowance

    def allow(self, more: int) -> None:
        """So many more bytes may be read."""
        self._allowance += more

    def sendall(self, data: bytes) -> None:
        self._socket.settimeout(self._left())
        self._socket.sendall(data)

    def receive_into(self, buffer: Any) -> int:
        if self._allowance <= 0:
            raise Guarded("too_big", "The answer is longer than we read.")
        self._socket.settimeout(self._left())
        count = self._socket.recv_into(memoryview(buffer)[: self._allowance])
        self._allowance -= count
        return count

    def makefile(self, _mode: str) -> io.BufferedReader:
        return io.BufferedReader(_Reader(self))

    def close(self) -> None:
        """Nothing yet: http.client closes once it has the head, and the body is still to be read."""

    def end(self) -> None:
        self._socket.close()

    def _left(self) -> float:
        left = self._deadline - time.monotonic()
        if left <= 0:
            raise TimeoutError
        return left


class _Reader(io.RawIOBase):
    def __init__(self, metered: MeteredSocket) -> None:
        self._metered = metered

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        return self._metered.receive_into(buffer)
