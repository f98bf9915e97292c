"""Tab Access Log: asked for, brought by the nodes, looked through, and taken as a file."""

import gzip
import json
from datetime import timedelta

import pytest
from django.test import Client

from hanaper import clock
from hanaper.apps.gateway import services
from hanaper.apps.gateway.models import Errand, GatewayInstance, GatewayNode
from tests.faces.console.gateways import *  # noqa: F403 - its fixtures
from tests.faces.console.private import page, text
from tests.people import Person

pytestmark = pytest.mark.django_db


def line(second: int, address: str, status: int = 200, **other: object) -> bytes:
    told = {
        "at": f"2026-11-29T12:00:{second:02}.000+00:00", "visitor": "192.0.2.7", "method": "GET",
        "address": address, "protocol": "HTTP/2.0", "status": status, "bytes": 1200, "seconds": 0.012,
        "cache": "HIT", "visit": True, "referer": "", "user_agent": "curl/8.0",
    }  # fmt: skip
    return json.dumps(told | other).encode() + b"\n"


def bring(node: GatewayNode, *lines: bytes) -> Errand:
    errand = Errand.objects.get(kind=Errand.Kind.LOG)
    services.deliver(node, errand.public_id, gzip.compress(b"".join(lines)), at=clock.now())
    return errand


def test_asked_for_and_brought(
    owner: Person, client: Client, active: GatewayInstance, node: GatewayNode
) -> None:
    address = page(owner, "gateway-log", active.public_id)
    assert "Nothing was brought within the last hour." in text(client.get(address))
    assert client.post(address).status_code == 302
    waiting = text(client.get(address))
    assert "0 of 1 nodes have answered" in waiting and 'hx-trigger="every 2s"' in waiting
    errand = bring(node, line(1, "/first"), line(2, "/<b>second</b>", 404, user_agent="<script>"))
    answer = client.get(address)
    brought = text(answer)
    assert "1 of 1 nodes have answered" in brought and 'hx-trigger="every 2s"' not in brought
    assert [row["address"] for row in answer.context["rows"]] == ["/<b>second</b>", "/first"], "newest first"
    assert "<b>second" not in brought and "<script>" not in brought.partition("<body>")[2]
    file = client.get(page(owner, "gateway-log-file", active.public_id, errand.public_id))
    lines = b"".join(file.streaming_content).splitlines()  # type: ignore[attr-defined]
    assert [json.loads(one)["status"] for one in lines] == [200, 404]


def test_what_is_long_is_folded(
    owner: Person, client: Client, active: GatewayInstance, node: GatewayNode
) -> None:
    """A visitor may write 32 KB; the page is no longer for it, and the file has all."""
    address = page(owner, "gateway-log", active.public_id)
    client.post(address)
    bring(node, line(1, "/" + "a" * 20_000, user_agent="b" * 20_000), line(2, "/short"))
    brought = text(client.get(address))
    assert brought.count('<details class="long">') == 2 and "(20001 characters; the file has all)" in brought
    assert "a" * 2049 not in brought and "b" * 2049 not in brought
    assert f"<summary>/{'a' * 119}…</summary>" in brought


@pytest.mark.parametrize(
    ("asked", "fit"),
    [
        ({"status": "4"}, ["/b"]),
        ({"search": "/a"}, ["/a"]),
        ({"search": "192.0.2.8"}, ["/b"]),
        ({"search": "nothing"}, []),
        ({"status": "4", "search": "/a"}, []),
    ],
)
def test_looked_through(
    owner: Person,
    client: Client,
    active: GatewayInstance,
    node: GatewayNode,
    asked: dict[str, str],
    fit: list[str],
) -> None:
    address = page(owner, "gateway-log", active.public_id)
    client.post(address)
    bring(node, line(1, "/a"), line(2, "/b", 404, visitor="192.0.2.8"))
    answer = client.get(address, asked)
    assert [row["address"] for row in answer.context["rows"]] == fit
    assert ("No line fits." in text(answer)) == (not fit)


def test_after_an_hour_it_is_gone(
    owner: Person, client: Client, active: GatewayInstance, node: GatewayNode
) -> None:
    address = page(owner, "gateway-log", active.public_id)
    client.post(address)
    bring(node, line(1, "/asked-for"))
    assert "/asked-for" in text(client.get(address))
    Errand.objects.update(expires_at=clock.system_now() - timedelta(seconds=1))
    assert "/asked-for" not in text(client.get(address))


def test_without_a_domain_it_says_so(owner: Person, client: Client, gateway: GatewayInstance) -> None:
    address = page(owner, "gateway-log", gateway.public_id)
    assert client.get(address).status_code == 200
    assert client.post(address).status_code == 409 and not Errand.objects.exists()
