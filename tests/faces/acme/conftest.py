from collections.abc import Callable

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from django.test import Client as Browser

from hanaper import clock
from hanaper.apps.acme import limits
from hanaper.apps.acme.models import Challenge, ExternalKey
from hanaper.apps.acme.services import create_key
from hanaper.apps.acme.services.checking import pursue_challenge
from hanaper.apps.private_ca.models.cas import PrivateCA
from hanaper.core.acme.base64url import encode
from hanaper.core.acme.challenges import dns_value
from hanaper.faces.acme import exchange
from tests.acme_client import Answer, Client, csr_for
from tests.apps.private_ca.conftest import *  # noqa: F403 - its fixtures
from tests.fixtures_dns import *  # noqa: F403 - its fixtures
from tests.people import Person

NAME = "www.example.com"


@pytest.fixture
def at():
    """Clients come when they come: the services under test read the clock themselves."""
    return clock.now()


@pytest.fixture(autouse=True)
def fresh(settings, tmp_path):
    settings.DATA = tmp_path
    settings.ACME_URL = "http://acme.example.com"
    exchange.nonces.cache_clear()
    limits.forget()


def send(method: str, url: str, body: bytes | None, kind: str) -> Answer:
    path = url.removeprefix("http://acme.example.com")
    browser = Browser(raise_request_exception=False, REMOTE_ADDR="192.0.2.7")
    found = browser.generic(method, path, body or b"", content_type=kind or "text/plain")
    assert not found.cookies and "Vary" not in found.headers
    return Answer(found.status_code, found.headers, found.content)


@pytest.fixture
def external(owner: Person, working: PrivateCA, at) -> tuple[ExternalKey, str]:
    return create_key(owner.actor, working, name="tests", at=at)


@pytest.fixture
def stranger_client(working: PrivateCA) -> Client:
    """Without an account."""
    return client_of(working)


@pytest.fixture
def client(working: PrivateCA, external: tuple[ExternalKey, str]) -> Client:
    """With an account."""
    made = client_of(working)
    key, secret = external
    assert made.register(key.public_id, secret).status == 201
    return made


def client_of(ca: PrivateCA, template: str = "server", **given) -> Client:
    return Client(send, f"http://acme.example.com/acme/{ca.public_id}/{template}/directory", **given)


@pytest.fixture
def prove(name_server) -> Callable[..., None]:
    """Show control of every authorization of an order in DNS, and have it looked at."""
    return lambda client, order: prove_in_dns(client, order, name_server)


def prove_in_dns(client: Client, order: dict, name_server) -> None:
    for url in order["authorizations"]:
        found = client.post(url).json
        if found["status"] != "pending":
            continue
        one = next(each for each in found["challenges"] if each["type"] == "dns-01")
        place = (f"_acme-challenge.{found['identifier']['value']}", "TXT")
        name_server.records.setdefault(place, []).append(dns_value(client.proof(one["token"])))
        client.post(one["url"], {})
        check(one["url"])


def check(challenge_url: str, system_at=None) -> None:
    """What the job does that the client's word has woken."""
    pk = Challenge.objects.values_list("pk", flat=True).get(public_id=challenge_url.rpartition("/")[2])
    pursue_challenge(pk, clock.now(), system_at or clock.system_now())


def ready_order(client: Client, name_server, *names: str) -> tuple[str, dict]:
    """An order that waits for its CSR: its address, and itself."""
    placed = client.order(*names)
    assert placed.status == 201, placed.content
    prove_in_dns(client, placed.json, name_server)
    url = placed.headers["Location"]
    order = client.post(url).json
    assert order["status"] == "ready", order
    return url, order


@pytest.fixture
def issued(client: Client, name_server) -> dict:
    """An order that has its certificate."""
    _, order = ready_order(client, name_server, NAME)
    return client.finalize(order, csr_for([NAME])).json


def leaf_of(client: Client, order: dict) -> x509.Certificate:
    return x509.load_pem_x509_certificates(client.post(order["certificate"]).content)[0]


def revoked(client: Client, certificate: x509.Certificate, reason=None, **how) -> Answer:
    body = {"certificate": encode(certificate.public_bytes(Encoding.DER))}
    return client.post(client.url("revokeCert"), body | ({} if reason is None else {"reason": reason}), **how)
