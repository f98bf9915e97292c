"""What the provider does with a charge or refund, by its card; it commits before it answers."""

import json
import re
import sqlite3
import time
from dataclasses import dataclass
from typing import Any

from hanaper.sandbox_card.cards import BY_NAME, BY_NUMBER
from hanaper.sandbox_card.store import Store, new_id, shown

Answer = tuple[int, dict[str, Any]]


class NoAnswer(Exception):
    """The connection ends without a word."""


class Rejected(Exception):
    """A 4xx: nothing was done."""

    def __init__(self, code: str, message: str, status: int = 400) -> None:
        super().__init__(message)
        self.code, self.message, self.status = code, message, status

    def answer(self) -> Answer:
        return self.status, {"error": {"code": self.code, "message": self.message}, "sandbox": True}


class Fault(Exception):
    """A 500, kept under the key."""


FAULT: Answer = (500, {"error": {"code": "provider_fault", "message": "Something broke."}, "sandbox": True})

# behaviour: (status now, what is wrong, status later, what is wrong then)
CHARGES: dict[str, tuple[str, str | None, str | None, str | None]] = {
    "declined": ("failed", "The card was declined.", None, None),
    "insufficient_funds": ("failed", "The card has insufficient funds.", None, None),
    "late": ("pending", None, "succeeded", None),
    "pending_fails": ("pending", None, "failed", "The bank declined it later."),
}
REFUNDS: dict[str, tuple[str, str | None, str | None, str | None]] = {
    "late": ("pending", None, "succeeded", None),
    "stuck": ("pending", None, None, None),
    "requires_action": ("requires_action", None, None, None),
    "fails": ("failed", "The card was closed.", None, None),
    "pending_fails": ("pending", None, "failed", "The card was closed."),
    "bounces": ("succeeded", None, "failed", "The bank sent it back."),
    "arrives": ("failed", "The bank did not answer.", "succeeded", None),
}


@dataclass(frozen=True, slots=True)
class Provider:
    """`delay` seconds until what happens later does."""

    store: Store
    delay: float

    def token(self, body: dict[str, Any]) -> Answer:
        number = str(body.get("number", "")).replace(" ", "").replace("-", "")
        card = BY_NUMBER.get(number)
        if card is None:
            raise Rejected("unknown_card", "This is a SANDBOX: it takes its own test cards only.")
        _refuse_expired(str(body.get("expiry", "")))
        token = new_id("tok")
        with self.store.change() as connection:
            connection.execute("INSERT INTO token VALUES (?, ?, ?)", (token, card.name, number[-4:]))
        return 200, {"id": token, "last_four": number[-4:], "sandbox": True}

    def charge(self, key: str, body: dict[str, Any]) -> Answer:
        token = self.store.row("SELECT * FROM token WHERE id = ?", (str(body.get("token")),))
        if token is None:
            raise Rejected("unknown_token", "There is no such token.")
        amount, currency = _amount(body), str(body.get("currency", ""))
        behaviour = BY_NAME[token["card"]].charge
        self._misbehave_before(behaviour, key, token["id"])
        status, failure, later, later_failure = CHARGES.get(behaviour, ("succeeded", None, None, None))
        charge = {
            "id": new_id("ch"), "card": token["card"], "status": status, "amount": amount,
            "currency": currency, "key": key, "failure": failure, "metadata": _metadata(body),
        }  # fmt: skip
        with self.store.change() as connection:
            _insert(connection, "charge", charge)
            answer = 200, shown("charge", charge)
            self._keep(connection, key, body, answer)
            self._tell(connection, "charge", charge)
            self._plan(connection, "charge", charge["id"], later, later_failure)
        if behaviour == "timeout_after" and self.store.first_time(f"after:{token['id']}"):
            raise NoAnswer
        return answer

    def refund(self, key: str | None, body: dict[str, Any]) -> Answer:
        """With a key: ours. Without: made in the provider's own dashboard."""
        charge = self.store.row("SELECT * FROM charge WHERE id = ?", (str(body.get("charge")),))
        if charge is None or charge["status"] != "succeeded":
            raise Rejected("unknown_charge", "There is no such charge that succeeded.")
        amount = _amount(body)
        behaviour = BY_NAME[charge["card"]].refund if key is not None else ""
        if key is not None:
            self._misbehave_before(behaviour, key, charge["id"])
        status, failure, later, later_failure = REFUNDS.get(behaviour, ("succeeded", None, None, None))
        if behaviour == "partial":
            amount = max(1, amount // 2)
        refund = {
            "id": new_id("re"), "charge": charge["id"], "status": status, "amount": amount,
            "currency": charge["currency"], "key": key, "failure": failure, "metadata": _metadata(body),
        }  # fmt: skip
        with self.store.change() as connection:
            if status != "failed":
                _take(connection, charge["id"], amount)
            _insert(connection, "refund", refund)
            answer = 200, shown("refund", refund)
            if key is not None:
                self._keep(connection, key, body, answer)
            self._tell(connection, "refund", refund, unordered=behaviour == "unordered")
            self._plan(connection, "refund", refund["id"], later, later_failure)
        if behaviour == "timeout_after" and self.store.first_time(f"after:{charge['id']}"):
            raise NoAnswer
        return answer

    def resolve(self, refund_id: str, status: str) -> Answer:
        """Somebody acts on a refund that waits."""
        if status not in ("succeeded", "failed"):
            raise Rejected("bad_status", "A refund is resolved as succeeded or failed.")
        self.become("refund", refund_id, status, "It was refused by hand." if status == "failed" else None)
        row = self.store.row("SELECT * FROM refund WHERE id = ?", (refund_id,))
        if row is None:
            raise Rejected("unknown_refund", "There is no such refund.", 404)
        return 200, shown("refund", row)

    def become(self, kind: str, thing: str, status: str, failure: str | None) -> None:
        """A charge or refund turns into something else, and a webhook says so."""
        table = "charge" if kind == "charge" else "refund"
        with self.store.change() as connection:
            row = connection.execute(f"SELECT * FROM {table} WHERE id = ?", (thing,)).fetchone()  # noqa: S608
            if row is None or row["status"] == status:
                return
            if kind == "refund" and status == "failed" and row["status"] != "failed":
                connection.execute(
                    "UPDATE charge SET refunded = refunded - ? WHERE id = ?", (row["amount"], row["charge"])
                )
            elif kind == "refund" and row["status"] == "failed":
                _take(connection, row["charge"], row["amount"])
            connection.execute(
                f"UPDATE {table} SET status = ?, failure = ? WHERE id = ?",  # noqa: S608
                (status, failure, thing),
            )
            self._tell(connection, kind, dict(row) | {"status": status, "failure": failure})

    def kept(self, key: str, body: dict[str, Any]) -> Answer | None:
        """The answer that was given under this key before."""
        row = self.store.row("SELECT * FROM answer WHERE key = ?", (key,))
        if row is None:
            return None
        if row["input"] != _input(body):
            raise Rejected("idempotency_error", "This key was used with another input.")
        return row["status"], json.loads(row["body"])

    def keep_fault(self, key: str, body: dict[str, Any]) -> None:
        with self.store.change() as connection:
            self._keep(connection, key, body, FAULT)

    def _misbehave_before(self, behaviour: str, key: str, subject: str) -> None:
        if behaviour == "timeout_before" and self.store.first_time(f"before:{subject}"):
            raise NoAnswer
        if behaviour == "busy" and self.store.first_time(f"busy:{subject}"):
            raise Rejected("too_many_requests", "Ask again in a second.", 429)
        if behaviour == "error" and self.store.first_time(f"error:{subject}"):
            raise Fault(key)

    def _keep(self, connection: sqlite3.Connection, key: str, body: dict[str, Any], answer: Answer) -> None:
        connection.execute(
            "INSERT INTO answer VALUES (?, ?, ?, ?, ?)",
            (key, _input(body), answer[0], json.dumps(answer[1]), time.time()),
        )

    def _plan(
        self,
        connection: sqlite3.Connection,
        kind: str,
        thing: str,
        status: str | None,
        failure: str | None,
    ) -> None:
        if status is not None:
            connection.execute(
                "INSERT INTO later (at, kind, id, status, failure) VALUES (?, ?, ?, ?, ?)",
                (time.time() + self.delay, kind, thing, status, failure),
            )

    def _tell(
        self, connection: sqlite3.Connection, kind: str, row: dict[str, Any], *, unordered: bool = False
    ) -> None:
        """Queue the webhooks: created and updated, each delivered twice."""
        events = [f"{kind}.created", f"{kind}.updated"]
        if unordered:
            events.reverse()
        for place, name in enumerate(events):
            body = json.dumps(
                {"event": new_id("evt"), "kind": name, "object": shown(kind, row), "sandbox": True}
            )
            for repeat in range(2):
                at = time.time() + 0.01 * (place + 2 * repeat)
                connection.execute("INSERT INTO delivery (at, body) VALUES (?, ?)", (at, body))


def _refuse_expired(expiry: str) -> None:
    written = re.fullmatch(r"(0[1-9]|1[0-2])/([0-9]{2})", expiry, re.ASCII)
    if written is None:
        raise Rejected("bad_expiry", "The card's expiry is a month and a year, such as 12/30.")
    month, year = int(written[1]), 2000 + int(written[2])
    now = time.gmtime()
    if (year, month) < (now.tm_year, now.tm_mon):
        raise Rejected("expired_card", "The card has expired.")


def _amount(body: dict[str, Any]) -> int:
    amount = body.get("amount")
    if not isinstance(amount, int) or isinstance(amount, bool) or not 0 < amount < 2**53:
        raise Rejected("bad_amount", "The amount is a whole number of minor units above zero.")
    return amount


def _metadata(body: dict[str, Any]) -> str:
    return json.dumps(body.get("metadata") or {}, sort_keys=True)


def _input(body: dict[str, Any]) -> str:
    return json.dumps(body, sort_keys=True)


def _insert(connection: sqlite3.Connection, table: str, row: dict[str, Any]) -> None:
    columns = ", ".join(row)
    marks = ", ".join("?" * len(row))
    connection.execute(f"INSERT INTO {table} ({columns}) VALUES ({marks})", tuple(row.values()))  # noqa: S608


def _take(connection: sqlite3.Connection, charge: str, amount: int) -> None:
    """Count a refund against its charge; the table's own check lets it never exceed it."""
    try:
        connection.execute("UPDATE charge SET refunded = refunded + ? WHERE id = ?", (amount, charge))
    except sqlite3.IntegrityError:
        raise Rejected("over_refund", "More than was charged cannot be refunded.") from None
