"""A domain whose certificate comes by itself, on the real service with a real nginx: from adding it until openssl
accepts what is served, reissued while visitors come, and called off when it is not wanted any more."""

import socket
import ssl
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509

from hanaper.demo.acts import PRODUCT
from hanaper.demo.gateway import settled
from hanaper.demo.stage import Stage
from hanaper.demo.story import Story
from tests.gateway_node.sites import Origin, an_origin
from tests.gateway_node.visiting import Seen, visit_at
from tests.processes.fleet import SECONDS, Silent, Visitors, counted, reached

DOMAIN = "www.itself.test"


class Site:
    """An instance of the sandbox's customer, who has a contact and two unused units of quota."""

    def __init__(self, stage: Stage, origin: Origin) -> None:
        people = [stage.person(who) for who in ("customer", "reviewer", "finance", "administrator")]
        self.stage, self.story = stage, Story(stage, Silent(), *people)
        self.customer, self.administrator, self.port = people[0], people[3], origin.server_port
        self.customer.post("/contacts", {"name": "Ada", "email": "ada@example.test"})
        self.quota = self.story.buy(PRODUCT, quantity=2)
        order = self.story.buy("https-gateway-1m")
        self.id = next(one["id"] for one in self._gateways() if one["order"] == order)

    def _gateways(self) -> list[dict[str, Any]]:
        return list(self.customer.get("/gateways")["items"])

    def show(self) -> dict[str, Any]:
        return dict(self.customer.get(f"/gateways/{self.id}"))

    def left(self) -> int:
        return int(self.customer.get(f"/orders/{self.quota}")["lines"][0]["quota_available"])

    def add(self) -> dict[str, Any]:
        behaviour = {"origins": [{"host": "127.0.0.1", "port": self.port}]}
        body = {"domain": DOMAIN, "behaviour": behaviour, "automatic": {}}
        return dict(self.customer.post(f"/gateways/{self.id}/domain", body))

    def until(self, condition: Any, what: str) -> Any:
        return self.stage.wait_until(condition, SECONDS, what)

    def visit(self, path: str = "/") -> Seen:
        return visit_at(self.stage.gateway_port, DOMAIN, path)

    def key_size(self) -> int:
        """Of the key of what is served, in bits."""
        context = ssl.create_default_context()
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
        with (
            socket.create_connection(("127.0.0.1", self.stage.gateway_port), 10) as plain,
            context.wrap_socket(plain, server_hostname=DOMAIN) as connected,
        ):
            leaf = x509.load_der_x509_certificate(connected.getpeercert(True) or b"")
        return int(leaf.public_key().key_size)  # type: ignore[union-attr]


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    stage = Stage(tmp_path_factory.mktemp("service"), gateway=True)
    try:
        stage.start()
        with an_origin() as origin:
            yield Site(stage, origin)
    finally:
        stage.stop()


def test_from_the_cname_to_a_chain_that_openssl_accepts(site: Site, tmp_path: Path) -> None:
    made = site.add()
    assert (made["automatic"]["state"], made["certificate"], site.left()) == ("wanted", None, 2)
    # Nothing is taken while the domain leads elsewhere.
    site.until(lambda: site.show()["automatic"]["code"] == "waiting_for_dns", "it to wait")
    assert site.left() == 2
    site.stage.names.records[DOMAIN, "CNAME"] = [made["cname"] + "."]
    site.until(lambda: site.show()["state"] == "active", "it to be active")
    site.until(lambda: reached(site.visit), "somebody to serve")
    site.until(lambda: settled(site.administrator), "nobody to serve what was before")
    found = site.show()
    assert (found["automatic"]["state"], site.left()) == ("served", 1)
    root = tmp_path / "root.pem"
    root.write_text(site.story.download(found["certificate"], "root"))
    said = subprocess.run(
        [
            *("openssl", "s_client", "-connect", f"127.0.0.1:{site.stage.gateway_port}"),
            *("-servername", DOMAIN, "-verify_hostname", DOMAIN, "-CAfile", str(root)),
            "-verify_return_error",
        ],
        input="", capture_output=True, text=True, check=False, timeout=30,
    )  # fmt: skip
    assert said.returncode == 0 and "Verify return code: 0 (ok)" in said.stdout, said.stderr
    # The way it was shown: a file that the nodes gave, which nobody counts.
    checks = site.customer.get(f"/certificates/{found['certificate']}")["applications"][0]["checks"]
    assert [(one["method"], one["state"]) for one in checks] == [("gateway", "passed")]


def test_a_reissue_drops_no_connection_and_every_visit_is_counted(site: Site) -> None:
    before = site.visit().serial
    log = site.stage.folder / "data" / "gateway" / "nginx" / "log" / "requests.log"
    with Visitors(site.visit) as visitors:
        site.until(lambda: len(visitors.served) > 20, "visitors")
        site.customer.post(f"/certificates/{site.show()['certificate']}/reissue", {})

        def swapped() -> bool:
            site.customer.post(f"/gateways/{site.id}/look")
            newest = max(visitors.served, default=0)
            return visitors.served[newest].serial != before

        site.until(swapped, "the new certificate")
        served = len(visitors.served)
        site.until(lambda: len(visitors.served) > served + 20, "more")
    assert visitors.failed == {}
    assert {seen.status for seen in visitors.served.values()} == {200}
    site.until(lambda: log.read_text().count("visitor=") == len(visitors.served), "every line")
    site.until(lambda: site.show()["visits"] == counted(log)[0], "all of them to be counted")
    assert "pki-validation" not in log.read_text()


def test_another_kind_of_key_is_served_at_no_cost(site: Site) -> None:
    before = site.show()["certificate"]
    site.customer.put(f"/gateways/{site.id}/certificate", {"automatic": {"key_algorithm": "rsa-2048"}})

    def rsa() -> bool:
        site.customer.post(f"/gateways/{site.id}/look")
        return site.key_size() == 2048

    site.until(rsa, "a certificate with an RSA key")
    found = site.show()
    assert (found["certificate"], found["automatic"]["state"], site.left()) == (before, "served", 1)


def test_pending_it_is_called_off_with_the_domain_and_its_quota_is_back(site: Site) -> None:
    order = site.story.buy("https-gateway-1m")
    gateway = next(one["id"] for one in site._gateways() if one["order"] == order)
    behaviour = {"origins": [{"host": "127.0.0.1", "port": site.port}]}
    body = {"domain": "never.itself.test", "behaviour": behaviour, "automatic": {"shown_by": "dns"}}
    site.customer.post(f"/gateways/{gateway}/domain", body)

    def applied() -> Any:
        return site.customer.get(f"/gateways/{gateway}")["automatic"]["records"]

    (record,) = site.until(applied, "the record that is to be set")
    assert record["name"] == "_hanaper-challenge.never.itself.test" and site.left() == 0
    warned = site.customer.post(f"/gateways/{gateway}/reset/prepare")
    confirmed = {"confirmation": warned["confirmation"]}
    site.customer.post(f"/gateways/{gateway}/reset/confirm", confirmed)
    site.until(lambda: site.left() == 1, "the quota to be back")
    assert site.customer.get(f"/gateways/{gateway}")["domain"] is None
