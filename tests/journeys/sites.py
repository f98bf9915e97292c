"""A site behind the gateway of a running service: its origin, its DNS, its visitors."""

import socket
import ssl
import time
from contextlib import suppress
from dataclasses import dataclass
from http.client import HTTPConnection
from urllib.parse import urlsplit

from tests.journeys.driving import Service, Window

HTTPS_ABOVE = 443  # of the node beside a sandbox's service: its port and this
SECONDS = 30.0


@dataclass(frozen=True, slots=True)
class Visited:
    status: int
    body: str
    cache: str


def visit(service: Service, domain: str, path: str = "/") -> Visited:
    """Over https, whatever the certificate; OSError if there is nobody."""
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    address = ("127.0.0.1", (urlsplit(service.url).port or 0) + HTTPS_ABOVE)
    with (
        socket.create_connection(address, 10) as plain,
        context.wrap_socket(plain, server_hostname=domain) as secure,
    ):
        connection = HTTPConnection(domain)
        connection.sock = secure
        connection.request("GET", path, headers={"Connection": "close"})
        answer = connection.getresponse()
        return Visited(answer.status, answer.read().decode(), answer.getheader("X-Cache", ""))


def first_visit(service: Service, domain: str) -> Visited:
    """Once it is served."""
    until = time.monotonic() + SECONDS
    while time.monotonic() < until:
        with suppress(OSError):
            return visit(service, domain)
        time.sleep(0.2)
    raise AssertionError(f"{domain} is not served")


def gateway_of(window: Window, order: str) -> str:
    """The instance that an order brought, the newest of its account."""
    window.open("gateways/")
    link = window.page.locator("main tbody a").first.get_attribute("href")
    gateway = str(link).rstrip("/").rsplit("/", 1)[1]
    window.open(f"gateways/{gateway}/").sees(order)
    return gateway


def add_domain(window: Window, gateway: str, domain: str, port: int) -> None:
    """Tab Domain Name Management: which domain, then its certificate and its origin on loopback."""
    window.open(f"gateways/{gateway}/").follow("Add a domain")
    window.write("Domain", domain).press("Next").sees(domain)
    window.page.locator("#scheme-http").check()
    window.page.locator("#host-1").fill("127.0.0.1")
    window.page.locator("#port-1").fill(str(port))
    window.press("Add the domain").sees("The domain is added.")


def point(window: Window, domain: str) -> None:
    """Set the CNAME that the page shows, and look."""
    cname = window.page.locator("#cname").inner_text()
    window.service.command("sandbox", "set", domain, "CNAME", f"{cname}.")
