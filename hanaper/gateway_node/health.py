"""Looking whether origins are well, beside the engine: what is asked here is no visit, and no line of a log.

The addresses are those of the snapshot, which the service has resolved and held against its guard; nothing is
resolved here, no redirect is followed, and of an answer no more is read than its first line, in a short time.
"""

import socket
import ssl
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

from hanaper.core.gateway.health import Health, after
from hanaper.core.gateway.wire import ANY_ZONE, OriginState, Server, Site, Snapshot
from hanaper.gateway_node.failing import failure

SECONDS = 5.0  # for all of one answer
AT_ONCE = 16
LONGEST_LINE = 4096
LOOK_SECONDS = 0.2
LOOP = 508  # what the gateway says to its own request
USER_AGENT = "hanaper-health/1"

Key = tuple[str, str, int]  # instance, address, port
Ask = Callable[[Site, Server, str], str]


def ask(site: Site, server: Server, loop_name: str = ANY_ZONE) -> str:
    """What is wrong with an origin; empty when it answers as it should. `loop_name`: of the snapshot."""
    wanted = site.behaviour.health
    if wanted is None:
        return ""
    until = time.monotonic() + SECONDS
    try:
        with socket.create_connection((server.address, server.port), SECONDS) as plain:
            plain.settimeout(_left(until))
            secured = site.behaviour.origins[0].scheme == "https"
            with _secured(plain, site) if secured else plain as connected:
                line = _first_line(connected, _request(site, wanted.path, loop_name), until)
    except TimeoutError:
        return f"It did not answer within {SECONDS:.0f} seconds."
    except OSError as error:
        return failure(error, site.origin_name)
    parts = line.split(b" ", 2)
    if len(parts) < 2 or not parts[0].startswith(b"HTTP/") or not parts[1].isdigit():
        return "It does not speak HTTP."
    status = int(parts[1])
    if status == LOOP != wanted.status:
        return "It leads back to the gateway, which would ask itself: it answered with 508."
    return "" if status == wanted.status else f"It answered with {status} instead of {wanted.status}."


def _request(site: Site, path: str, loop_name: str) -> bytes:
    """As a visitor's request comes from here (RFC 8586): one that comes back is refused by its first node."""
    host = site.behaviour.host_header or site.domain
    lines = (
        f"GET {path} HTTP/1.1",
        f"Host: {host}",
        f"User-Agent: {USER_AGENT}",
        f"CDN-Loop: {loop_name}",
        f"Gateway-Loop: {loop_name}",
        "Connection: close",
    )
    return ("\r\n".join(lines) + "\r\n\r\n").encode("ascii")


def _first_line(connected: socket.socket, request: bytes, until: float) -> bytes:
    connected.sendall(request)
    read = b""
    while b"\n" not in read and len(read) < LONGEST_LINE:
        connected.settimeout(_left(until))
        more = connected.recv(LONGEST_LINE - len(read))
        if not more:
            break
        read += more
    return read.partition(b"\n")[0]


def _left(until: float) -> float:
    left = until - time.monotonic()
    if left <= 0:
        raise TimeoutError
    return left


def _secured(plain: socket.socket, site: Site) -> ssl.SSLSocket:
    """Trusted as visitors' requests are (rendering.py)."""
    behaviour = site.behaviour
    context = ssl.create_default_context(cadata=behaviour.origin_ca)
    if not behaviour.verify_origin:
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    return context.wrap_socket(plain, server_hostname=site.origin_name)


class Watch:
    """Asks in the background, each origin when it is due; `marked` and `unwell` say what was found."""

    def __init__(self, ask: Ask = ask) -> None:
        self._ask = ask
        self._lock = threading.Lock()
        self._followed: dict[Key, tuple[Site, Server]] = {}
        self._loop_name = ANY_ZONE
        self._health: dict[Key, Health] = {}
        self._due: dict[Key, float] = {}
        self._stop = threading.Event()
        self._askers = ThreadPoolExecutor(AT_ONCE, "health")
        self._thread = threading.Thread(target=self._go_round, name="health", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._stop.set()
        self._askers.shutdown(wait=False, cancel_futures=True)

    def follow(self, snapshot: Snapshot) -> None:
        """These origins from now on. What is known of one stays, unless its site behaves otherwise."""
        found = {
            (site.instance, server.address, server.port): (site, server)
            for site in snapshot.sites
            if site.behaviour.health is not None
            for server in site.servers
        }
        with self._lock:
            for key, (site, _) in found.items():
                before = self._followed.get(key)
                if before is None or before[0].behaviour != site.behaviour:
                    self._health[key] = Health()
                    self._due[key] = 0.0
            for gone in self._health.keys() - found.keys():
                del self._health[gone], self._due[gone]
            self._followed, self._loop_name = found, snapshot.loop_name

    def unwell(self) -> tuple[OriginState, ...]:
        with self._lock:
            found = sorted((key, health) for key, health in self._health.items() if not health.well)
        return tuple(
            OriginState(
                instance=key[0], address=key[1], port=key[2], problem=health.problem, since=health.since
            )
            for key, health in found
        )

    def marked(self, snapshot: Snapshot) -> Snapshot:
        """The snapshot, its unwell origins out; where none is well, as it was."""
        out = {(one.instance, one.address, one.port) for one in self.unwell()}
        sites = {instance for instance, _, _ in out}
        if not sites:
            return snapshot
        marked = tuple(_marked(site, out) if site.instance in sites else site for site in snapshot.sites)
        return snapshot.model_copy(update={"sites": marked})

    def _go_round(self) -> None:
        while not self._stop.wait(LOOK_SECONDS):
            now = time.monotonic()
            with self._lock:
                due = [key for key, when in self._due.items() if when <= now]
                for key in due:
                    self._due[key] = now + _interval(self._followed[key][0])
            for key in due:
                self._askers.submit(self._look, key)

    def _look(self, key: Key) -> None:
        with self._lock:
            followed, loop_name = self._followed.get(key), self._loop_name
        if followed is None:
            return
        problem = self._ask(*followed, loop_name)
        with self._lock:
            if self._followed.get(key) is followed:
                self._health[key] = after(self._health[key], problem, int(time.time()))


def _interval(site: Site) -> float:
    return site.behaviour.health.seconds if site.behaviour.health else SECONDS


def _marked(site: Site, out: set[Key]) -> Site:
    servers = tuple(
        server.model_copy(update={"down": (site.instance, server.address, server.port) in out})
        for server in site.servers
    )
    return site if all(server.down for server in servers) else site.model_copy(update={"servers": servers})
