"""What happens by itself: things turn out later, and webhooks are delivered until they are taken."""

import hashlib
import hmac
import threading
import time
import urllib.error
import urllib.request

from hanaper.sandbox_card.behaviour import Provider

LONGEST_PAUSE = 60.0
TRIES = 200


class Deliveries(threading.Thread):
    """Looks twenty times a second; the queue is a table, so a restart loses nothing."""

    def __init__(self, provider: Provider, url: str, secret: str, prune_seconds: float) -> None:
        super().__init__(daemon=True, name="deliveries")
        self._provider, self._url, self._secret, self._prune = provider, url, secret, prune_seconds

    def run(self) -> None:
        pruned = 0.0
        while True:
            self._turn_out()
            self._deliver()
            if time.time() - pruned > min(60.0, self._prune):
                self._provider.store.prune(self._prune)
                pruned = time.time()
            time.sleep(0.05)

    def _turn_out(self) -> None:
        store = self._provider.store
        for row in store.rows("SELECT * FROM later WHERE at <= ? ORDER BY number", (time.time(),)):
            self._provider.become(row["kind"], row["id"], row["status"], row["failure"])
            with store.change() as connection:
                connection.execute("DELETE FROM later WHERE number = ?", (row["number"],))

    def _deliver(self) -> None:
        if not self._url:
            return
        store = self._provider.store
        due = "SELECT * FROM delivery WHERE at <= ? ORDER BY at, number LIMIT 20"
        for row in store.rows(due, (time.time(),)):
            taken = self._send(row["body"].encode())
            with store.change() as connection:
                if taken or row["tries"] >= TRIES:
                    connection.execute("DELETE FROM delivery WHERE number = ?", (row["number"],))
                else:
                    pause = min(0.2 * 2 ** min(row["tries"], 16), LONGEST_PAUSE)
                    connection.execute(
                        "UPDATE delivery SET tries = tries + 1, at = ? WHERE number = ?",
                        (time.time() + pause, row["number"]),
                    )
            if not taken:
                return  # whoever does not answer now is asked again after a pause, not twenty times

    def _send(self, body: bytes) -> bool:
        stamp = str(int(time.time()))
        key = f"webhook:{self._secret}".encode()
        signature = hmac.new(key, stamp.encode() + b"." + body, hashlib.sha256).hexdigest()
        request = urllib.request.Request(  # noqa: S310 - the operator's own address
            self._url,
            data=body,
            headers={
                "Content-Type": "application/json",
                "Sandbox-Signature": f"t={stamp},v1={signature}",
            },
        )
        try:
            with urllib.request.urlopen(request, timeout=5) as response:  # noqa: S310
                return 200 <= int(response.status) < 300
        except (urllib.error.URLError, OSError):
            return False
