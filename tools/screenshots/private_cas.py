"""Private CAs with something of everything: long names, many certificates, clients, ceremonies."""

from typing import Any

import httpx

from tests.acme_client import Answer, Client
from tests.journeys.driving import Window
from tools.screenshots.buying import Buyer

ROOT, FURTHER = "private-root-ca", "private-intermediate-ca"
WAIT_SECONDS = 60
LONG = "Example Works Research and Development Issuing CA for Europe, the Middle East and Africa G2"[:64]
CLIENT_HOST = "a-rather-long-host-name-of-a-client.enrolled-by-acme.corp.example"


def fill(buyer: Buyer, second: Window) -> list[str]:
    """`second` is signed in as another member of the account; the pages of what was made."""
    first = buyer.cas_of(buyer.buy(ROOT))
    root, below = first["root"], first["intermediate"]
    buyer.enable(root, "Example Root CA")
    constraints = {
        "permitted": {"dns": ["corp.example", "works.example"], "ip": ["10.0.0.0/8"]},
        "excluded": {"dns": ["secret.corp.example"]},
    }
    buyer.enable(below, LONG, ocsp=True, shards=3, delta=True, name_constraints=constraints)
    other = buyer.cas_of(buyer.buy(ROOT))
    buyer.enable(other["root"], "Example Root CA of 2024", algorithm="rsa-4096")
    waiting = buyer.cas_of(buyer.buy(ROOT))
    outside = buyer.cas_of(buyer.buy(FURTHER))["intermediate"]
    buyer.post(f"/private-cas/{outside}/outside", {"subject": {"common_name": "Example Outside CA"}})
    buyer.post(f"/private-cas/{root}/cross-signs", {"by": other["root"]})
    return [
        *_certificates(buyer, below), *_acme(buyer, below), *_ceremonies(buyer, second, root, waiting),
        f"private-cas/{root}/", f"private-cas/{below}/", f"private-cas/{outside}/",
        f"private-cas/{waiting['intermediate']}/", f"private-cas/{waiting['root']}/enable/",
        f"private-cas/{root}/keys/", f"private-cas/{below}/keys/", f"private-cas/{outside}/keys/",
        f"private-cas/{below}/revoke/", f"private-cas/{root}/reset/", f"private-cas/{below}/reset/",
        f"private-cas/{below}/issue/", f"private-cas/{below}/issue/?template=server",
        f"private-cas/{below}/issue/table/", "certificate-batches/", "private-certificates/issue/",
    ]  # fmt: skip


def _certificates(buyer: Buyer, ca: str) -> list[str]:
    """A table of them that end in other weeks; one revoked, one on hold, one renewed."""
    rows = [f"host-{number:02}.corp.example,{5 + number * 4}" for number in range(40)]
    made = buyer.post(
        f"/private-cas/{ca}/batches",
        {"csv": "\n".join(["dns,days", *rows]), "template": "server"},
    )["id"]
    names = ["www.corp.example", *(f"service-{number}.a-long-domain.works.example" for number in range(12))]
    body = {"template": "server", "names": {"dns": names, "ip": ["10.1.2.3"]}}
    several, revoked, held = (buyer.post(f"/private-cas/{ca}/certificates", body)["id"] for _ in range(3))
    buyer.post(f"/private-certificates/{revoked}/revoke", {"reason": "keyCompromise"})
    buyer.post(f"/private-certificates/{held}/hold")
    buyer.post(f"/private-certificates/{several}/renew")
    return [
        f"certificate-batches/{made}/", f"private-certificates/{several}/",
        f"private-certificates/{revoked}/", f"private-certificates/{held}/",
        f"private-certificates/{several}/renew/",
        f"private-certificates/{several}/revoke/", f"private-certificates/{several}/hold/",
    ]  # fmt: skip


def _acme(buyer: Buyer, ca: str) -> list[str]:
    """Keys, one of them revoked; a client with orders that wait."""
    limits = {"domains": ["corp.example", "works.example"], "networks": ["10.0.0.0/8"]}
    key = buyer.post(
        f"/private-cas/{ca}/acme/keys", {"name": "web servers, Berlin", "certificates_limit": 500, **limits}
    )
    gone = buyer.post(f"/private-cas/{ca}/acme/keys", {"name": "the old load balancer", "template": "server"})
    buyer.post(f"/private-cas/{ca}/acme/keys/{gone['id']}/revoke")
    client = Client(_send, key["directories"]["server"])
    client.register(key["id"], key["hmac_key"], contact=["mailto:operations-berlin@corp.example"])
    for number in range(3):
        names = [{"type": "dns", "value": f"{number}.{CLIENT_HOST}"} for number in range(number + 1)]
        client.post(client.url("newOrder"), {"identifiers": names})
    account = client.kid.rstrip("/").rsplit("/", 1)[1]
    return [f"private-cas/{ca}/acme/", f"private-cas/{ca}/acme/clients/{account}/"]


def _send(method: str, url: str, body: bytes | None, kind: str) -> Answer:
    answer = httpx.request(
        method, url, content=body, headers={"Content-Type": kind} if kind else {}, timeout=30
    )
    return Answer(answer.status_code, answer.headers, answer.content)


def _ceremonies(buyer: Buyer, second: Window, root: str, waiting: dict[str, str]) -> list[str]:
    """One carried out, one refused, two that wait."""
    buyer.post("/account/two-persons")
    settings = {
        "subject": {"common_name": "Example Root CA of two", "organization": "Example Ltd", "country": "DE"},
        "name_constraints": {"permitted": {"dns": ["corp.example"]}},
    }
    made = _propose(buyer, waiting["root"], "enable", enable=settings)
    second.open(f"ceremonies/{made}/").press("Approve").sees("Carried out", seconds=WAIT_SECONDS)
    renewed = _propose(buyer, root, "renew", renew={"new_key": True, "years": 12, "algorithm": "rsa-4096"})
    second.open(f"ceremonies/{renewed}/").write("Reason", "Not before the audit.").press("Refuse")
    enable = {"subject": {"common_name": LONG}, "parent": waiting["root"], "ocsp": True, "shards": 4}
    waits = _propose(buyer, waiting["intermediate"], "enable", enable=enable)
    ending = buyer.post("/account/two-persons/end")["id"]
    return [f"ceremonies/{one}/" for one in (made, renewed, waits, ending)]


def _propose(buyer: Buyer, ca: str, operation: str, **parameters: Any) -> str:
    return str(buyer.post(f"/private-cas/{ca}/ceremonies", {"operation": operation, **parameters})["id"])
