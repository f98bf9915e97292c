"""Token buckets in the memory of one process.

A site with n worker processes allows up to n times as much; that is enough to keep one program from
starving the rest, and costs no write. System time (monotonic), never the sandbox's.
"""

import threading
import time


class TokenBuckets:
    """One bucket a name: `burst` tokens at first, refilled at `per_minute`. Safe among threads."""

    MOST = 10_000  # names remembered; the fullest are forgotten first, for they forbid nothing

    def __init__(self, per_minute: int, burst: int | None = None) -> None:
        self.rate = per_minute / 60
        self.burst = float(burst if burst is not None else per_minute)
        self._buckets: dict[str, tuple[float, float]] = {}  # name -> tokens, when
        self._lock = threading.Lock()

    def take(self, name: str, tokens: float = 1) -> float:
        """Take tokens; 0.0 if there were enough, else the seconds until there will be (none taken)."""
        with self._lock:
            now = time.monotonic()
            have = self._have(name, now)
            if have < tokens:
                return (tokens - have) / self.rate
            self._buckets[name] = (have - tokens, now)
            if len(self._buckets) > self.MOST:
                self._forget(now)
            return 0.0

    def wait(self, name: str) -> float:
        """How many seconds until one token can be taken; takes none."""
        with self._lock:
            have = self._have(name, time.monotonic())
            return 0.0 if have >= 1 else (1 - have) / self.rate

    def clear(self) -> None:
        with self._lock:
            self._buckets.clear()

    def _have(self, name: str, now: float) -> float:
        tokens, since = self._buckets.get(name, (self.burst, now))
        return min(self.burst, tokens + (now - since) * self.rate)

    def _forget(self, now: float) -> None:
        by_tokens = sorted(self._buckets, key=lambda name: self._have(name, now))
        for name in by_tokens[self.MOST // 2 :]:
            del self._buckets[name]
