"""Orders a second through ACME, from the new order to the downloaded chain, beside Caddy, django-ca and Pebble.

The same client does the same to each, eight of them at a time, each with an account of its own. *Shown anew*:
a name that nobody has asked for, shown by dns-01 in a name server of ours. *Shown before*: a name that the
account has shown already. Caddy and django-ca, which keep what they do in databases of their own, have no such
thing; Pebble keeps everything in memory. django-ca looks into the name server and signs within the request, so
its client never waits; its nonces are kept in memory. Caddy and Pebble speak TLS over connections that stay
open, ours and django-ca plain HTTP.
"""

import json
import os
import shutil
import subprocess
import sysconfig
import tempfile
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

from bench import django_ca
from bench.result import Result
from hanaper.core.acme.challenges import dns_value
from hanaper.demo.stage import Person, Stage, free_port
from hanaper.sandbox_dns.name_server import NameServer
from tests.acme_client import Answer, Client, csr_for

CLIENTS, ORDERS = 8, 20  # so many for each client
WAIT = 0.1  # seconds between two looks
CADDY = Path(sysconfig.get_path("scripts")) / "caddy"


@dataclass(frozen=True)
class Rates:
    """Orders a second; None: it has no such thing."""

    anew: float
    before: float | None


def run() -> list[Result]:
    with tempfile.TemporaryDirectory(prefix="hanaper-bench-") as name:
        folder = Path(name)
        ours = _ours(folder)
        peers = {
            "Caddy's ACME server": _caddy(folder) if CADDY.exists() else None,
            django_ca.NAME: _django_ca(folder) if django_ca.installed() else None,
            "Pebble, in memory": _pebble(folder) if shutil.which("pebble") else None,
        }
    results = []
    for peer, rates in peers.items():
        if rates is None:
            continue
        results.append(
            Result("ACME orders, the name shown anew by dns-01", "orders/s", ours.anew, peer, rates.anew)
        )
        if rates.before is not None and ours.before is not None:
            results.append(
                Result("ACME orders, the name shown before", "orders/s", ours.before, peer, rates.before)
            )
    return results


def measure(directory: str, names: NameServer, register: Callable[[Client], Answer], *, again: bool) -> Rates:
    clients = [_Walker(Client(_sender(), directory), names, register, turn) for turn in range(CLIENTS)]
    _all(clients, 1, "warm")
    anew = _all(clients, ORDERS, "new")
    return Rates(anew, _all(clients, ORDERS, "again", same=True) if again else None)


def _all(clients: list["_Walker"], orders: int, what: str, *, same: bool = False) -> float:
    """Orders a second of all clients together; requests for certificates are made before."""
    todo = [[one.prepare("same" if same else f"{what}{turn}") for turn in range(orders)] for one in clients]
    if same:
        for one, work in zip(clients, todo, strict=True):
            one.walk(*work[0])
    began = time.perf_counter()
    with ThreadPoolExecutor(len(clients)) as pool:
        list(
            pool.map(lambda each: [each[0].walk(*work) for work in each[1]], zip(clients, todo, strict=True))
        )
    return orders * len(clients) / (time.perf_counter() - began)


class _Walker:
    """One client, with an account, that goes the whole way."""

    def __init__(
        self, client: Client, names: NameServer, register: Callable[[Client], Answer], number: int
    ) -> None:
        self.client, self.names, self.number = client, names, number
        answer = register(client)
        assert answer.status == 201, answer.content
        client.kid = answer.headers["Location"]

    def prepare(self, label: str) -> tuple[str, bytes]:
        name = f"{label}-{self.number}.bench.test"
        return name, csr_for([name])

    def walk(self, name: str, csr: bytes) -> None:
        placed = self.client.order(name)
        assert placed.status == 201, placed.content
        where, order = placed.headers["Location"], placed.json
        if order["status"] == "pending":
            for authorization in order["authorizations"]:
                self._show(name, authorization)
            order |= self._until(where, "ready")  # django-ca names `finalize` at first only
        order = self.client.finalize(order, csr).json
        if order["status"] != "valid":
            order = self._until(where, "valid")
        chain = self.client.post(order["certificate"])
        assert chain.content.startswith(b"-----BEGIN CERTIFICATE-----"), chain.content

    def _show(self, name: str, authorization: str) -> None:
        challenge = self.client.challenge(authorization, "dns-01")
        proof = dns_value(self.client.proof(challenge["token"]))
        self.names.records[f"_acme-challenge.{name}", "TXT"] = [proof]
        self.client.post(challenge["url"], {})

    def _until(self, where: str, state: str) -> dict[str, Any]:
        while True:
            order: dict[str, Any] = self.client.post(where).json
            if order["status"] == state:
                return order
            assert order["status"] in ("pending", "ready", "processing"), order
            time.sleep(WAIT)


def _sender() -> Callable[[str, str, bytes | None, str], Answer]:
    connection = httpx.Client(verify=False, timeout=60, trust_env=False)

    def send(method: str, url: str, body: bytes | None, kind: str) -> Answer:
        answer = connection.request(method, url, content=body, headers={"Content-Type": kind} if kind else {})
        return Answer(answer.status_code, answer.headers, answer.content)

    return send


def _ours(folder: Path) -> Rates:
    stage = Stage(folder)
    stage.environment |= {
        "HANAPER_ACME_ORDERS_PER_HOUR": "1000000",
        "DJANGO_SETTINGS_MODULE": "hanaper.settings",
    }
    try:
        stage.start()
        kid, secret, directory = _bound(stage.person("customer"))
        return measure(directory, stage.names, lambda client: client.register(kid, secret), again=True)
    finally:
        stage.stop()


def _bound(customer: Person) -> tuple[str, str, str]:
    """A key of external account binding, its secret, and the directory it opens."""
    order = customer.post("/orders", {"lines": [{"product": "private-root-ca"}], "currency": "USD"})
    customer.post(f"/orders/{order['id']}/pay", {"means": [{"means": "balance"}]})
    ids = {ca["kind"]: ca["id"] for ca in customer.get("/private-cas")["items"]}
    for kind in ("root", "intermediate"):
        customer.post(f"/private-cas/{ids[kind]}/enable", {"subject": {"common_name": f"Bench {kind}"}})
    key = customer.post(f"/private-cas/{ids['intermediate']}/acme/keys", {"template": "server"})
    return key["id"], key["hmac_key"], key["directories"]["server"]


def _caddy(folder: Path) -> Rates:
    port, names = free_port(), NameServer()
    site = {
        "listen": [f"127.0.0.1:{port}"],
        "routes": [{"handle": [{"handler": "acme_server", "resolvers": [names.address]}]}],
        "tls_connection_policies": [{"default_sni": "127.0.0.1"}],
        "automatic_https": {"disable_redirects": True},
    }
    internal = {"subjects": ["127.0.0.1"], "issuers": [{"module": "internal"}]}
    configuration = {
        "admin": {"disabled": True},
        "storage": {"module": "file_system", "root": str(folder / "caddy")},
        "apps": {
            "http": {"servers": {"bench": site}},
            "pki": {"certificate_authorities": {"local": {"install_trust": False}}},
            "tls": {"certificates": {"automate": ["127.0.0.1"]}, "automation": {"policies": [internal]}},
        },
    }
    return _beside(
        folder / "caddy.json",
        configuration,
        [CADDY, "run", "--config", folder / "caddy.json"],
        f"https://127.0.0.1:{port}/acme/local/directory",
        names,
        again=False,
    )


def _django_ca(folder: Path) -> Rates:
    names = NameServer()
    project = django_ca.Project(folder / "django-ca", names.address)
    try:
        with project.serving():
            return measure(project.acme, names, _agreed, again=False)
    finally:
        names.close()


def _pebble(folder: Path) -> Rates:
    port, names = free_port(), NameServer()
    subprocess.run(
        [
            "openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
            "-days", "1", "-subj", "/CN=127.0.0.1", "-keyout", folder / "tls.key", "-out", folder / "tls.pem",
        ],
        check=True,
        capture_output=True,
    )  # fmt: skip
    configuration = {
        "pebble": {
            "listenAddress": f"127.0.0.1:{port}",
            "managementListenAddress": f"127.0.0.1:{free_port()}",
            "certificate": str(folder / "tls.pem"),
            "privateKey": str(folder / "tls.key"),
        }
    }
    return _beside(
        folder / "pebble.json",
        configuration,
        ["pebble", "-config", folder / "pebble.json", "-dnsserver", names.address],
        f"https://127.0.0.1:{port}/dir",
        names,
        again=True,
    )


def _beside(
    file: Path, configuration: object, command: list[Any], directory: str, names: NameServer, *, again: bool
) -> Rates:
    file.write_text(json.dumps(configuration))
    with _running(command, directory):
        rates = measure(directory, names, _agreed, again=again)
    names.close()
    return rates


def _agreed(client: Client) -> Answer:
    return client.post(client.url("newAccount"), {"termsOfServiceAgreed": True}, jwk=True)


@contextmanager
def _running(command: list[Any], directory: str) -> Iterator[None]:
    # Pebble sleeps, refuses nonces and forgets what was shown, unless it is told not to.
    quiet = {"PEBBLE_VA_NOSLEEP": "1", "PEBBLE_WFE_NONCEREJECT": "0", "PEBBLE_AUTHZREUSE": "100"}
    process = subprocess.Popen(
        command, env={**os.environ, **quiet}, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        deadline = time.monotonic() + 30
        while time.monotonic() < deadline:
            try:
                if httpx.get(directory, verify=False, trust_env=False).is_success:
                    break
            except httpx.TransportError:
                time.sleep(0.1)
        yield
    finally:
        process.terminate()
        process.wait(10)
