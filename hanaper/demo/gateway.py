"""The story of `hanaper demo gateway`: a domain served by a real proxy, counted, and given back."""

import json
import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from cryptography import x509

from hanaper.demo.acts import PRODUCT, books
from hanaper.demo.stage import DemoFailed, Person, Stage
from hanaper.demo.story import Story
from hanaper.demo.teller import Teller

DOMAIN = "www.shop.demo.test"
VISITS = 300
WAIT_SECONDS = 60.0


@dataclass(frozen=True, slots=True)
class Seen:
    """What a visitor got; `serial`: of the certificate that was shown."""

    status: int
    body: bytes
    cache: str
    serial: int


@contextmanager
def origin() -> Iterator[ThreadingHTTPServer]:
    """The customer's own server, which permits to keep what is below /static/."""

    class Answering(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            body = f"{self.path} from the origin".encode()
            self.send_response(200)
            self.send_header("Content-Length", str(len(body)))
            if self.path.startswith("/static/"):
                self.send_header("Cache-Control", "max-age=60")
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: Any) -> None:  # noqa: ARG002 - its name
            return

    server = ThreadingHTTPServer(("127.0.0.1", 0), Answering)
    threading.Thread(target=server.serve_forever, args=[0.05], daemon=True).start()
    yield server
    server.shutdown()
    server.server_close()


def visit(story: Story, path: str = "/") -> Seen:
    """Over https, on a connection of its own; OSError if there is nobody."""
    context = ssl.create_default_context(cadata=(story.stage.folder / "root.pem").read_text())
    address = ("127.0.0.1", story.stage.gateway_port)
    with (
        socket.create_connection(address, 10) as plain,
        context.wrap_socket(plain, server_hostname=DOMAIN) as secure,
    ):
        shown = x509.load_der_x509_certificate(secure.getpeercert(binary_form=True) or b"")
        connection = HTTPConnection(DOMAIN)
        connection.sock = secure
        connection.request("GET", path, headers={"Connection": "close"})
        answer = connection.getresponse()
        return Seen(answer.status, answer.read(), answer.getheader("X-Cache", ""), shown.serial_number)


def served(story: Story, port: int) -> tuple[str, str]:
    story.tell.act("A domain is put behind the gateway, and visitors get it over HTTPS")
    story.contact()
    story.buy(PRODUCT)
    order = story.buy("https-gateway-1m")
    gateway = next(one["id"] for one in story.customer.get("/gateways")["items"] if one["order"] == order)
    body = {"domain": DOMAIN, "behaviour": {"origins": [{"host": "127.0.0.1", "port": port}]}}
    made = story.customer.post(f"/gateways/{gateway}/domain", body | {"automatic": {}})
    story.tell.did(f"added {DOMAIN} to {gateway}; its certificate is to come by itself, from unused quota")
    story.tell.saw(f"DNS: {_look(story, gateway)['message']}")
    _point(story, gateway, made["cname"])
    certificate = story.customer.get(f"/gateways/{gateway}")["certificate"]
    (story.stage.folder / "root.pem").write_text(story.download(certificate, "root"))
    story.tell.saw(f"{certificate} was taken, shown to be ours by the node itself, issued, and is served")
    seen = story.stage.wait_until(lambda: _reached(story), WAIT_SECONDS, "the first visitor to be served")
    story.stage.wait_until(
        lambda: settled(story.administrator), WAIT_SECONDS, "the node to serve nothing older"
    )
    node = story.administrator.get("/operator/gateway-nodes")["items"][0]
    story.tell.saw(f"{node['engine']} answers {seen.status}: {seen.body.decode()}")
    return order, gateway


def _point(story: Story, gateway: str, cname: str) -> None:
    story.stage.names.records[DOMAIN, "CNAME"] = [cname + "."]
    story.tell.did(f"set the CNAME to {cname}")
    _until(story, gateway, lambda found: found["state"] == "active", "be active")
    story.tell.saw("active: the CNAME proves whose domain it is")


def _look(story: Story, gateway: str) -> dict[str, Any]:
    found: dict[str, Any] = _until(story, gateway, lambda one: one["look"], "be looked at")
    return dict(found["look"])


def _until(story: Story, gateway: str, so: Any, what: str) -> dict[str, Any]:
    def there() -> dict[str, Any] | None:
        found: dict[str, Any] = story.customer.get(f"/gateways/{gateway}")
        return found if so(found) else None

    found: dict[str, Any] = story.stage.wait_until(there, WAIT_SECONDS, f"{gateway} to {what}")
    return found


def settled(administrator: Person) -> bool:
    """Whether each node serves the newest version and nothing else.

    The new workers serve a change that a visitor reaches, and for a moment more the old ones answer too.
    """
    found = administrator.get("/operator/gateway-nodes")
    return all(one["version"] == found["newest"] for one in found["items"] if not one["retired_at"])


def _reached(story: Story) -> Seen | None:
    try:
        return visit(story)
    except OSError:
        return None


def cached_and_changed(story: Story, gateway: str, port: int) -> int:
    """What is kept, and a certificate swapped while visitors come; how many came."""
    story.tell.act("The cache; and another certificate while visitors come, without one of them losing out")
    kept = [visit(story, "/static/app.js").cache for _ in range(2)]
    if kept != ["MISS", "HIT"]:
        raise DemoFailed(f"the cache says {kept}")
    story.tell.saw("the second visitor of /static/app.js got it from the cache: HIT")
    before = visit(story).serial
    other = story.issue(story.buy(PRODUCT), DOMAIN)["id"]
    seen: list[Seen] = []
    wrong: list[str] = []
    stop = threading.Event()

    def keep_coming() -> None:
        while not stop.is_set() or len(seen) < VISITS:
            try:
                seen.append(visit(story))
            except OSError as error:
                wrong.append(str(error))

    coming = threading.Thread(target=keep_coming)
    coming.start()
    story.customer.put(f"/gateways/{gateway}/certificate", {"certificate": other})
    behaviour = {"origins": [{"host": "127.0.0.1", "port": port}], "hsts": {"seconds": 3600}}
    story.customer.put(f"/gateways/{gateway}/behaviour", {"behaviour": behaviour})
    story.stage.wait_until(
        lambda: bool(seen) and seen[-1].serial != before, WAIT_SECONDS, "the new certificate"
    )
    stop.set()
    coming.join()
    if wrong:
        raise DemoFailed(f"{len(wrong)} visitors were not served: {wrong[0]}")
    story.tell.saw(
        f"{len(seen)} visitors came meanwhile, each on a connection of its own: none was turned away"
    )
    return 1 + 2 + 1 + len(seen)


def counted(story: Story, order: str, gateway: str, visits: int) -> None:
    story.tell.act("Every request is counted once; consumption ends the right to a refund (R18, D8)")
    found = _until(story, gateway, lambda one: one["visits"] >= visits, f"have {visits} visits")
    if found["visits"] != visits:
        raise DemoFailed(f"{found['visits']} visits were counted, and {visits} came")
    story.tell.saw(f"{visits} came, {found['visits']} are counted: {found['grcq_used']} GRCQ")
    story.tell.printed(json.dumps(story.customer.get(f"/gateways/{gateway}/usage")["items"], indent=1))
    story.decide(order)
    story.tell.refused(story.customer.refused(f"/orders/{order}/refunds"))


def unused(story: Story, port: int) -> None:
    story.tell.act("A domain that nobody visited: reset, and the money comes back (R18)")
    order = story.buy("https-gateway-1m")
    gateway = next(one["id"] for one in story.customer.get("/gateways")["items"] if one["order"] == order)
    body = {"domain": DOMAIN, "behaviour": {"origins": [{"host": "127.0.0.1", "port": port}]}}
    story.customer.post(f"/gateways/{gateway}/domain", body)
    story.decide(order)
    story.tell.refused(story.customer.refused(f"/orders/{order}/refunds"))
    warned = story.customer.post(f"/gateways/{gateway}/reset/prepare")
    story.tell.saw(warned["text"])
    story.customer.post(f"/gateways/{gateway}/reset/confirm", {"confirmation": warned["confirmation"]})
    _until(story, gateway, lambda one: one["domain"] is None, "have no domain")
    story.tell.did("reset it")
    story.refund(order)


def play(stage: Stage, tell: Teller) -> None:
    """Every act, in order; DemoFailed at the first thing that does not happen."""
    story = Story(
        stage,
        tell,
        customer=stage.person("customer"),
        reviewer=stage.person("reviewer"),
        finance=stage.person("finance"),
        administrator=stage.person("administrator"),
    )
    with origin() as server:
        order, gateway = served(story, server.server_port)
        visits = cached_and_changed(story, gateway, server.server_port)
        counted(story, order, gateway, visits)
        unused(story, server.server_port)
    books(story)
