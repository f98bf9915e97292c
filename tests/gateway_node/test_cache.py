"""What nginx keeps of an origin's answers, and how it forgets it."""

from typing import Any

from hanaper.gateway_node.engines.nginx.rendering import Machine
from hanaper.gateway_node.engines.nginx.running import Nginx
from tests.gateway_node.conftest import Serve
from tests.gateway_node.sites import Origin, a_site
from tests.gateway_node.visiting import visit


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
