"""The HTTP face of the provider."""

import hmac
import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

from hanaper.sandbox_card.behaviour import FAULT, Answer, Fault, NoAnswer, Provider, Rejected
from hanaper.sandbox_card.store import shown

LARGEST_BODY = 64 * 1024
TABLES = {"/v1/charges": "charge", "/v1/refunds": "refund"}


class Handler(BaseHTTPRequestHandler):
    server: "Server"
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        self._serve(self._get)

    def do_POST(self) -> None:
        self._serve(self._post)

    def _serve(self, work: Any) -> None:
        try:
            given = self.headers.get("Authorization", "")
            if not hmac.compare_digest(given.encode(), f"Bearer {self.server.secret}".encode()):
                raise Rejected("unauthorized", "The secret is wrong.", 401)
            answer = work()
        except Rejected as rejected:
            self.close_connection = True  # whatever of the body was not read is no request
            answer = rejected.answer()
        except NoAnswer:
            self.close_connection = True
            self.connection.close()
            return
        self._answer(answer)

    def _get(self) -> Answer:
        parts = urlsplit(self.path)
        table = TABLES.get(parts.path)
        if table is None:
            raise Rejected("not_found", "There is nothing here.", 404)
        query = {name: values[0] for name, values in parse_qs(parts.query).items()}
        store = self.server.provider.store
        limit = _limit(query.get("limit", "100"))
        where, values = "1 = 1", []
        for name in ("id", "key"):
            if query.get(name):
                where += f" AND {name} = ?"
                values.append(query[name])
        if query.get("after"):
            where += f" AND number > (SELECT number FROM {table} WHERE id = ?)"  # noqa: S608
            values.append(query["after"])
        rows = store.rows(
            f"SELECT * FROM {table} WHERE {where} ORDER BY number LIMIT ?",  # noqa: S608 - our own words
            (*values, limit + 1),
        )
        found = [shown(table, row) for row in rows[:limit]]
        return 200, {"data": found, "has_more": len(rows) > limit, "sandbox": True}

    def _post(self) -> Answer:
        body = self._body()
        provider = self.server.provider
        if self.path == "/v1/tokens":
            return provider.token(body)
        if self.path == "/v1/charges":
            return self._once(body, provider.charge)
        if self.path == "/v1/refunds":
            return self._once(body, provider.refund)
        if self.path == "/v1/dashboard/refunds":
            return provider.refund(None, body)
        if self.path.startswith("/v1/refunds/") and self.path.endswith("/resolve"):
            return provider.resolve(self.path.split("/")[3], str(body.get("status")))
        raise Rejected("not_found", "There is nothing here.", 404)

    def _once(self, body: dict[str, Any], work: Any) -> Answer:
        """Once per key and input; the same key at the same moment is told so."""
        key = self.headers.get("Idempotency-Key", "")
        if not key:
            raise Rejected("key_missing", "Send an Idempotency-Key.")
        with self.server.in_flight(key):
            kept = self.server.provider.kept(key, body)
            if kept is not None:
                return kept
            try:
                answer: Answer = work(key, body)
            except Fault:
                self.server.provider.keep_fault(key, body)
                return FAULT
            return answer

    def _body(self) -> dict[str, Any]:
        length = self.headers.get("Content-Length", "0")
        if not length.isdecimal() or int(length) > LARGEST_BODY:
            raise Rejected("too_large", "That is too much.", 413)
        try:
            body = json.loads(self.rfile.read(int(length)) or b"{}")
        except ValueError:
            body = None
        if not isinstance(body, dict):
            raise Rejected("bad_json", "The body is no JSON object.")
        return body

    def _answer(self, answer: Answer) -> None:
        status, body = answer
        content = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(content)))
        self.send_header("Sandbox", "yes")
        if self.close_connection:
            self.send_header("Connection", "close")
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, format: str, *args: Any) -> None:
        """Say nothing: a request may hold a card's number."""


def _limit(given: str) -> int:
    if not given.isascii() or not given.isdecimal() or not 0 < len(given) < 5 or int(given) == 0:
        raise Rejected("bad_limit", "The limit is a number from 1 to 9999.")
    return min(int(given), 1000)


class InFlight:
    """One request at a time for each key."""

    def __init__(self, keys: set[str], lock: threading.Lock, key: str) -> None:
        self._keys, self._lock, self._key = keys, lock, key

    def __enter__(self) -> None:
        with self._lock:
            if self._key in self._keys:
                raise Rejected("key_in_flight", "A request with this key is under way.", 409)
            self._keys.add(self._key)

    def __exit__(self, *_exception: object) -> None:
        with self._lock:
            self._keys.discard(self._key)


class Server(ThreadingHTTPServer):
    daemon_threads = True
    allow_reuse_address = True

    def __init__(self, port: int, provider: Provider, secret: str) -> None:
        super().__init__(("127.0.0.1", port), Handler)
        self.provider, self.secret = provider, secret
        self._keys: set[str] = set()
        self._lock = threading.Lock()

    def in_flight(self, key: str) -> InFlight:
        return InFlight(self._keys, self._lock, key)
