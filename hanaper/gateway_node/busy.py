"""Whose visitors ask most, from what stands in the engine's log: an engine that cannot serve all sites
equally well serves those best, and keeps connections to their origins open.
"""

from collections.abc import Iterable

from hanaper.core.gateway.wire import Tally

HALVED_SECONDS = 60.0
# So many requests a minute make it worth keeping a connection, which an origin closes after a minute or so.
ENOUGH = 30.0


class Busy:
    """Requests by instance; what is a minute old counts for half."""

    def __init__(self) -> None:
        self._requests: dict[str, float] = {}
        self._chosen: frozenset[str] = frozenset()
        self._halved = 0.0

    def count(self, tallies: Iterable[Tally]) -> None:
        for one in tallies:
            self._requests[one.instance] = self._requests.get(one.instance, 0.0) + one.requests

    def first(self, most: int) -> tuple[str, ...]:
        """At most so many, the busiest first. `changed` compares with these from now on."""
        ordered = sorted(self._requests, key=lambda instance: (-self._requests[instance], instance))[:most]
        self._chosen = frozenset(ordered)
        return tuple(ordered)

    def changed(self, most: int, now: float) -> bool:
        """Whether others are the busiest by now; asked once a minute. `now`: seconds of any clock."""
        if now - self._halved < HALVED_SECONDS:
            return False
        self._halved = now
        self._requests = {instance: value / 2 for instance, value in self._requests.items() if value >= 1}
        enough = [instance for instance, value in self._requests.items() if value >= ENOUGH]
        enough.sort(key=lambda instance: -self._requests[instance])
        return not self._chosen.issuperset(enough[:most])
