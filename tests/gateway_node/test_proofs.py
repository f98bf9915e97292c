"""What an issuer asks for to see that a domain leads here, before it is served and while it is."""

import ssl
from typing import Any

import pytest

from hanaper.core.gateway.wire import Proof, Snapshot
from hanaper.gateway_node.engines.nginx.rendering import Machine
from hanaper.gateway_node.engines.nginx.running import Nginx
from tests.gateway_node.reading import counted
from tests.gateway_node.sites import Origin, a_pair, a_site
from tests.gateway_node.visiting import visit, visit_plain

PATH = "/.well-known/pki-validation/chk_x.txt"


def test_a_domain_that_is_not_served_yet(machine: Machine, nginx: Nginx) -> None:
    nginx.apply(Snapshot(version=1, sites=(), proofs=(Proof(domain="a.test", path=PATH, content="a$b"),)), {})
    seen = visit_plain(machine, "A.test", PATH)
    assert (seen.status, seen.body) == (200, b"a$b")
    for domain, path in [("a.test", "/"), ("b.test", PATH), ("a.test", PATH + "x")]:
        with pytest.raises(ConnectionError):
            visit_plain(machine, domain, path)
    with pytest.raises(ssl.SSLError):
        visit(machine, "a.test", PATH)
    assert counted(nginx) == {}


def test_one_that_is_served_whatever_its_owner_set(machine: Machine, nginx: Nginx, origin: Origin) -> None:
    """No redirect, no list, no page is before it; the origin is not asked, and nobody counts it."""
    closed: dict[str, Any] = {"maintenance": True, "deny": ["127.0.0.0/8"]}
    site = a_site("gwi_a", "a.test", origin.server_port, **closed)
    proofs = (Proof(domain="a.test", path=PATH, content="token"),)
    nginx.apply(Snapshot(version=1, sites=(site,), proofs=proofs), {site.certificate: a_pair("a.test")})
    assert [visit_plain(machine, "a.test", PATH).body, visit(machine, "a.test", PATH).body] == [b"token"] * 2
    assert visit_plain(machine, "a.test", "/").status == 403
    nginx.apply(Snapshot(version=2, sites=(site,)), {})
    assert visit_plain(machine, "a.test", PATH).status == 403
    assert origin.asked == [] and counted(nginx) == {"gwi_a": 0}
