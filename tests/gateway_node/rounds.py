"""A service and an engine that do what they are told, for the rounds of a node."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest

from hanaper.core.gateway.wire import Answer, Batch, Changes, Errand, KeyPair, Report, Site, Snapshot
from hanaper.gateway_node import counting
from hanaper.gateway_node.agent import Agent
from hanaper.gateway_node.control import Away, Missing, Retired
from hanaper.gateway_node.engines import EngineError, Refused
from tests.gateway_node.sites import a_site
from tests.gateway_node.test_counting import line


class Service:
    """Takes each byte once, as the real one does (tests/apps/gateway/test_counting.py)."""

    def __init__(self) -> None:
        self.newest = 1
        self.sites: tuple[Site, ...] = (a_site("gwi_a", "a.test", 1),)
        self.taken: dict[str, int] = {}
        self.visits = 0
        self.reports: list[Report] = []
        self.errands: list[Errand] = []
        self.delivered: dict[str, bytes] = {}
        self.asked_since: list[int] = []
        self.without: set[str] = set()  # certificates that it does not give out
        self.old = False
        self.wrong = 0  # as if a node had missed something
        self.away = self.lose_answer = self.retired = self.takes_the_rest = False

    def report(self, report: Report) -> Answer:
        if self.away:
            raise Away("away")
        if self.retired and not self.takes_the_rest:
            raise Retired
        self.reports.append(report)
        answer = Answer(
            version=self.newest,
            taken={one.log: self._take(one) for one in report.batches},
            errands=tuple(one for one in self.errands if one.id not in self.delivered),
            retired=self.retired,
        )
        if self.lose_answer:
            raise Away("lost")
        return answer

    def _take(self, batch: Batch) -> int:
        known = self.taken.setdefault(batch.log, 0)
        if batch.end > batch.begin == known:
            self.taken[batch.log] = batch.end
            self.visits += sum(one.visits for one in batch.tallies)
        return self.taken[batch.log]

    def deliver(self, errand: str, content: bytes) -> None:
        self.delivered[errand] = content

    def snapshot(self) -> Snapshot:
        return Snapshot(version=self.newest, sites=self.sites)

    def changes(self, since: int) -> Changes:
        self.asked_since.append(since)
        if self.old:
            raise Missing("404")
        sites = [site for site in self.sites if site.version > since]
        return Changes(
            since=since,
            version=self.newest,
            sites=tuple(sites),
            gone=(),
            count=len(self.sites) + self.wrong,
            versions=sum(site.version for site in self.sites),
        )

    def certificate(self, name: str) -> KeyPair:
        if name in self.without:
            raise Missing("404")
        return KeyPair(chain=name, key="k")


class FakeEngine:
    name, http3, keeps, alike = "fake", False, 2, 2

    def __init__(self, log: Path) -> None:
        self.log = log
        self.version, self.names = 0, set[str]()
        self.served: list[Snapshot] = []
        self.busiest: list[tuple[str, ...]] = []
        self.purged: list[tuple[str, str]] = []
        self.busy = self.broken = self.running = False
        self.bad: dict[str, int] = {}  # instance: from which port on

    def refuses(self, snapshot: Snapshot, busiest: Sequence[str] = ()) -> str:
        bad = [one for one in snapshot.sites if one.servers[0].port >= self.bad.get(one.instance, 1 << 16)]
        return f"no {bad[0].instance}" if bad else ""

    def apply(
        self, snapshot: Snapshot, certificates: Mapping[str, KeyPair], busiest: Sequence[str] = ()
    ) -> None:
        if self.broken:
            raise EngineError("broken")
        if wrong := self.refuses(snapshot):
            raise Refused(wrong)
        self.version, self.running = snapshot.version, True
        self.served.append(snapshot)
        self.busiest.append(tuple(busiest))
        self.names |= set(certificates)
        self.names &= {site.certificate for site in snapshot.sites}

    def applied(self) -> int:
        return self.version

    def purge(self, instance: str, address: str) -> None:
        self.purged.append((instance, address))

    def certificates(self) -> set[str]:
        return self.names

    def draining(self) -> bool:
        return self.busy

    def keep_running(self) -> None:
        self.running = True

    def begin_new_log(self) -> None:
        return

    def stop(self) -> None:
        self.running = False
        visit(self)  # the one that was in hand


@pytest.fixture
def service() -> Service:
    return Service()


@pytest.fixture
def engine(tmp_path: Path) -> FakeEngine:
    engine = FakeEngine(tmp_path / "requests.log")
    counting.begin(engine.log)
    return engine


@pytest.fixture
def agent(service: Service, engine: FakeEngine) -> Agent:
    return Agent(service, engine)  # type: ignore[arg-type]


def visit(engine: FakeEngine, times: int = 1) -> None:
    with engine.log.open("ab") as file:
        file.writelines(line() for _ in range(times))
