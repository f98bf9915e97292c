"""Three nodes, each with an nginx of its own, that joined one service: changes, absences, late records, ends."""

import time
from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest

from hanaper.demo.gateway import settled
from hanaper.demo.stage import DemoFailed
from tests.processes.fleet import Gateway, Node, a_gateway, reached


@pytest.fixture(scope="module")
def gateway(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Gateway]:
    with a_gateway(tmp_path_factory.mktemp("service")) as made:
        yield made


@pytest.fixture(scope="module")
def nodes(gateway: Gateway, tmp_path_factory: pytest.TempPathFactory) -> Iterator[list[Node]]:
    folder = tmp_path_factory.mktemp("nodes")
    made = [gateway.join(folder / name) for name in ("one", "two", "three")]
    try:
        for node in made:
            gateway.until(lambda node=node: reached(node.visit), f"{node.folder.name} to serve")
        gateway.until(lambda: settled(gateway.administrator), "nobody to serve what was before")
        yield made
    finally:
        for node in made:
            node.stop()


def turn(node: Node) -> str:
    """What a visitor is told; empty for one whom a worker refuses that did not know the domain yet."""
    try:
        return node.visit().headers.get("x-turn", "")
    except OSError:
        return ""


def change(gateway: Gateway, said: str) -> None:
    gateway.change(response_headers={"add": {"X-Turn": said}})


def all_is_counted(gateway: Gateway, nodes: list[Node]) -> bool:
    found = gateway.show()
    logs = [node.counted() for node in nodes]
    return (found["visits"], found["bytes_out"]) == tuple(map(sum, zip(*logs, strict=True)))


def test_a_change_is_live_everywhere(gateway: Gateway, nodes: list[Node]) -> None:
    for number in range(3):
        change(gateway, f"change {number}")
        for node in nodes:
            gateway.until(lambda node=node, n=number: turn(node) == f"change {n}", "the change")
    told = gateway.nodes()
    assert {name: told[name]["error"] for name in ("one", "two", "three")} == dict.fromkeys(
        ("one", "two", "three"), ""
    )


def test_one_address_is_forgotten_by_all_and_by_who_was_away(gateway: Gateway, nodes: list[Node]) -> None:
    kept = {"rules": [{"prefix": "/", "seconds": 3600}]}
    gateway.change(cache=kept, response_headers={"add": {"X-Turn": "kept"}})
    for node in nodes:
        gateway.until(lambda node=node: turn(node) == "kept", "the rules")
        for path in ("/one", "/two"):
            node.visit(path)
            assert node.visit(path).headers["x-cache"] == "HIT"
    *others, away = nodes
    away.stop()
    address = f"/gateways/{gateway.id}/purges"
    purge = gateway.customer.post(address, {"address": "/one"})

    def done() -> int:
        return int(gateway.customer.get(f"{address}/{purge['id']}")["done"])

    gateway.until(lambda: done() == len(others), "the others to forget it")
    assert [node.visit("/one").headers["x-cache"] for node in others] == ["MISS"] * len(others)
    away.start()
    gateway.until(lambda: done() == len(nodes), "it to forget it too")
    assert away.visit("/one").headers["x-cache"] == "MISS"
    assert [node.visit("/two").headers["x-cache"] for node in nodes] == ["HIT"] * len(nodes)


def test_one_that_was_away_catches_up(gateway: Gateway, nodes: list[Node]) -> None:
    away = nodes[1]
    away.stop()
    with pytest.raises(OSError):
        away.visit()
    for number in range(3):
        change(gateway, f"missed {number}")
    gateway.until(lambda: turn(nodes[0]) == "missed 2", "the others to go on")
    away.start()
    # It serves what it had at once, and what it missed a moment later.
    gateway.until(lambda: reached(away.visit) and turn(away) == "missed 2", "it to catch up")
    gateway.until(lambda: all_is_counted(gateway, nodes), "all visits")


def test_without_the_service_nodes_serve_and_count(gateway: Gateway, nodes: list[Node]) -> None:
    change(gateway, "the last good one")
    for node in nodes:
        gateway.until(lambda node=node: turn(node) == "the last good one", "the change")
    gateway.stage.stop_service()
    again = nodes[2]
    again.stop()
    again.start()  # with nobody to ask
    until = time.monotonic() + 30
    while not reached(again.visit):
        assert time.monotonic() < until
        time.sleep(0.1)
    for node in nodes:
        assert [turn(node) for _ in range(5)] == ["the last good one"] * 5
    gateway.stage.start()
    gateway.until(lambda: all_is_counted(gateway, nodes), "what was counted meanwhile")


def test_late_records_go_to_their_hour(gateway: Gateway, nodes: list[Node]) -> None:
    """A node that was away since before the hour was full has visits of the hour before to tell."""
    gateway.until(lambda: all_is_counted(gateway, nodes), "all visits")
    before = gateway.usage()
    late = nodes[0]
    late.stop()
    moment, rest = late.log.read_text().splitlines()[-1].split("\t", 1)
    with late.log.open("a") as log:
        log.write(f"{float(moment) - 3600:.3f}\t{rest}\n" * 7)
    late.start()
    gateway.until(lambda: sum(gateway.usage().values()) == sum(before.values()) + 7, "the late records")
    hour = datetime.fromtimestamp(float(moment)).astimezone() - timedelta(hours=1)
    at = hour.replace(minute=0, second=0, microsecond=0)
    grown = {
        datetime.fromisoformat(begins): visits - before.get(begins, 0)
        for begins, visits in gateway.usage().items()
        if visits != before.get(begins, 0)
    }
    assert grown == {at: 7}


def test_one_that_is_retired_serves_no_more(gateway: Gateway, nodes: list[Node]) -> None:
    gateway.until(lambda: reached(nodes[0].visit), "it to serve again")
    gateway.until(lambda: all_is_counted(gateway, nodes), "all visits")
    retired = nodes[2]
    gateway.administrator.post(f"/operator/gateway-nodes/{gateway.nodes()['three']['id']}/retire")
    gateway.until(lambda: not reached(retired.visit), "it to stop")
    # Neither keys nor configuration of anybody stay with it.
    certificates = retired.folder / "nginx" / "certificates"
    gateway.until(lambda: list(certificates.iterdir()) == [], "its keys to go")
    gateway.until(lambda: "retired" in (retired.folder / "node.log").read_text(), "it to say so")
    # What it was asked until it heard of it is said too.
    gateway.until(lambda: all_is_counted(gateway, nodes), "all visits")
    assert reached(nodes[0].visit) and reached(nodes[1].visit)


def test_a_reset_waits_for_those_that_serve(gateway: Gateway, nodes: list[Node]) -> None:
    away, there = nodes[0], nodes[1]
    assert away.process is not None
    away.process.kill()  # the agent alone: its nginx goes on
    away.process.wait()
    visits = gateway.show()["visits"]
    assert reached(away.visit)
    warned = gateway.customer.post(f"/gateways/{gateway.id}/reset/prepare")
    confirmed = {"confirmation": warned["confirmation"]}
    gateway.customer.post(f"/gateways/{gateway.id}/reset/confirm", confirmed)
    gateway.until(lambda: not reached(there.visit), "the other one to stop")
    with pytest.raises(DemoFailed):
        gateway.until(lambda: not gateway.show()["resetting"], "what must not be", 3)
    assert reached(away.visit)
    away.start()
    gateway.until(lambda: not gateway.show()["resetting"], "the reset")
    found = gateway.show()
    assert found["domain"] is None and not reached(away.visit)
    # D8: its last words count.
    assert found["visits"] >= visits + 2
    assert all_is_counted(gateway, nodes)
