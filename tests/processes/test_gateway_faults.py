"""Each process of a gateway killed in turn while visitors come: it comes back by itself, and no visit is lost or
counted twice beyond what was in flight.

In flight is what a visitor asked for when an nginx was killed: a request without an answer, and one that was
answered in full whose line was not written yet, which nginx does straight after the last byte. There can be one
for each connection, no more.
"""

import re
import signal
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import httpx
import psutil
import pytest

from hanaper.demo.gateway import settled
from hanaper.demo.stage import DemoFailed
from tests.gateway_node.visiting import Seen, visit_at
from tests.processes.fleet import DOMAIN, Gateway, Visitors, a_gateway, counted, reached

VISITORS = 3


@pytest.fixture(scope="module")
def gateway(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Gateway]:
    with a_gateway(tmp_path_factory.mktemp("service"), node=True) as made:
        made.until(lambda: reached(lambda: visit(made, "/")), "somebody to serve")
        made.until(lambda: settled(made.administrator), "nobody to serve what was before")
        yield made


def visit(gateway: Gateway, path: str) -> Seen:
    return visit_at(gateway.stage.gateway_port, DOMAIN, path)


def log(gateway: Gateway) -> Path:
    return gateway.stage.folder / "data" / "gateway" / "nginx" / "log" / "requests.log"


def engine(gateway: Gateway) -> list[psutil.Process]:
    """The master and its workers."""
    folder = log(gateway).parents[1]
    return [one for one in psutil.process_iter() if _name(one) == "nginx" and _folder(one) == folder]


def part(gateway: Gateway, module: str) -> list[psutil.Process]:
    """A part of the service with all that it started."""
    children = psutil.Process(gateway.stage.pid).children()
    (found,) = [one for one in children if f"hanaper.{module}" in one.cmdline()]
    return [found, *found.children(recursive=True)]


def _name(process: psutil.Process) -> str:
    try:
        return process.name()
    except psutil.Error:
        return ""


def _folder(process: psutil.Process) -> Path:
    try:
        return Path(process.cwd())
    except (psutil.Error, OSError):
        return Path()


def numbers(gateway: Gateway) -> Counter[int]:
    """How often each visitor stands in the log."""
    return Counter(int(found) for found in re.findall(r"\t/\?visitor=(\d+)\t", log(gateway).read_text()))


def kill(processes: list[psutil.Process]) -> None:
    for each in processes:
        each.send_signal(signal.SIGKILL)
    psutil.wait_procs(processes, 10)


def all_is_counted(gateway: Gateway) -> bool:
    found = gateway.show()
    return (found["visits"], found["bytes_out"]) == counted(log(gateway))


@pytest.mark.parametrize("module", ["gateway_node", "processes.worker", "processes.web"])
def test_visitors_notice_nothing_of_the_others(gateway: Gateway, module: str) -> None:
    before = numbers(gateway)
    with Visitors(lambda path: visit(gateway, path), VISITORS) as visitors:
        gateway.until(lambda: len(visitors.served) > 10, "visitors")
        killed = part(gateway, module)
        kill(killed)
        gateway.until(lambda: _runs_again(gateway, module, killed), "it to come back")
        served = len(visitors.served)
        gateway.until(lambda: len(visitors.served) > served + 10, "more")
    assert visitors.failed == {}
    gateway.until(lambda: numbers(gateway) - before == Counter(visitors.served.keys()), "every line, once")
    # Told by another road, to the request and the byte, and the same again a while later.
    gateway.until(lambda: all_is_counted(gateway), "the service to have counted it")
    gateway.change(response_headers={"add": {"X-After": module}})
    gateway.until(lambda: visit(gateway, "/").headers.get("x-after") == module, "changes to go on")
    gateway.until(lambda: all_is_counted(gateway), "the service to have counted no more than that")


def _runs_again(gateway: Gateway, module: str, killed: list[psutil.Process]) -> bool:
    try:
        return part(gateway, module)[0] != killed[0] and bool(gateway.show())
    except (psutil.Error, ValueError, httpx.HTTPError, DemoFailed):
        return False


def test_a_killed_engine_comes_back_by_itself(gateway: Gateway) -> None:
    before = numbers(gateway)
    with Visitors(lambda path: visit(gateway, path), VISITORS) as visitors:
        gateway.until(lambda: len(visitors.served) > 10, "visitors")
        killed = engine(gateway)
        assert len(killed) >= 2
        kill(killed)
        answered = len(visitors.served)
        gateway.until(lambda: len(visitors.served) > answered + 20, "visitors to be served again")
    gateway.until(lambda: not any(one in killed for one in engine(gateway)), "the others")
    gateway.until(lambda: _all_written(gateway, before, visitors), "every line")
    found = numbers(gateway) - before
    assert max(found.values()) == 1
    assert set(found) <= set(visitors.served) | set(visitors.failed)
    gateway.until(lambda: all_is_counted(gateway), "the service to have counted it")


def _all_written(gateway: Gateway, before: Counter[int], visitors: Visitors) -> bool:
    """But for those in flight, one for each connection at most."""
    return len(set(visitors.served) - set(numbers(gateway) - before)) <= VISITORS


def test_bytes_agree_with_what_visitors_got(gateway: Gateway) -> None:
    gateway.change(compression=False)
    gateway.until(lambda: all_is_counted(gateway), "what came before")
    before = gateway.show()["bytes_out"]
    with Visitors(lambda path: visit(gateway, f"{path}&size=10000"), VISITORS) as visitors:
        gateway.until(lambda: len(visitors.served) > 50, "visitors")
    got = sum(size_of(one) for one in visitors.served.values())
    assert visitors.failed == {}
    gateway.until(lambda: gateway.show()["bytes_out"] == before + got, "the service to have counted it")
    gateway.until(lambda: all_is_counted(gateway), "the service to have counted no more")


def size_of(seen: Seen) -> int:
    """As it went over the wire: status line, names, values, separators, body."""
    names = sum(len(name) + len(value) + 4 for name, value in seen.headers.items())
    return len("HTTP/1.1 200 OK\r\n") + names + 2 + len(seen.body)
