"""A node's rounds against a service that answers, is away, or whose answer is lost on the way."""

import gzip
import time
from pathlib import Path

import pytest

from hanaper.core.gateway.wire import Errand, Server
from hanaper.gateway_node import counting
from hanaper.gateway_node.agent import Agent
from hanaper.gateway_node.control import Retired
from hanaper.gateway_node.engines import EngineError
from hanaper.gateway_node.health import Watch
from tests.gateway_node.rounds import *  # noqa: F403 - its fixtures
from tests.gateway_node.rounds import FakeEngine, Service, visit
from tests.gateway_node.sites import a_site
from tests.gateway_node.test_counting import line


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
    assert (engine.names, engine.version, agent.error) == (set(), 1, str(Retired()))
    assert agent.is_over


def test_one_that_is_retired_alive_hands_over_all_that_it_counted(
    agent: Agent, service: Service, engine: FakeEngine
) -> None:
    visit(engine, 2)
    agent.turn()
    service.retired = service.takes_the_rest = engine.busy = True
    visit(engine, 3)
    agent.turn()
    assert engine.served[-1].sites == () and engine.names == set() and not agent.is_over
    visit(engine, 4)  # what was in hand
    agent.turn()
    assert not agent.is_over
    engine.busy = False
    applied = len(engine.served)
    for _ in range(3):
        agent.turn()
    assert service.visits == 9 and agent.is_over and "retired" in agent.error
    assert len(engine.served) == applied


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
    watch = Watch(lambda _, server, name: "bad" if server.port in bad else "")
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


def test_a_node_that_lost_or_never_had_its_snapshot_asks_for_it(
    agent: Agent, service: Service, engine: FakeEngine
) -> None:
    engine.version = service.newest  # taken, and the port was somebody else's
    agent.turn()
    assert [one.version for one in engine.served] == [1]
    agent.turn()
    assert len(engine.served) == 1


def test_an_engine_that_does_not_start_is_given_what_the_node_is_told_now(
    service: Service, engine: FakeEngine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its options are others, such as a port that is free."""

    def keep_running() -> None:
        raise EngineError("the port is taken")

    Agent(service, engine, kept=tmp_path / "kept").turn()  # type: ignore[arg-type]
    before = len(engine.served)
    monkeypatch.setattr(engine, "keep_running", keep_running)
    again = Agent(service, engine, kept=tmp_path / "kept")  # type: ignore[arg-type]
    again.turn()
    assert len(engine.served) == before + 1
    assert again.failing == service.reports[-1].error == "the port is taken", "said here and there"
    monkeypatch.undo()
    again.turn()
    assert again.failing == ""


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
