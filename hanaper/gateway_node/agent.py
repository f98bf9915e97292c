"""A node's round: keep the engine running, say what was counted, and take what is newer.

Whatever fails is tried again in the next round; between rounds the engine serves what it served.
"""

import time
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from hanaper.core.gateway.changes import after
from hanaper.core.gateway.wire import Batch, Errand, LeftOut, OriginState, Report, Snapshot
from hanaper.gateway_node import counting
from hanaper.gateway_node.access_log import newest
from hanaper.gateway_node.busy import Busy
from hanaper.gateway_node.control import Away, Control, Missing, Retired
from hanaper.gateway_node.engines import Engine, EngineError
from hanaper.gateway_node.health import Watch
from hanaper.gateway_node.serving import Serving

MOST_BATCHES = 8
KEPT_SECONDS = 7 * 86_400  # logs that were taken, for whoever wants to look at them


@dataclass
class Agent:
    """`taken`: by log, the byte up to which the service has it; a log that is not there is asked for."""

    control: Control
    engine: Engine
    taken: dict[str, int] = field(default_factory=dict)
    error: str = ""  # what the service is told next
    failing: str = ""  # why nothing, or not what should be, was served in this round
    settled: int = 0
    kept: Path | None = None  # where what is served stands as it came, without secrets
    watch: Watch = field(default_factory=Watch)
    busy: Busy = field(default_factory=Busy)
    retired: bool = False  # it serves nothing any more
    _unwell_said: tuple[OriginState, ...] | None = None
    _left_out_said: tuple[LeftOut, ...] | None = None
    _due: dict[str, int] | None = None  # what must be taken until the applied version is settled
    _due_version: int = 0

    def __post_init__(self) -> None:
        """Go on with the origins of what was served last."""
        self.serving = Serving(self.engine, self.kept, self.watch, self.busy)

    @property
    def is_over(self) -> bool:
        """Retired, and everything that it counted was taken, or nobody takes it any more."""
        return self.retired and self.settled == self.engine.applied()

    def turn(self) -> bool:
        """One round. Whether there is more to do at once. Raises nothing that a later round might mend."""
        self.failing = ""
        # In this order: what was served last may be for ports that are taken, and not wanted any more.
        for step in (self.serving.move_visitors, self.engine.keep_running):
            try:
                step()
            except EngineError as error:
                self.failing = self.error = str(error)
        return self._speak()

    def finish(self) -> None:
        """The engine stops, and what it wrote last is said, if somebody listens."""
        self.engine.stop()
        while self._speak():
            pass
        self.engine.stop()  # what was newer, or that this node was retired, had it started once more

    def _speak(self) -> bool:
        try:
            return self._report()
        except Retired as retired:
            self._retire(retired)
            self.settled = self.engine.applied()
            return False
        except Away as away:
            self.error = str(away)
            return False

    def _retire(self, retired: Retired) -> None:
        self.error = str(retired)
        if self.retired:
            return
        try:
            self.serving.take(Snapshot(version=self.engine.applied(), sites=()), {})
        except EngineError as error:
            self.error = str(error)
            return
        # What is under way is finished, and said too.
        self.retired, self.settled, self._due = True, 0, None

    def _report(self) -> bool:
        batches = self._batches()
        self._look_whether_settled()
        unwell, left_out = self.watch.unwell(), self.serving.left_out
        answer = self.control.report(
            Report(
                applied=self.engine.applied(),
                settled=self.settled,
                error=self.error,
                engine=self.engine.name,
                http3=self.engine.http3,
                hears=True,
                batches=tuple(batches),
                unwell=None if unwell == self._unwell_said else unwell,
                left_out=None if left_out == self._left_out_said else left_out,
            )
        )
        self.error, self._unwell_said, self._left_out_said = "", unwell, left_out
        self.taken.update(answer.taken)
        for batch in batches:
            self.busy.count(batch.tallies)
        more = any(batch.end > batch.begin for batch in batches)
        if answer.retired:
            self._retire(Retired())
            return more
        # Without a snapshot nobody knows what is served, nor whether it ever was.
        unknown = self.serving.snapshot is None
        if unknown or answer.version > self.engine.applied() or self.serving.is_to_try_again:
            self._take()
        for errand in answer.errands:
            self.control.deliver(errand.id, self._run(errand))
        self._tidy()
        return more

    def _batches(self) -> list[Batch]:
        found: list[Batch] = []
        for path in counting.logs(self.engine.log):
            log = counting.name_of(path) if path.exists() else None
            if log is None:
                continue
            offset = self.taken.get(log)
            if offset is None:
                found.append(Batch(log=log, begin=0, end=0))  # how far did you take it?
            elif (batch := counting.read(path, log, offset)) is not None:
                found.append(batch)
            if len(found) == MOST_BATCHES:
                break
        return found

    def _take(self) -> None:
        """The newest snapshot, with the certificates that are not here yet."""
        snapshot = self._newest()
        wanted = {site.certificate for site in snapshot.sites} - self.engine.certificates()
        certificates = {}
        for name in sorted(wanted):
            with suppress(Missing):  # that site waits for the next version; the others do not
                certificates[name] = self.control.certificate(name)
        try:
            self.serving.take(snapshot, certificates)
        except EngineError as error:
            self.error = str(error)
        self._due = None

    def _newest(self) -> Snapshot:
        """From what is served by what has changed, or else all of it."""
        served = self.serving.snapshot
        if served is not None and served.version == self.engine.applied():
            with suppress(Missing):
                found = after(served, self.control.changes(served.version))
                if found is not None:
                    return found
        return self.control.snapshot()

    def _run(self, errand: Errand) -> bytes:
        if errand.kind == "log":
            return newest(self.engine.log, errand.instance)
        self.engine.purge(errand.instance, errand.address)
        return b""

    def _look_whether_settled(self) -> None:
        """Once nobody answers for an earlier version any more, and what they wrote was taken."""
        applied = self.engine.applied()
        if self.settled == applied or self.engine.draining():
            return
        if self._due is None or self._due_version != applied:
            self._due, self._due_version = self._sizes(), applied
        if all(self.taken.get(log, 0) >= size for log, size in self._due.items()):
            self.settled = applied

    def _sizes(self) -> dict[str, int]:
        paths = [path for path in counting.logs(self.engine.log) if path.exists()]
        return {log: path.stat().st_size for path in paths if (log := counting.name_of(path))}

    def _tidy(self) -> None:
        """A log that has grown long is put aside; one that was put aside and taken goes after a week."""
        current = self.engine.log
        if current.exists() and current.stat().st_size > counting.ROTATE_BYTES:
            current.rename(current.with_name(f"{current.name}.{time.time_ns():020d}"))
            counting.begin(current)
            self.engine.begin_new_log()
        for path in counting.logs(current)[:-1]:
            if self._is_done(path):
                path.unlink()

    def _is_done(self, path: Path) -> bool:
        stat = path.stat()
        old = time.time() - stat.st_mtime > KEPT_SECONDS
        log = counting.name_of(path)
        return old and (log is None or self.taken.get(log, 0) >= stat.st_size)
