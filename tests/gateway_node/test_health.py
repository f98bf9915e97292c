"""Origins looked at by the node itself, over real connections; and visitors moved away from those unwell."""

import errno
import re
import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from django.utils import translation

from hanaper.core.gateway.wire import Server, Site, Snapshot
from hanaper.demo.stage import free_port
from hanaper.faces.language.sentences import translate
from hanaper.gateway_node import health
from hanaper.gateway_node.engines.nginx.rendering import Machine
from hanaper.gateway_node.engines.nginx.running import Nginx
from hanaper.gateway_node.failing import CERTIFICATES, CONNECTIONS, HANDSHAKES, failure
from hanaper.gateway_node.health import Watch, ask
from tests.gateway_node.sites import Origin, a_pair, a_site, an_origin
from tests.gateway_node.visiting import visit, wait_until


def looked_at(port: int, **more: Any) -> Site:
    wanted = {"path": "/healthy", "seconds": 2, **more.pop("health", {})}
    return a_site("gwi_a", "a.test", port, health=wanted, **more)


def problem(site: Site) -> str:
    return ask(site, site.servers[0])


def refused(code: int) -> ssl.SSLCertVerificationError:
    """As OpenSSL refuses a certificate."""
    error = ssl.SSLCertVerificationError(1, "[SSL] of OpenSSL")
    error.verify_code, error.verify_message = code, "of OpenSSL"
    return error


def handshake(reason: str) -> ssl.SSLError:
    error = ssl.SSLError(1, "[SSL] of OpenSSL")
    error.reason = reason
    return error


@contextmanager
def answering(*pieces: bytes, tls: ssl.SSLContext | None = None) -> Iterator[int]:
    """A server that says this to everybody, and then nothing more; its port."""
    with socket.create_server(("127.0.0.1", 0)) as server:

        def serve() -> None:
            while True:
                try:
                    plain, _ = server.accept()
                    connected = tls.wrap_socket(plain, server_side=True) if tls else plain
                    connected.recv(4096)
                    for piece in pieces:
                        connected.sendall(piece)
                    held.append(connected)
                except OSError:
                    if server.fileno() < 0:
                        return

        held: list[socket.socket] = []
        threading.Thread(target=serve, daemon=True).start()
        yield server.getsockname()[1]


def test_well_and_asked_as_visitors_ask(origin: Origin) -> None:
    assert problem(looked_at(origin.server_port)) == ""
    (method, path, headers) = origin.asked[0]
    assert (method, path, headers["host"], headers["user-agent"]) == (
        "GET",
        "/healthy",
        "a.test",
        "hanaper-health/1",
    )
    assert headers["cdn-loop"] == headers["gateway-loop"] == "hanaper"
    assert problem(looked_at(origin.server_port, host_header="inner.example")) == ""
    assert origin.asked[1][2]["host"] == "inner.example"


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ([b"HTTP/1.1 503 Busy\r\n\r\n"], "It answered with 503 instead of 200."),
        ([b"HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:1/\r\n\r\n"], "It answered with 302"),
        ([b"SSH-2.0-x\r\n"], "It does not speak HTTP."),
        ([b"x" * 10_000], "It does not speak HTTP."),
        ([b"HTTP/1.1 ", b"200 OK\r\n"], ""),
    ],
)
def test_what_it_says(said: list[bytes], told: str) -> None:
    with answering(*said) as port:
        found = problem(looked_at(port))
    assert found.startswith(told) and bool(found) == bool(told)


def test_nobody_there_and_no_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    assert problem(looked_at(free_port())) == "It refuses connections at this port."
    monkeypatch.setattr(health, "SECONDS", 0.2)
    with answering() as port:
        assert "did not answer within" in problem(looked_at(port))


def test_tls_is_trusted_as_for_visitors(tmp_path: Path) -> None:
    pair = a_pair("a.test")
    (tmp_path / "pair.pem").write_text(pair.chain + pair.key)
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(tmp_path / "pair.pem")
    with answering(b"HTTP/1.1 200 OK\r\n\r\n", tls=tls) as port:
        secure = {"origins": [{"scheme": "https", "host": "127.0.0.1", "port": port}]}
        assert problem(looked_at(port, **secure)).startswith("Its certificate is signed by itself")
        wrong_name = looked_at(port, **secure, origin_ca=pair.chain).model_copy(
            update={"origin_name": "b.test"}
        )
        assert problem(wrong_name) == "Its certificate is not for the name b.test."
        assert problem(looked_at(port, **secure, verify_origin=False)) == ""
        assert problem(looked_at(port, **secure, origin_ca=pair.chain)) == ""


def test_http_where_tls_is_wanted(origin: Origin) -> None:
    secure = {"origins": [{"scheme": "https", "host": "127.0.0.1", "port": origin.server_port}]}
    assert problem(looked_at(origin.server_port, **secure)) == "It does not speak TLS at this port."


@pytest.mark.parametrize(
    "error",
    [
        *(OSError(number, "of the system") for number in CONNECTIONS),
        OSError(errno.EACCES, "of the system"),
        *(handshake(reason) for reason in (*HANDSHAKES, "NO_SHARED_CIPHER")),
        *(refused(code) for code in (*CERTIFICATES, 23)),
    ],
)
def test_every_failure_is_said_in_chinese(error: OSError) -> None:
    with translation.override("zh-hans"):
        assert re.search("[一-鿿]", translate(failure(error, "b.test")))


def test_what_is_believed_lasts_as_long_as_the_site_behaves_so() -> None:
    watch = Watch(lambda *_: "bad")
    site = looked_at(80)
    watch.follow(Snapshot(version=1, sites=(site, a_site("gwi_b", "b.test", 80))))
    key = ("gwi_a", "127.0.0.1", 80)
    for _ in range(2):
        watch._look(key)
    assert [one.instance for one in watch.unwell()] == ["gwi_a"]
    watch.follow(Snapshot(version=2, sites=(site,)))
    assert watch.unwell() != ()
    watch.follow(Snapshot(version=3, sites=(looked_at(80, health={"path": "/other"}),)))
    assert watch.unwell() == ()
    watch.follow(Snapshot(version=4, sites=()))
    watch._look(key)  # what was under way
    assert watch.unwell() == ()


def test_where_none_is_well_all_are_asked() -> None:
    watch = Watch(lambda _, server, name: "bad" if server.port == 1 else "")
    two = looked_at(1).model_copy(
        update={"servers": (Server(address="127.0.0.1", port=1), Server(address="127.0.0.1", port=2))}
    )
    snapshot = Snapshot(version=1, sites=(two, looked_at(1).model_copy(update={"instance": "gwi_b"})))
    watch.follow(snapshot)
    for _ in range(2):
        watch._look(("gwi_a", "127.0.0.1", 1))
        watch._look(("gwi_b", "127.0.0.1", 1))
    first, second = watch.marked(snapshot).sites
    assert [server.down for server in first.servers] == [True, False]
    assert [server.down for server in second.servers] == [False]


def test_an_origin_that_leads_back_is_unwell(machine: Machine, nginx: Nginx) -> None:
    """RFC 8586: the name is that of the fleet, so that a check comes back once."""
    site = looked_at(machine.listen.http, force_https=False)
    snapshot = Snapshot(version=1, sites=(site,), zone="gateway.one.example")
    nginx.apply(snapshot, {site.certificate: a_pair("a.test")})
    watch = Watch()
    watch.follow(snapshot)
    for _ in range(2):
        watch._look(("gwi_a", "127.0.0.1", machine.listen.http))
    (found,) = watch.unwell()
    assert found.problem.startswith("It leads back to the gateway")


def test_visitors_are_moved_away_and_back(machine: Machine, nginx: Nginx, origin: Origin) -> None:
    with an_origin() as other:
        servers = tuple(Server(address="127.0.0.1", port=each.server_port) for each in (origin, other))
        site = looked_at(origin.server_port).model_copy(update={"servers": servers})
        snapshot = Snapshot(version=1, sites=(site,))
        watch = Watch()
        watch.follow(snapshot)
        nginx.apply(watch.marked(snapshot), {site.certificate: a_pair("a.test")})

        def asked() -> tuple[int, int]:
            before = len(origin.asked), len(other.asked)
            assert {visit(machine, "a.test").status for _ in range(8)} == {200}
            return len(origin.asked) - before[0], len(other.asked) - before[1]

        assert all(asked()), "in turn, by each of nginx's workers"
        other.status = 503
        for _ in range(2):
            watch._look(("gwi_a", "127.0.0.1", other.server_port))
        nginx.apply(watch.marked(snapshot), {})
        wait_until(lambda: asked() == (8, 0), "nobody to be led there")
        other.status = 200
        for _ in range(2):
            watch._look(("gwi_a", "127.0.0.1", other.server_port))
        nginx.apply(watch.marked(snapshot), {})
        wait_until(lambda: all(asked()), "both again")
        assert nginx.applied() == 1  # the same version all the while
