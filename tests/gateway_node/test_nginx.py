"""What visitors get, from each nginx that is here, over real connections."""

import re
import ssl

import pytest

from hanaper.core.gateway.wire import Server, Snapshot
from hanaper.demo.stage import free_port
from hanaper.gateway_node.engines.nginx import pieces
from hanaper.gateway_node.engines.nginx.rendering import Machine
from hanaper.gateway_node.engines.nginx.running import Nginx
from tests.gateway_node.conftest import Serve
from tests.gateway_node.reading import counted, finish, lines
from tests.gateway_node.sites import Origin, a_pair, a_site
from tests.gateway_node.visiting import connected, visit, visit_plain


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
    moved = [{"path": "/old", "to": "https://other.example/", "status": 301}]
    serve(
        a_site("gwi_a", "a.test", origin.server_port, redirects=moved),
        a_site("gwi_b", "b.test", origin.server_port, force_https=False, redirects=moved),
    )
    for path in ("/x?y=z", "/old"):
        seen = visit_plain(machine, "a.test", path)
        assert (seen.status, seen.headers["location"]) == (
            308,
            f"https://a.test:{machine.listen.https}{path}",
        )
    assert visit_plain(machine, "b.test").status == 200
    assert [visit_plain(machine, "b.test", "/old").status, visit(machine, "a.test", "/old").status] == [
        301,
        301,
    ]


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
        assert visit(machine, f"{name}.test", "/" + "x" * 33_000).status == 414
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


def test_an_origin_that_leads_back_is_asked_once(
    machine: Machine, nginx: Nginx, serve: Serve, origin: Origin
) -> None:
    """RFC 8586: else one visit is as many as there are connections."""
    back = machine.listen.http
    serve(
        *(a_site(f"gwi_{name}", f"{name}.test", back, force_https=False, cache={"enabled": name == "a"},
                 host_header=host)
          for name, host in (("a", None), ("b", "c.test"), ("c", "b.test"))),
        a_site("gwi_d", "d.test", origin.server_port),
    )  # fmt: skip
    assert [visit(machine, f"{name}.test").status for name in "ab"] == [508, 508]
    behind = {"CDN-Loop": "other.example; a=1, hanaper.example"}
    assert visit(machine, "d.test", headers=behind).status == visit(machine, "d.test").status == 200
    heard = [headers["cdn-loop"] for _, _, headers in origin.asked]
    assert heard == ["other.example; a=1, hanaper.example, hanaper", "hanaper"]
    for said in ("hanaper", "x.example, HANAPER; v=1", "hanaper , y.example"):
        assert visit(machine, "d.test", headers={"CDN-Loop": said}).status == 508
    # What came round is no visit; the visitor's own request is one, as whatever an origin answers: any may say 508.
    assert counted(nginx) == {"gwi_a": 1, "gwi_b": 1, "gwi_c": 0, "gwi_d": 2}


def test_a_loop_is_seen_behind_a_line_of_somebody_elses(
    machine: Machine, serve: Serve, origin: Origin
) -> None:
    """A proxy in between writes CDN-Loop as a line of its own before ours: nginx reads the first alone before
    1.23."""
    serve(a_site("gwi_a", "a.test", origin.server_port))
    with connected(machine.listen.https, "a.test") as secure:
        secure.sendall(b"GET / HTTP/1.1\r\nHost: a.test\r\nConnection: close\r\n\r\n")
        assert secure.recv(65_536).startswith(b"HTTP/1.1 200")
    [(_, _, heard)] = origin.asked
    assert heard["gateway-loop"] == "hanaper"
    handed_on = "".join(f"{name}: {value}\r\n" for name, value in heard.items())
    with connected(machine.listen.https, "a.test") as secure:
        secure.sendall(f"GET / HTTP/1.1\r\nCDN-Loop: proxy.example\r\n{handed_on}\r\n".encode())
        assert secure.recv(65_536).startswith(b"HTTP/1.1 508")
    assert len(origin.asked) == 1


def test_two_installations_in_a_row_are_no_loop(machine: Machine, nginx: Nginx, origin: Origin) -> None:
    site = a_site("gwi_a", "a.test", origin.server_port)
    nginx.apply(
        Snapshot(version=1, sites=(site,), zone="gateway.one.example"), {site.certificate: a_pair("a.test")}
    )
    two = {"CDN-Loop": "gateway.two.example", "Gateway-Loop": "gateway.two.example"}
    assert visit(machine, "a.test", headers=two).status == 200
    for name in ("cdn-loop", "gateway-loop"):
        assert origin.asked[0][2][name] == "gateway.two.example, gateway.one.example"
        for said, status in (("gateway.one.example", 508), ("gateway-one.example", 200)):
            assert visit(machine, "a.test", headers={name: said}).status == status


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
