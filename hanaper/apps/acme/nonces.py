"""Nonces against replay (RFC 8555 6.5): given out by the thousand, each good once, in any process.

What was given out is not remembered, only recognised: a nonce holds its time and a MAC. What was spent is
remembered in a small database beside the main one, which no power failure needs to spare: it holds the key
of the MAC too, so that nothing given out before it was lost is taken afterwards.
"""

import hmac
import secrets
import sqlite3
import threading
from datetime import datetime
from pathlib import Path

from hanaper.core.acme.base64url import decode, encode

LIFETIME = 3600  # seconds
_FORGET_EVERY = 1000  # nonces spent by one process
_TIME, _RANDOM, _MAC = 5, 12, 16  # bytes


class Nonces:
    """One for a process; safe among threads, each of which has a connection of its own."""

    def __init__(self, path: Path) -> None:
        self._path, self._local, self._spent = path, threading.local(), 0

    def give(self, system_at: datetime) -> str:
        body = int(system_at.timestamp()).to_bytes(_TIME, "big") + secrets.token_bytes(_RANDOM)
        return encode(body + self._mac(body))

    def spend(self, nonce: str, system_at: datetime) -> bool:
        """Whether it was ours, is not old, and nobody has shown it before."""
        try:
            raw = decode(nonce)
        except ValueError:
            return False
        body, mac = raw[: _TIME + _RANDOM], raw[_TIME + _RANDOM :]
        now, given = int(system_at.timestamp()), int.from_bytes(body[:_TIME], "big")
        if not hmac.compare_digest(mac, self._mac(body)) or not now - LIFETIME <= given <= now + 60:
            return False
        with self._connection() as connection:
            rows = connection.execute(
                "INSERT OR IGNORE INTO spent (given, nonce) VALUES (?, ?)", (given, body[_TIME:])
            )
            self._spent += 1
            if self._spent % _FORGET_EVERY == 0:
                connection.execute("DELETE FROM spent WHERE given < ?", (now - LIFETIME - 60,))
            return rows.rowcount == 1

    def _mac(self, body: bytes) -> bytes:
        return hmac.digest(self._key(), body, "sha256")[:_MAC]

    def _key(self) -> bytes:
        self._connection()
        key: bytes = self._local.key
        return key

    def _connection(self) -> sqlite3.Connection:
        known: sqlite3.Connection | None = getattr(self._local, "connection", None)
        if known is not None:
            return known
        made = sqlite3.connect(self._path, timeout=20)
        made.execute("PRAGMA journal_mode = WAL")
        made.execute("PRAGMA synchronous = OFF")
        with made:
            # Ordered by time, so that the old are forgotten from one end.
            made.execute(
                "CREATE TABLE IF NOT EXISTS spent"
                " (given INTEGER, nonce BLOB, PRIMARY KEY (given, nonce)) WITHOUT ROWID"
            )
            made.execute("CREATE TABLE IF NOT EXISTS key (one INTEGER PRIMARY KEY CHECK (one = 1), key BLOB)")
            made.execute("INSERT OR IGNORE INTO key VALUES (1, ?)", (secrets.token_bytes(32),))
        self._local.key = made.execute("SELECT key FROM key").fetchone()[0]
        self._local.connection = made
        return made
