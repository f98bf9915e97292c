"""A site that cannot be served holds up nobody else: what a node does with it, round by round."""

import time
from pathlib import Path

import pytest

from hanaper.core.gateway.wire import Site
from hanaper.gateway_node import serving
from hanaper.gateway_node.agent import Agent
from tests.gateway_node.rounds import *  # noqa: F403 - its fixtures
from tests.gateway_node.rounds import FakeEngine, Service
from tests.gateway_node.sites import a_site


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
