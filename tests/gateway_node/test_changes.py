"""Through changes, restarts and new logs of nginx: what visitors get, and what is written down."""

import os
import signal
import socket
import ssl
import threading

import pytest

from hanaper.core.gateway.wire import Site, Snapshot
from hanaper.demo.stage import free_port
from hanaper.gateway_node import counting
from hanaper.gateway_node.busy import Busy
from hanaper.gateway_node.engines import EngineError
from hanaper.gateway_node.engines.nginx import running
from hanaper.gateway_node.engines.nginx.rendering import AUTHORITIES, Machine
from hanaper.gateway_node.engines.nginx.running import Nginx
from hanaper.gateway_node.health import Watch
from hanaper.gateway_node.serving import Serving
from tests.gateway_node.conftest import Serve
from tests.gateway_node.reading import counted, finish, lines
from tests.gateway_node.sites import Origin, a_pair, a_site
from tests.gateway_node.visiting import visit, wait_until


def test_a_certificate_is_swapped_without_a_new_configuration(
    machine: Machine, nginx: Nginx, origin: Origin
) -> None:
    site = a_site("gwi_a", "a.test", origin.server_port)
    nginx.apply(Snapshot(version=1, sites=(site,)), {site.certificate: a_pair("a.test", 7)})
    assert visit(machine, "a.test").serial == 7
    other = site.model_copy(update={"certificate": "gwi_a-2"})
    nginx.apply(Snapshot(version=2, sites=(other,)), {other.certificate: a_pair("a.test", 8)})
    assert visit(machine, "a.test").serial == 8
    assert "gwi_a-1" not in nginx.certificates()


def test_a_ca_of_origins_that_nobody_names_leaves_the_disk(
    nginx: Nginx, serve: Serve, origin: Origin
) -> None:
    def kept() -> list[str]:
        return [path.read_text() for path in (nginx.folder / AUTHORITIES).iterdir()]

    https = {"scheme": "https", "host": "127.0.0.1", "port": origin.server_port}
    first, second = (a_pair(name, 1).chain for name in ("one.test", "two.test"))
    for pem in (first, second):
        serve(a_site("gwi_a", "a.test", origin.server_port, origins=[https], origin_ca=pem))
    assert [pem.strip() for pem in kept()] == [second.strip()]
    serve(a_site("gwi_a", "a.test", origin.server_port))
    assert kept() == []


def test_changes_lose_no_request(machine: Machine, nginx: Nginx, serve: Serve, origin: Origin) -> None:
    """Fresh connections all the while, and each of them counted."""
    serve(a_site("gwi_a", "a.test", origin.server_port))
    stop, wrong, served = threading.Event(), [], []

    def keep_visiting() -> None:
        while not stop.is_set():
            try:
                served.append(visit(machine, "a.test").status)
            except OSError as error:
                wrong.append(error)

    visitors = [threading.Thread(target=keep_visiting) for _ in range(3)]
    for each in visitors:
        each.start()
    for number in range(6):
        serve(
            a_site("gwi_a", "a.test", origin.server_port),
            a_site("gwi_b", f"b{number}.test", origin.server_port),
        )
    stop.set()
    for each in visitors:
        each.join()
    assert wrong == [] and set(served) == {200}
    assert counted(nginx)["gwi_a"] == len(served)


def test_a_killed_engine_comes_back(machine: Machine, nginx: Nginx, serve: Serve, origin: Origin) -> None:
    """Its workers are left, and finish what they have in hand: with the master alone no line is lost."""
    serve(a_site("gwi_a", "a.test", origin.server_port))
    assert visit(machine, "a.test").status == 200
    os.kill(int((nginx.folder / "nginx.pid").read_text()), signal.SIGKILL)
    wait_until(lambda: nginx._master() is None, "it to be gone")
    nginx.keep_running()
    assert visit(machine, "a.test").status == 200
    assert counted(nginx) == {"gwi_a": 2}


def test_the_next_node_takes_the_engine_over(
    machine: Machine, nginx: Nginx, serve: Serve, origin: Origin
) -> None:
    serve(a_site("gwi_a", "a.test", origin.server_port))
    pid = (nginx.folder / "nginx.pid").read_text()
    again = Nginx(nginx.folder, machine)
    again.keep_running()
    assert (again.applied(), (nginx.folder / "nginx.pid").read_text()) == (1, pid)
    assert visit(machine, "a.test").status == 200


def test_a_new_log(machine: Machine, nginx: Nginx, serve: Serve, origin: Origin) -> None:
    serve(a_site("gwi_a", "a.test", origin.server_port))
    visit(machine, "a.test")
    aside = nginx.log.with_name("requests.log.1")
    nginx.log.rename(aside)
    counting.begin(nginx.log)
    nginx.begin_new_log()
    visits = 1

    def reached() -> bool:
        nonlocal visits
        visits += visit(machine, "a.test").status == 200
        return bool(lines(nginx))

    wait_until(reached, "a line in the new log")
    finish(nginx)
    assert counting.name_of(aside) != counting.name_of(nginx.log)
    assert len(aside.read_text().splitlines()) - 1 + len(lines(nginx)) == visits
    assert counting.logs(nginx.log) == [aside, nginx.log]


def test_a_port_of_somebody_elses_is_told_once(
    machine: Machine, nginx: Nginx, serve: Serve, origin: Origin, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(running, "START_SECONDS", 0.0)
    with socket.create_server(("127.0.0.1", machine.listen.https)), pytest.raises(EngineError) as wrong:
        serve(a_site("gwi_a", "a.test", origin.server_port))
    assert str(wrong.value).count(f"bind() to 127.0.0.1:{machine.listen.https} failed") == 1


def test_the_error_log_of_a_site_without_origin_does_not_grow_for_ever(
    machine: Machine, nginx: Nginx, serve: Serve, monkeypatch: pytest.MonkeyPatch
) -> None:
    serve(a_site("gwi_a", "a.test", free_port()))
    assert visit(machine, "a.test").status == 502
    errors = nginx.folder / running.ERRORS
    wait_until(lambda: errors.stat().st_size, "a line of nginx")
    said = errors.read_bytes()
    monkeypatch.setattr(running, "ERROR_BYTES", 10)
    nginx.keep_running()
    assert errors.with_name("error.log.before").read_bytes().startswith(said)
    visits = 1

    def reached() -> int:
        nonlocal visits
        visits += visit(machine, "a.test").status == 502
        return errors.exists() and errors.stat().st_size

    wait_until(reached, "a line in the new one")
    assert counted(nginx) == {"gwi_a": visits}, "the other log goes on"


def test_an_error_log_that_was_put_aside_is_begun_anew(nginx: Nginx, serve: Serve, origin: Origin) -> None:
    """The power failed before nginx was told: it would write into the one before for ever."""
    serve(a_site("gwi_a", "a.test", origin.server_port))
    errors = nginx.folder / running.ERRORS
    errors.replace(errors.with_name("error.log.before"))

    def begun_anew() -> bool:
        nginx.keep_running()  # as in every round
        return errors.exists()

    wait_until(begun_anew, "nginx to begin another")


def test_a_site_that_nginx_refuses_holds_up_nobody(machine: Machine, nginx: Nginx, origin: Origin) -> None:
    """Its CA is no certificate: our rules let no such thing through."""
    serving = Serving(nginx, None, Watch(), Busy())

    def take(version: int, *sites: Site) -> None:
        pairs = {site.certificate: a_pair(site.domain) for site in sites}
        serving.take(Snapshot(version=version, sites=sites), pairs)

    sites = [a_site(f"gwi_{name}", f"{name}.test", origin.server_port) for name in "ab"]
    take(1, *sites)
    secure = {"scheme": "https", "host": "127.0.0.1", "port": origin.server_port}
    broken = a_site("gwi_b", "b.test", origin.server_port, origins=[secure])
    wrong = broken.behaviour.model_copy(update={"origin_ca": "-----BEGIN NONSENSE-----"})
    broken = broken.model_copy(update={"behaviour": wrong})
    moved = a_site("gwi_a", "a.test", origin.server_port, redirects=[{"path": "/old", "to": "/new"}])
    also = broken.model_copy(update={"instance": "gwi_c", "domain": "c.test"})
    take(2, moved, broken, also)
    assert nginx.applied() == 2
    assert visit(machine, "a.test", "/old").status == 308
    assert visit(machine, "b.test").status == 200, "as it was"
    with pytest.raises(ssl.SSLError):
        visit(machine, "c.test")
    assert [(one.instance, one.earlier) for one in serving.left_out] == [("gwi_b", True), ("gwi_c", False)]
    assert all("nginx" in one.said for one in serving.left_out)
    take(3, moved, sites[1])
    assert serving.left_out == () and visit(machine, "b.test").status == 200
    generations = nginx.folder / "generations"
    assert sorted(one.name for one in generations.iterdir()) == ["3", "current"]
