"""The contract of an engine: a proxy that people run in production, driven by us."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from hanaper.core.gateway.wire import KeyPair, Snapshot


@dataclass(frozen=True, slots=True)
class Listen:
    """Where visitors come in: `addresses` such as `0.0.0.0` or `[::]`."""

    http: int
    https: int
    addresses: tuple[str, ...]


class EngineError(Exception):
    """The engine cannot serve this; what it served before, it goes on serving."""


class Refused(EngineError):
    """The engine was asked, and does not take this configuration: another one it may take."""


class Engine(Protocol):
    """`log`: a line for every request, as counting.py reads it. `keeps`: for so many sites it keeps
    connections to their origins open; `alike`: so many it serves each as well as it can."""

    name: str
    http3: bool
    log: Path
    keeps: int
    alike: int

    def apply(
        self, snapshot: Snapshot, certificates: Mapping[str, KeyPair], busiest: Sequence[str] = ()
    ) -> None:
        """New connections are served as `snapshot` says when this returns. `certificates`: those that
        are not here. `busiest`: instances whose visitors ask most, where there are more sites
        than it serves `alike`. Refused or another EngineError, and everything as it was."""
        ...

    def refuses(self, snapshot: Snapshot, busiest: Sequence[str] = ()) -> str:
        """What `apply` would be refused for; empty if it would not. Nothing is served otherwise."""
        ...

    def applied(self) -> int:
        """The version that is served; 0 before the first."""
        ...

    def certificates(self) -> set[str]:
        """Those that are here, by name."""
        ...

    def draining(self) -> bool:
        """Whether somebody still answers for an earlier version."""
        ...

    def keep_running(self) -> None:
        """Start the engine with what it served last, if it is not running."""
        ...

    def purge(self, instance: str, address: str) -> None:
        """Forget what is kept of `address`, a path and what follows a question mark."""
        ...

    def begin_new_log(self) -> None:
        """From now on lines go to a new file at `log`; the one before grows no more soon."""
        ...

    def stop(self) -> None: ...
