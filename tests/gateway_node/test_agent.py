"""A node's rounds against a service that answers, is away, or whose answer is lost on the way."""

import gzip
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest

from hanaper.core.gateway.wire import Answer, Batch, Changes, Errand, KeyPair, Report, Server, Site, Snapshot
from hanaper.gateway_node import counting, serving
from hanaper.gateway_node.agent import Agent
from hanaper.gateway_node.control import Away, Missing, Retired
from hanaper.gateway_node.engines import EngineError, Refused
from hanaper.gateway_node.health import Watch
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
        self.away = self.lose_answer = self.retired = False

    def report(self, report: Report) -> Answer:
        if self.away:
            raise Away("away")
        if self.retired:
            raise Retired("retired")
        self.reports.append(report)
        answer = Answer(
            version=self.newest,
            taken={one.log: self._take(one) for one in report.batches},
            errands=tuple(one for one in self.errands if one.id not in self.delivered),
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


def test_takes_what_is_newer(agent: Agent, service: Service, engine: FakeEngine) -> None:
    agent.turn()
    assert (engine.version, engine.names) == (1, {"gwi_a-1"})
    service.newest = 2
    agent.turn()
    assert engine.version == 2


def test_counts_each_line_once(agent: Agent, service: Service, engine: FakeEngine) -> None:
    visit(engine, 3)
    for _ in range(4):
        agent.turn()
    visit(engine, 2)
    for _ in range(4):
        agent.turn()
    assert service.visits == 5


def test_an_answer_that_was_lost_counts_nothing_twice(
    agent: Agent, service: Service, engine: FakeEngine
) -> None:
    agent.turn()
    visit(engine, 3)
    service.lose_answer = True
    agent.turn()
    assert service.visits == 3
    service.lose_answer = False
    for _ in range(3):
        agent.turn()
    assert service.visits == 3


def test_a_node_that_starts_again_asks_how_far_it_was(
    service: Service, engine: FakeEngine, agent: Agent
) -> None:
    visit(engine, 3)
    agent.turn()
    agent.turn()
    visit(engine, 1)
    again = Agent(service, engine)  # type: ignore[arg-type]
    for _ in range(3):
        again.turn()
    assert service.visits == 4


def test_while_the_service_is_away_nothing_is_lost(
    agent: Agent, service: Service, engine: FakeEngine
) -> None:
    agent.turn()
    service.away = True
    visit(engine, 2)
    agent.turn()
    assert agent.error == "away" and engine.version == 1
    service.away = False
    agent.turn()
    agent.turn()
    assert service.visits == 2 and agent.error == ""


def test_one_that_was_retired_serves_nothing_and_keeps_no_keys(
    agent: Agent, service: Service, engine: FakeEngine
) -> None:
    agent.turn()
    service.retired = True
    agent.turn()
    assert (engine.names, engine.version, agent.error) == (set(), 1, "retired")


def test_the_last_words(agent: Agent, service: Service, engine: FakeEngine) -> None:
    agent.turn()
    visit(engine, 2)
    agent.turn()
    agent.finish()
    assert service.visits == 3 and not engine.running


def test_the_engine_stays_stopped_whatever_is_newer(
    agent: Agent, service: Service, engine: FakeEngine
) -> None:
    agent.turn()
    service.newest = 2
    agent.finish()
    assert not engine.running
    service.retired = True
    agent.finish()
    assert not engine.running


def test_errands_are_run_once(agent: Agent, service: Service, engine: FakeEngine) -> None:
    visit(engine, 2)
    service.errands = [
        Errand(id="gwe_1", kind="purge", instance="gwi_a", address="/x"),
        Errand(id="gwe_2", kind="log", instance="gwi_a"),
    ]
    for _ in range(3):
        agent.turn()
    assert engine.purged == [("gwi_a", "/x")]
    assert service.delivered["gwe_1"] == b""
    assert len(gzip.decompress(service.delivered["gwe_2"]).splitlines()) == 2


def test_origins_that_are_unwell_are_out_and_told(
    service: Service, engine: FakeEngine, tmp_path: Path
) -> None:
    site = a_site("gwi_a", "a.test", 1, health={"path": "/"})
    server = Server(address="127.0.0.1", port=2)
    service.sites = (site.model_copy(update={"servers": (*site.servers, server)}),)
    bad = {2}
    watch = Watch(lambda _, server: "bad" if server.port in bad else "")
    agent = Agent(service, engine, kept=tmp_path / "kept", watch=watch)  # type: ignore[arg-type]
    agent.turn()
    for _ in range(2):
        watch._look(("gwi_a", "127.0.0.1", 2))
    for _ in range(3):
        agent.turn()
    assert [server.down for server in engine.served[-1].sites[0].servers] == [False, True]
    assert engine.version == 1 and len(engine.served) == 2
    said = [one.unwell for one in service.reports]
    assert said[0] == () and [[each.port for each in one] for one in said if one] == [[2]]
    assert said[-1] is None  # nothing new

    # The next node begins with what was served, and finds out by itself.
    bad.clear()
    again = Agent(service, engine, kept=tmp_path / "kept", watch=Watch(lambda *_: ""))  # type: ignore[arg-type]
    service.away = True
    again.turn()
    assert [server.down for server in engine.served[-1].sites[0].servers] == [False, False]


def test_settles_once_all_was_answered_and_taken(agent: Agent, service: Service, engine: FakeEngine) -> None:
    engine.busy = True
    for _ in range(3):
        agent.turn()
    assert service.reports[-1].settled == 0
    visit(engine)  # the last answer for the earlier version
    engine.busy = False
    for _ in range(4):
        agent.turn()
    settled = [(one.settled, sum(each.end - each.begin for each in one.batches)) for one in service.reports]
    first = next(index for index, (version, _) in enumerate(settled) if version == 1)
    assert service.visits == 1
    assert any(size for _, size in settled[:first])  # it was taken before


def test_what_the_engine_refuses_is_said_and_tried_again(
    agent: Agent, service: Service, engine: FakeEngine
) -> None:
    engine.broken = True
    agent.turn()
    agent.turn()
    assert service.reports[-1].error == "broken" and service.reports[-1].applied == 0
    engine.broken = False
    agent.turn()
    assert engine.version == 1


def test_a_long_log_is_put_aside_and_nothing_of_it_lost(
    agent: Agent, service: Service, engine: FakeEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    agent.turn()
    monkeypatch.setattr(counting, "ROTATE_BYTES", 100)
    visit(engine, 3)
    agent.turn()
    visit(engine, 2)  # into the new one
    for _ in range(4):
        agent.turn()
    assert service.visits == 5
    assert len(counting.logs(engine.log)) >= 2


def test_connections_are_kept_for_those_who_are_busy_now(
    agent: Agent, service: Service, engine: FakeEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    service.sites = tuple(a_site(f"gwi_{name}", f"{name}.test", 1) for name in "abc")
    now = 100.0
    monkeypatch.setattr(time, "monotonic", lambda: now)

    def pass_time(busy: str, requests: int) -> None:
        nonlocal now
        now += 61
        with engine.log.open("ab") as file:
            file.writelines(line(busy) for _ in range(requests))
        for _ in range(3):
            agent.turn()

    pass_time("gwi_c", 5)
    assert engine.busiest == [()]  # nobody came yet when it was served first
    pass_time("gwi_c", 500)
    pass_time("gwi_b", 900)
    pass_time("gwi_b", 5)
    assert engine.busiest[-1] == ("gwi_b", "gwi_c")
    times = len(engine.busiest)
    for _ in range(3):
        pass_time("gwi_c", 5)
    assert len(engine.busiest) == times  # the same two
    pass_time("gwi_a", 900)
    pass_time("gwi_a", 5)
    assert engine.busiest[-1] == ("gwi_a", "gwi_b")


def test_asks_for_what_changed_and_for_all_when_that_does_not_lead_there(
    agent: Agent, service: Service, engine: FakeEngine
) -> None:
    service.sites = (*service.sites, a_site("gwi_b", "b.test", 1))
    agent.turn()
    assert service.asked_since == []
    changed = a_site("gwi_b", "b.test", 2).model_copy(update={"version": 2})
    service.newest, service.sites = 2, (service.sites[0], changed)
    agent.turn()
    assert service.asked_since == [1] and engine.served[-1].sites == service.sites
    assert engine.served[-1].sites[0] is engine.served[0].sites[0]
    service.newest, service.sites, service.wrong = 3, service.sites[:1], 1
    agent.turn()
    assert service.asked_since == [1, 2] and len(engine.served[-1].sites) == 1
    engine.version = 2  # somebody else has been here
    service.newest = 4
    agent.turn()
    assert service.asked_since == [1, 2] and engine.version == 4


def change(service: Service, *sites: Site) -> None:
    """These are otherwise from now on."""
    service.newest += 1
    changed = {site.instance: site.model_copy(update={"version": service.newest}) for site in sites}
    service.sites = tuple(changed.pop(site.instance, site) for site in service.sites) + tuple(
        changed.values()
    )


def ports(engine: FakeEngine) -> dict[str, int]:
    return {site.instance: site.servers[0].port for site in engine.served[-1].sites}


def test_a_site_that_is_refused_holds_up_nobody(
    service: Service, engine: FakeEngine, agent: Agent, tmp_path: Path
) -> None:
    change(service, *(a_site(f"gwi_{name}", f"{name}.test", 1) for name in "abcdefg"))
    agent = Agent(service, engine, kept=tmp_path / "kept")  # type: ignore[arg-type]
    agent.turn()
    engine.bad = {"gwi_c": 2, "gwi_h": 2}
    changed = [a_site(f"gwi_{name}", f"{name}.test", 2) for name in "bcd"]
    change(service, *changed, a_site("gwi_h", "h.test", 2))
    agent.turn()
    assert engine.version == service.newest
    assert ports(engine) == {"gwi_a": 1, "gwi_b": 2, "gwi_c": 1, "gwi_d": 2, **dict.fromkeys(
        ("gwi_e", "gwi_f", "gwi_g"), 1)}  # fmt: skip
    agent.turn()
    (said,) = [one.left_out for one in service.reports if one.left_out]
    assert [(one.instance, one.said, one.earlier) for one in said] == [
        ("gwi_c", "no gwi_c", True),
        ("gwi_h", "no gwi_h", False),
    ]
    assert service.reports[-1].error == ""
    times = len(engine.served)
    agent.turn()
    assert service.reports[-1].left_out is None and len(engine.served) == times

    # The next node knows what was served of it.
    engine.served.clear()
    again = Agent(service, engine, kept=tmp_path / "kept")  # type: ignore[arg-type]
    again.turn()
    assert ports(engine)["gwi_c"] == 1 and "gwi_h" not in ports(engine)
    again.turn()
    assert len(again.serving.left_out) == 2

    # It clears by itself.
    change(service, a_site("gwi_c", "c.test", 1, epoch=4), a_site("gwi_a", "a.test", 3))
    again.turn()
    again.turn()
    assert [one.instance for one in service.reports[-1].left_out or ()] == ["gwi_h"]
    change(service, a_site("gwi_h", "h.test", 1))
    again.turn()
    again.turn()
    assert service.reports[-1].left_out == () and again.serving.left_out == ()


def test_what_is_served_of_it_meanwhile_follows_what_is_not_its_owners(
    service: Service, engine: FakeEngine, agent: Agent
) -> None:
    agent.turn()
    engine.bad = {"gwi_a": 2}
    change(service, a_site("gwi_a", "a.test", 2))
    agent.turn()
    renewed = a_site("gwi_a", "a.test", 2, epoch=7, closed="exhausted")
    change(service, renewed.model_copy(update={"certificate": "gwi_a-2"}))
    agent.turn()
    (site,) = engine.served[-1].sites
    assert (site.servers[0].port, site.epoch, site.closed, site.certificate) == (1, 7, "exhausted", "gwi_a-2")
    change(service, a_site("gwi_a", "other.test", 2))
    agent.turn()
    assert engine.served[-1].sites == (), "its earlier domain may be somebody else's by now"
    service.newest, service.sites = service.newest + 1, ()
    agent.turn()
    agent.turn()
    assert service.reports[-1].left_out == ()


def test_it_is_tried_again_now_and_then(
    service: Service, engine: FakeEngine, agent: Agent, monkeypatch: pytest.MonkeyPatch
) -> None:
    engine.bad = {"gwi_a": 1}
    agent.turn()
    engine.bad = {}
    agent.turn()
    assert agent.serving.left_out != ()
    later = time.monotonic() + serving.AGAIN_SECONDS + 1
    monkeypatch.setattr(time, "monotonic", lambda: later)
    agent.turn()
    assert agent.serving.left_out == () and ports(engine) == {"gwi_a": 1}


def test_a_certificate_that_is_not_given_out_holds_up_one_site(
    service: Service, engine: FakeEngine, agent: Agent
) -> None:
    service.sites = (*service.sites, a_site("gwi_b", "b.test", 1))
    service.without = {"gwi_b-1"}
    agent.turn()
    agent.turn()
    assert ports(engine) == {"gwi_a": 1} and engine.version == 1
    assert [one.instance for one in service.reports[-1].left_out or ()] == ["gwi_b"]
    service.without = set()
    change(service, service.sites[1])
    agent.turn()
    assert ports(engine) == {"gwi_a": 1, "gwi_b": 1} and agent.serving.left_out == ()


def test_of_an_older_service_it_takes_all(service: Service, engine: FakeEngine, agent: Agent) -> None:
    agent.turn()
    service.old = True
    change(service, a_site("gwi_a", "a.test", 2))
    agent.turn()
    assert service.asked_since == [1] and ports(engine) == {"gwi_a": 2} and agent.error == ""
