"""The provider's own database: tokens, charges, refunds, answers kept under keys, webhooks to deliver."""

import json
import secrets
import sqlite3
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

SCHEMA = """
CREATE TABLE IF NOT EXISTS token (id TEXT PRIMARY KEY, card TEXT NOT NULL, last_four TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS charge (
    number INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT UNIQUE NOT NULL, card TEXT NOT NULL,
    status TEXT NOT NULL, amount INTEGER NOT NULL CHECK (amount > 0), currency TEXT NOT NULL,
    refunded INTEGER NOT NULL DEFAULT 0 CHECK (refunded >= 0 AND refunded <= amount),
    key TEXT, failure TEXT, metadata TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS refund (
    number INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT UNIQUE NOT NULL, charge TEXT NOT NULL,
    status TEXT NOT NULL, amount INTEGER NOT NULL CHECK (amount > 0), currency TEXT NOT NULL,
    key TEXT, failure TEXT, metadata TEXT NOT NULL);
CREATE INDEX IF NOT EXISTS charge_key ON charge (key);
CREATE INDEX IF NOT EXISTS refund_key ON refund (key);
CREATE TABLE IF NOT EXISTS answer (
    key TEXT PRIMARY KEY, input TEXT NOT NULL, status INTEGER NOT NULL, body TEXT NOT NULL, at REAL NOT NULL);
CREATE TABLE IF NOT EXISTS seen (what TEXT PRIMARY KEY);
CREATE TABLE IF NOT EXISTS later (
    number INTEGER PRIMARY KEY AUTOINCREMENT, at REAL NOT NULL, kind TEXT NOT NULL, id TEXT NOT NULL,
    status TEXT NOT NULL, failure TEXT);
CREATE TABLE IF NOT EXISTS delivery (
    number INTEGER PRIMARY KEY AUTOINCREMENT, at REAL NOT NULL, tries INTEGER NOT NULL DEFAULT 0,
    body TEXT NOT NULL);
"""


class Store:
    """One connection behind a lock; each `with store.change()` is a transaction, on disk when it ends."""

    def __init__(self, path: str) -> None:
        self._lock = threading.RLock()
        self._connection = sqlite3.connect(path, check_same_thread=False, isolation_level=None)
        self._connection.row_factory = sqlite3.Row
        self._connection.execute("PRAGMA journal_mode=WAL")
        self._connection.execute("PRAGMA synchronous=FULL")
        self._connection.executescript(SCHEMA)

    @contextmanager
    def change(self) -> Iterator[sqlite3.Connection]:
        with self._lock:
            self._connection.execute("BEGIN IMMEDIATE")
            try:
                yield self._connection
            except BaseException:
                self._connection.execute("ROLLBACK")
                raise
            self._connection.execute("COMMIT")

    def rows(self, query: str, values: tuple[Any, ...] = ()) -> list[dict[str, Any]]:
        with self._lock:
            return [dict(row) for row in self._connection.execute(query, values)]

    def row(self, query: str, values: tuple[Any, ...] = ()) -> dict[str, Any] | None:
        found = self.rows(query, values)
        return found[0] if found else None

    def first_time(self, what: str) -> bool:
        """Whether this has not happened before, ever; it has now."""
        with self.change() as connection:
            done = connection.execute("INSERT OR IGNORE INTO seen VALUES (?)", (what,))
            return done.rowcount == 1

    def prune(self, older_than: float) -> None:
        """Forget answers kept under keys, as real providers do after a day."""
        with self.change() as connection:
            connection.execute("DELETE FROM answer WHERE at < ?", (time.time() - older_than,))


def new_id(prefix: str) -> str:
    return f"{prefix}_{secrets.token_hex(12)}"


def shown(kind: str, row: dict[str, Any]) -> dict[str, Any]:
    """A charge or refund as the API shows it."""
    names = ("id", "status", "amount", "currency", "key", "failure")
    answer = {name: row[name] for name in names} | {"object": kind, "sandbox": True}
    answer["metadata"] = json.loads(row["metadata"])
    if kind == "refund":
        answer["charge"] = row["charge"]
    return answer
