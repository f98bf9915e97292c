"""What visitors get, from each nginx that is here, over real connections."""

import os
import re
import signal
import ssl
import threading
from collections.abc import Callable
from typing import Any

import pytest

from hanaper.core.gateway.wire import Server, Site, Snapshot
from hanaper.demo.stage import free_port
from hanaper.gateway_node import counting
from hanaper.gateway_node.busy import Busy
from hanaper.gateway_node.engines.nginx import pieces
from hanaper.gateway_node.engines.nginx.rendering import Machine
from hanaper.gateway_node.engines.nginx.running import Nginx
from hanaper.gateway_node.health import Watch
from hanaper.gateway_node.serving import Serving
from tests.gateway_node.sites import Origin, a_pair, a_site
from tests.gateway_node.visiting import connected, visit, visit_plain, wait_until

Serve = Callable[..., None]


def lines(nginx: Nginx) -> list[list[str]]:
    return [line.split("\t") for line in nginx.log.read_text().splitlines()[1:]]


def finish(nginx: Nginx) -> None:
    """nginx writes a line just after its answer was sent, so a visitor may be ahead of the log; when the last
    worker has gone, all of them stand there."""
    nginx.stop()
    wait_until(lambda: not nginx.draining(), "the workers to go")


def counted(nginx: Nginx) -> dict[str, int]:
    """Visits by instance, as a node would say them, when all is over."""
    finish(nginx)
    sums: dict[str, int] = {}
    offset = 0
    while (batch := counting.read(nginx.log, "log", offset)) is not None:
        offset = batch.end
        for one in batch.tallies:
            sums[one.instance] = sums.get(one.instance, 0) + one.visits
    return sums


def test_a_site_over_https(machine: Machine, serve: Serve, origin: Origin) -> None:
    serve(a_site("gwi_a", "a.test", origin.server_port))
    seen = visit(machine, "a.test", "/hello?x=1", headers={"X-Forwarded-For": "6.6.6.6"})
    assert (seen.status, seen.body) == (200, b"GET /hello?x=1 0")
    _, _, headers = origin.asked[0]
    assert (headers["host"], headers["x-forwarded-proto"], headers["x-forwarded-for"]) == (
        "a.test",
        "https",
        "127.0.0.1",
    )


def test_plain_http_leads_to_https(machine: Machine, serve: Serve, origin: Origin) -> None:
    serve(
        a_site("gwi_a", "a.test", origin.server_port),
        a_site("gwi_b", "b.test", origin.server_port, force_https=False),
    )
    seen = visit_plain(machine, "a.test", "/x?y=z")
    assert (seen.status, seen.headers["location"]) == (308, f"https://a.test:{machine.listen.https}/x?y=z")
    assert visit_plain(machine, "b.test").status == 200


def test_who_is_not_served_learns_nothing(machine: Machine, serve: Serve, origin: Origin) -> None:
    serve(a_site("gwi_a", "a.test", origin.server_port))
    with pytest.raises(ssl.SSLError):
        visit(machine, "other.test")
    with pytest.raises(ConnectionError):
        visit_plain(machine, "other.test")


def test_one_connection_is_for_one_site(machine: Machine, nginx: Nginx, serve: Serve, origin: Origin) -> None:
    serve(a_site("gwi_a", "a.test", origin.server_port), a_site("gwi_b", "b.test", origin.server_port))
    assert visit(machine, "a.test", host="b.test").status == 421
    assert origin.asked == [] and counted(nginx) == {"gwi_a": 0}, "whose connection it was"


def test_what_cannot_be_read_is_nobody_elses(
    machine: Machine, nginx: Nginx, serve: Serve, origin: Origin
) -> None:
    serve(*(a_site(f"gwi_{name}", f"{name}.test", origin.server_port) for name in "ab"))
    for name in "ab":
        assert visit(machine, f"{name}.test", "/" + "x" * 9_000).status == 414
    assert counted(nginx) == {"gwi_a": 0, "gwi_b": 0}


@pytest.mark.parametrize(
    ("line", "host"), [("https://a.test/kept", "evil.example"), ("/kept", "a.test:1337"), ("/kept", "A.Test")]
)
def test_a_host_of_somebodys_choice_reaches_no_origin(
    machine: Machine, serve: Serve, origin: Origin, line: str, host: str
) -> None:
    """RFC 9112 3.2.2: an answer to it would be kept for everybody."""
    serve(a_site("gwi_a", "a.test", origin.server_port))
    with connected(machine.listen.https, "a.test") as secure:
        secure.sendall(f"GET {line} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n".encode())
        while secure.recv(65_536):
            pass
    assert [headers["host"] for _, _, headers in origin.asked] in ([], ["a.test"])


def test_only_websockets_go_through_a_tunnel(machine: Machine, serve: Serve, origin: Origin) -> None:
    serve(a_site("gwi_a", "a.test", origin.server_port))
    asked = {"Upgrade": "h2c", "Connection": "Upgrade, HTTP2-Settings", "HTTP2-Settings": "AAMAAABk"}
    visit(machine, "a.test", headers=asked)
    visit(machine, "a.test", headers={"Upgrade": "websocket", "Connection": "Upgrade"})
    cleartext, websocket = (headers for _, _, headers in origin.asked)
    assert not {"upgrade", "http2-settings"} & cleartext.keys()
    assert (websocket["upgrade"], websocket["connection"]) == ("websocket", "upgrade")


def test_paths_are_compared_as_they_read(machine: Machine, serve: Serve, origin: Origin) -> None:
    redirects = [{"path": path, "to": "/new"} for path in ("/caf%C3%A9", "/a%20b", "/Old")]
    serve(
        a_site(
            "gwi_a", "a.test", origin.server_port, redirects=redirects,
            cache={"rules": [{"prefix": "/th%C3%A9/", "seconds": 60}]},
        )
    )  # fmt: skip
    for path in ("/caf%C3%A9", "/caf%c3%a9?x=1", "/a%20b", "/old"):
        assert visit(machine, "a.test", path).headers["location"].endswith("/new"), path
    assert [visit(machine, "a.test", "/th%C3%A9/x").headers["x-cache"] for _ in range(2)] == ["MISS", "HIT"]


def test_the_lowest_tls_version(machine: Machine, nginx: Nginx, serve: Serve, origin: Origin) -> None:
    """Refused in the handshake where nginx can tell sites apart by then, and otherwise before the origin."""
    serve(
        a_site("gwi_a", "a.test", origin.server_port, least_tls="1.3"),
        a_site("gwi_b", "b.test", origin.server_port),
    )
    try:
        status = visit(machine, "a.test", newest=ssl.TLSVersion.TLSv1_2).status
    except ssl.SSLError:
        status = 426
    assert status == 426 and origin.asked == []
    assert (
        visit(machine, "a.test").status
        == visit(machine, "b.test", newest=ssl.TLSVersion.TLSv1_2).status
        == 200
    )


def test_headers_and_hsts(machine: Machine, serve: Serve, origin: Origin) -> None:
    serve(
        a_site(
            "gwi_a", "a.test", origin.server_port,
            hsts={"seconds": 31_536_000, "subdomains": True},
            response_headers={"add": {"X-Price": '$5 "q" \\n'}, "remove": ["Server"]},
            request_headers={"add": {"X-To": "origin"}, "remove": ["X-Secret"]},
            host_header="inner.example",
        ),
        a_site("gwi_b", "b.test", origin.server_port),
    )  # fmt: skip
    seen = visit(machine, "a.test", headers={"X-Secret": "1"})
    assert seen.headers["x-price"] == '$5 "q" \\n'
    assert seen.headers["strict-transport-security"] == "max-age=31536000; includeSubDomains"
    _, _, sent = origin.asked[0]
    assert (sent["x-to"], sent["host"], "x-secret" in sent) == ("origin", "inner.example", False)
    other = visit(machine, "b.test", headers={"X-Secret": "1"})
    assert "x-price" not in other.headers and "strict-transport-security" not in other.headers
    assert origin.asked[1][2]["x-secret"] == "1"


def test_redirects_lists_and_pages(machine: Machine, nginx: Nginx, serve: Serve, origin: Origin) -> None:
    port = origin.server_port
    serve(
        a_site(
            "gwi_a", "a.test", port, redirects=[{"path": "/old", "to": "https://b.test/$new", "status": 301}]
        ),
        a_site("gwi_b", "b.test", port, deny=["127.0.0.0/8"]),
        a_site("gwi_c", "c.test", port, allow=["127.0.0.1/32"]),
        a_site("gwi_d", "d.test", port, maintenance=True),
        a_site("gwi_e", "e.test", port, closed="exhausted"),
    )
    seen = visit(machine, "a.test", "/old")
    assert (seen.status, seen.headers["location"]) == (301, "https://b.test/$new")
    assert visit(machine, "a.test", "/older").status == 200
    assert visit(machine, "b.test").status == 403
    assert visit(machine, "c.test").status == 200
    assert (visit(machine, "d.test").status, visit(machine, "e.test").status) == (503, 503)
    # What refuses costs nothing; a redirect is a visit.
    assert counted(nginx) == {"gwi_a": 2, "gwi_b": 0, "gwi_c": 1, "gwi_d": 0, "gwi_e": 0}


def test_a_limit_on_requests(machine: Machine, nginx: Nginx, serve: Serve, origin: Origin) -> None:
    serve(a_site("gwi_a", "a.test", origin.server_port, requests_per_second=5))
    statuses = [visit(machine, "a.test").status for _ in range(30)]
    assert 429 in statuses and statuses[0] == 200
    assert counted(nginx)["gwi_a"] == statuses.count(200) == len(origin.asked)


def test_the_cache(machine: Machine, serve: Serve, origin: Origin) -> None:
    rules = {"rules": [{"prefix": "/kept/", "seconds": 60}, {"prefix": "/kept/never", "seconds": 0}]}
    serve(
        a_site("gwi_a", "a.test", origin.server_port, cache=rules),
        a_site("gwi_b", "b.test", origin.server_port),
        a_site("gwi_c", "c.test", origin.server_port, cache={"development": True}),
    )

    def twice(domain: str, path: str, **more: Any) -> int:
        before = len(origin.asked)
        visit(machine, domain, path, **more)
        visit(machine, domain, path, **more)
        return len(origin.asked) - before

    assert twice("a.test", "/kept/a") == 1
    assert twice("a.test", "/kept/never/b") == 2
    assert twice("a.test", "/kept/cookie") == 2
    assert twice("a.test", "/plain") == 2
    assert twice("a.test", "/max-age") == 1
    assert twice("b.test", "/kept/a") == 2  # another site's rule, and another site's answer
    assert twice("b.test", "/max-age", headers={"Authorization": "Basic eA=="}) == 2
    assert twice("c.test", "/max-age") == 2
    serve(a_site("gwi_a", "a.test", origin.server_port, cache=rules, epoch=1))
    assert twice("a.test", "/kept/a") == 1  # purged: asked once more


def test_one_address_is_forgotten(machine: Machine, nginx: Nginx, serve: Serve, origin: Origin) -> None:
    serve(a_site("gwi_a", "a.test", origin.server_port), a_site("gwi_b", "b.test", origin.server_port))
    kept = ("/max-age/x?y=1", "/max-age/x", "/max-age/x?y=11")

    def cached(domain: str, path: str, kind: str = "") -> str:
        return visit(machine, domain, path, headers={"X-Kind": kind}).headers["x-cache"]

    for domain in ("a.test", "b.test"):
        for path in kept:
            assert [cached(domain, path) for _ in range(2)] == ["MISS", "HIT"]
    for kind in ("one", "two"):  # an answer for each
        assert [cached("a.test", "/max-age/vary", kind) for _ in range(2)] == ["MISS", "HIT"]
    nginx.purge("gwi_a", "/max-age/x?y=1")
    nginx.purge("gwi_a", "/max-age/vary")
    nginx.purge("gwi_a", "/never/asked/for")
    assert [cached("a.test", path) for path in kept] == ["MISS", "HIT", "HIT"]
    assert cached("b.test", kept[0]) == "HIT"
    assert [cached("a.test", "/max-age/vary", kind) for kind in ("one", "two")] == ["MISS", "MISS"]
    assert cached("a.test", kept[0]) == "HIT"  # kept anew


def test_uploads(machine: Machine, serve: Serve, origin: Origin) -> None:
    serve(a_site("gwi_a", "a.test", origin.server_port, upload_megabytes=1))
    assert visit(machine, "a.test", "/up", method="POST", body=b"x" * 1_000_000).body == b"POST /up 1000000"
    with pytest.raises((AssertionError, ConnectionError, ssl.SSLError)):
        assert visit(machine, "a.test", "/up", method="POST", body=b"x" * 3_000_000).status == 200
    assert len(origin.asked) == 1


def test_bytes_are_those_that_were_sent(machine: Machine, nginx: Nginx, serve: Serve, origin: Origin) -> None:
    serve(a_site("gwi_a", "a.test", origin.server_port, compression=False))
    seen = visit(machine, "a.test", "/big?size=100000")
    finish(nginx)
    (line,) = lines(nginx)
    head = int(line[4]) - len(seen.body)
    # The header as it went over the wire: names, values, separators, status line.
    assert head == sum(len(n) + len(v) + 4 for n, v in seen.headers.items()) + len("HTTP/1.1 200 OK\r\n\r\n")


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


def test_who_has_no_connection_kept_is_served_all_the_same(
    machine: Machine, nginx: Nginx, origin: Origin, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By the address of its only origin; where one stands in for another, and to none, there is an upstream."""
    monkeypatch.setattr(pieces, "MOST_UPSTREAMS", 2)
    lone = [a_site(f"gwi_{name}", f"{name}.test", origin.server_port) for name in "abc"]
    spare = Server(address="127.0.0.1", port=origin.server_port, backup=True)
    dead = Server(address="127.0.0.1", port=free_port())
    two = lone[0].model_copy(
        update={
            "instance": "gwi_two",
            "domain": "two.test",
            "servers": (dead, spare),
            "certificate": "gwi_b-1",
        }
    )
    none = two.model_copy(update={"instance": "gwi_none", "domain": "none.test", "servers": ()})
    only = two.model_copy(update={"instance": "gwi_only", "domain": "only.test", "servers": (spare,)})
    sites = (*lone, two, none, only)
    pairs = {site.certificate: a_pair("a.test") for site in sites}
    nginx.apply(Snapshot(version=1, sites=sites), pairs, ["gwi_gone", "gwi_c"])
    text = (nginx.folder / "generations" / "current" / "nginx.conf").read_text()
    assert re.findall(r"upstream o_(gwi_[a-z]+)", text) == ["gwi_c", "gwi_two"]
    found = {site.domain: visit(machine, site.domain, "/x").status for site in sites}
    assert found == {**dict.fromkeys((site.domain for site in sites), 200), "none.test": 502}
    assert [headers["host"] for _, _, headers in origin.asked][:3] == ["a.test", "b.test", "c.test"]


def test_what_many_say_stands_there_once(
    machine: Machine, nginx: Nginx, serve: Serve, origin: Origin
) -> None:
    port = origin.server_port
    rules = {"rules": [{"prefix": "/kept/", "seconds": 60}]}
    serve(
        *(a_site(f"gwi_{one}", f"{one}.test", port, cache=rules, deny=["127.0.0.1"]) for one in "ab"),
        a_site("gwi_c", "c.test", port, cache=rules, deny=["127.0.0.2"]),
        a_site("gwi_d", "d.test", port),
    )
    text = (nginx.folder / "generations" / "current" / "nginx.conf").read_text()
    assert (text.count("geo $gw_denied_"), text.count("map $uri $gw_kept_")) == (2, 1)
    assert [visit(machine, f"{one}.test", "/kept/x").status for one in "abcd"] == [403, 403, 200, 200]
    assert visit(machine, "c.test", "/kept/x").headers["x-cache"] == "HIT"


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
