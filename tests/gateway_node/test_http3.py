"""HTTP/3, from an nginx that carries it (tools/newer.py fetches one), as curl and Chromium speak it."""

import os
import shutil
import socket
import subprocess
from base64 import b64encode
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from playwright.sync_api import sync_playwright

from hanaper.core.gateway.behaviour import Behaviour
from hanaper.demo.stage import free_port
from hanaper.gateway_node.__main__ import _workers
from hanaper.gateway_node.engines import Listen
from hanaper.gateway_node.engines.nginx import finding
from hanaper.gateway_node.engines.nginx.finding import Binary, find
from hanaper.gateway_node.engines.nginx.rendering import Machine
from hanaper.gateway_node.engines.nginx.running import Nginx
from tests.gateway_node.conftest import Serve
from tests.gateway_node.reading import counted, finish, lines
from tests.gateway_node.sites import Origin, a_pair, a_site
from tests.gateway_node.visiting import visit
from tools import newer

CHROMIUM = shutil.which("chromium")
HERE = newer.program("nginx")
pytestmark = pytest.mark.skipif(HERE is None, reason="needs a newer nginx (python -m tools.newer)")


@pytest.fixture
def machine() -> Machine:
    binary = find(HERE or "")
    if not binary.http3:
        pytest.skip("this user may not steer QUIC packets (quic_bpf)")
    user, group = _workers()
    listen = Listen(free_port(), free_port(), ("127.0.0.1",))
    return Machine(binary, listen, user, group, drain_seconds=5)


def fast(port: int, **behaviour: Any) -> Any:
    return a_site("gwi_a", "a.test", port, http3=True, **behaviour)


@dataclass(frozen=True)
class Said:
    """What curl says of a visit. `exit`: of curl itself; 0 when all of the answer came."""

    exit: int
    version: str
    status: str
    size: int
    text: str


def curl(machine: Machine, domain: str, path: str, *more: str) -> Said:
    port = machine.listen.https
    done = subprocess.run(
        [
            *(str(newer.program("curl")), "--silent", "--insecure", "--http3-only", "--max-time", "20"),
            *("--resolve", f"{domain}:{port}:127.0.0.1", "--include", *more),
            *("--write-out", "\n%{http_version} %{http_code} %{size_download}"),
            f"https://{domain}:{port}{path}",
        ],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    text, _, last = done.stdout.rpartition("\n")
    version, status, size = last.split()
    return Said(done.returncode, version, status, int(size), text)


def test_a_visit_is_served_and_counted(
    machine: Machine, nginx: Nginx, serve: Serve, origin: Origin, tmp_path: Path
) -> None:
    serve(fast(origin.server_port, response_headers={"add": {"X-Site": "a"}}))
    first = curl(machine, "a.test", "/hello?max-age")
    assert (first.version, first.status) == ("3", "200")
    assert "x-site: a" in first.text and "x-cache: MISS" in first.text
    assert "x-cache: HIT" in curl(machine, "a.test", "/hello?max-age").text
    body = tmp_path / "body"
    body.write_bytes(b"u" * 3_000_000)
    sent = curl(machine, "a.test", "/up", "--request", "PUT", "--data-binary", f"@{body}")
    assert sent.text.endswith("PUT /up 3000000")
    assert curl(machine, "a.test", "/?size=2000000", "--output", os.devnull).size > 2_000_000
    _, _, headers = origin.asked[0]
    assert (headers["host"], headers["x-forwarded-for"]) == ("a.test", "127.0.0.1")
    finish(nginx)
    assert [(line[1:4], line[8]) for line in lines(nginx)] == [(["gwi_a", "1", "200"], "HTTP/3.0")] * 4
    assert int(lines(nginx)[3][4]) > 2_000_000


def test_who_comes_by_tcp_is_told_of_it(machine: Machine, serve: Serve, origin: Origin) -> None:
    serve(fast(origin.server_port), a_site("gwi_b", "b.test", origin.server_port, http3=False))
    offered = visit(machine, "a.test").headers["alt-svc"]
    assert offered.startswith(f'h3=":{machine.listen.https}"')
    assert "alt-svc" not in visit(machine, "b.test").headers


def test_nobody_is_served_whom_it_is_not_for(
    machine: Machine, nginx: Nginx, serve: Serve, origin: Origin
) -> None:
    """A site that has it off, a name of nobody's, and somebody else's name on a connection."""
    serve(fast(origin.server_port), a_site("gwi_b", "b.test", origin.server_port, http3=False))
    for domain in ("b.test", "c.test"):
        said = curl(machine, domain, "/")
        assert (said.exit != 0, said.status) == (True, "000")
    for name in ("b.test", "c.test"):
        assert curl(machine, "a.test", "/", "--header", f"Host: {name}").status == "421"
    assert sum(counted(nginx).values()) == 0
    assert origin.asked == []


def test_who_comes_after_a_change_is_served(machine: Machine, serve: Serve, origin: Origin) -> None:
    """Once workers of before it have gone: they and the new ones read from the same sockets."""
    serve(fast(origin.server_port))
    for number in range(5):
        serve(fast(origin.server_port, hsts={"seconds": number + 1}))
        said = [curl(machine, "a.test", "/") for _ in range(4)]
        assert {(each.exit, each.version, each.status) for each in said} == {(0, "3", "200")}


@pytest.mark.skipif(CHROMIUM is None, reason="needs chromium (tools/suite.py fetches it)")
def test_a_browser_goes_by_it(machine: Machine, nginx: Nginx, serve: Serve, origin: Origin) -> None:
    serve(fast(origin.server_port))
    certificate = x509.load_pem_x509_certificate(a_pair("a.test").chain.encode())
    key = certificate.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    at = f"a.test:{machine.listen.https}"
    arguments = [
        *("--no-sandbox", "--host-resolver-rules=MAP a.test 127.0.0.1", f"--origin-to-force-quic-on={at}"),
        f"--ignore-certificate-errors-spki-list={b64encode(sha256(key).digest()).decode()}",
    ]
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=arguments)
        page = browser.new_page()
        answer = page.goto(f"https://{at}/page")
        assert answer is not None and answer.text() == "GET /page 0"
        way = page.evaluate("performance.getEntriesByType('navigation')[0].nextHopProtocol")
        browser.close()
    assert way == "h3"
    assert counted(nginx)["gwi_a"] >= 1


def test_it_is_off_until_somebody_wants_it() -> None:
    """A change of any site ends what is under way by it, which requests over TCP outlive."""
    assert Behaviour.model_validate({"origins": [{"host": "192.0.2.1"}]}).http3 is False


def test_one_that_may_not_steer_has_none(tmp_path: Path) -> None:
    """Like an nginx in a container without CAP_BPF: it refuses to start with `quic_bpf`."""
    refusing = tmp_path / "nginx"
    refusing.write_text(f'#!/bin/sh\n[ "$1" = -V ] && exec {HERE} -V\nexit 1\n')
    refusing.chmod(0o755)
    assert finding.find(str(refusing)) == Binary(str(refusing), (1, 26, 3), http3=False)


def test_ports_of_both_kinds(machine: Machine, serve: Serve, origin: Origin) -> None:
    """The same number is taken for UDP: nobody else gets it."""
    serve(fast(origin.server_port))
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as other, pytest.raises(OSError, match="in use"):
        other.bind(("127.0.0.1", machine.listen.https))
