"""`hanaper gateway` against the service in this process."""

import json
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from hanaper import clock
from hanaper.apps.certificates.services import people
from hanaper.apps.gateway import services
from hanaper.apps.gateway.models import CertificateWish, GatewayInstance
from tests.apps.gateway.conftest import DOMAIN, Issued, activate, batch, issued, node, say
from tests.fixtures_dns import name_server
from tests.people import Person
from tests.shop import *  # noqa: F403 - its fixtures
from tests.shop import SINGLE, buy

pytestmark = pytest.mark.django_db
__all__ = ["issued", "name_server", "node"]  # fixtures

BEHAVIOUR = """
maintenance = true
[[origins]]
host = "127.0.0.1"
port = 8080
[cache]
rules = [{prefix = "/static/", seconds = 3600}]
"""


@pytest.fixture
def at() -> Any:
    return clock.now() - timedelta(minutes=1)


@pytest.fixture
def bought(owner: Person, catalogue: None, issued: Issued, name_server: Any, at: Any) -> Iterator[str]:
    buy(owner, "https-gateway-1m", at=at)
    yield GatewayInstance.objects.get().public_id


def test_from_the_domain_to_the_reset(
    run_as: Any, owner: Person, bought: str, node: Any, name_server: Any, at: Any, tmp_path: Path
) -> None:
    assert [one["id"] for one in run_as(owner, "gateway", "certificates", bought, DOMAIN)["items"]] == [
        "crt_one"
    ]
    made = run_as(owner, "gateway", "add-domain", bought, DOMAIN, "--origin", "http://127.0.0.1:8080")
    assert (made["state"], made["cname"]) == ("domain_added", f"{bought.replace('_', '-')}.gateway.test")
    gateway = activate(GatewayInstance.objects.get(), name_server, at)
    assert run_as(owner, "gateway", "show", bought)["state"] == "active"

    file = tmp_path / "site.toml"
    file.write_text(BEHAVIOUR)
    run_as(owner, "gateway", "change", bought, "--file", str(file))
    behaves = run_as(owner, "gateway", "behaviour", bought)
    assert behaves["maintenance"] and behaves["cache"]["rules"] == [{"prefix": "/static/", "seconds": 3600}]

    say(node, at, batches=[batch(gateway, 0, 10, visits=3, bytes_out=5, paths={"/a": (3, 5)})])
    assert [hour["visits"] for hour in run_as(owner, "gateway", "usage", bought)["items"]] == [3]
    assert [day["seconds"] for day in run_as(owner, "gateway", "usage", bought, "--days", "7")["items"]] == [
        86_400
    ]
    assert run_as(owner, "gateway", "paths", bought)["items"] == [{"path": "/a", "visits": 3, "bytes_out": 5}]
    assert run_as(owner, "gateway", "purge", bought)["id"] == bought
    assert run_as(owner, "gateway", "purge", bought, "--address", "/news")["address"] == "/news"
    (purge,) = run_as(owner, "gateway", "purges", bought)["items"]
    assert (purge["done"], purge["nodes"], purge["done_at"]) == (0, 1, None)
    assert [one["unwell"] for one in run_as(owner, "gateway", "origins", bought)["items"]] == [0]
    run_as(owner, "gateway", "log", bought, str(tmp_path / "log"), "--seconds", "0")
    assert (tmp_path / "log").read_bytes() == b""  # no node has answered
    assert run_as(owner, "gateway", "look", bought)["id"] == bought
    assert run_as(owner, "gateway", "certificate", bought, "crt_one")["certificate"] == "crt_one"
    reset = run_as(owner, "gateway", "reset", bought, "--yes")
    assert (reset["resetting"], reset["state_label"]) == (True, "Being reset")
    assert run_as(owner, "gateway", "list")["items"][0]["state_label"] == "Being reset"
    assert (reset["problem"]["code"], reset["problem"]["nodes"]) == ("reset_waits", 1)


def test_no_certificate_is_no_certificate(
    hanaper: Any, owner: Person, bought: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HANAPER_SERVER", "http://127.0.0.1:20999")
    monkeypatch.setenv("HANAPER_KEY", owner.secret)
    status, _, err = hanaper("gateway", "certificate", bought)
    assert status == 2 and "--automatic" in err


def test_for_people(hanaper: Any, owner: Person, bought: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HANAPER_SERVER", "http://127.0.0.1:20999")
    monkeypatch.setenv("HANAPER_KEY", owner.secret)
    status, out, _ = hanaper("gateway", "list")
    assert status == 0 and bought in out and "No domain" in out
    _, out, _ = hanaper("gateway", "add-domain", bought, DOMAIN, "--origin", "http://127.0.0.1")
    assert "waiting for DNS" in out and f"{bought.replace('_', '-')}.gateway.test" in out
    GatewayInstance.objects.update(look={"message": "", "certificate": "no_certificate", "origin": ""})
    _, out, err = hanaper("gateway", "show", bought)
    assert "No certificate for it is valid now." in out + err and "no_certificate" not in out + err


@pytest.mark.parametrize(
    "origin",
    [
        "127.0.0.1",
        "ftp://a.example",
        "http://a.example/path",
        "http://a:b",
        "http://u:p@a.example",
        "http://a.example?x",
        "http://a.example#x",
    ],
)
def test_an_origin_that_is_none(run_as: Any, owner: Person, bought: str, origin: str) -> None:
    refused = run_as(owner, "gateway", "add-domain", bought, DOMAIN, "--origin", origin)
    assert refused["field"] == "origin"
    assert GatewayInstance.objects.get().domain == ""


def test_nodes(run_as: Any, administrator: Person, reviewer: Person, node: Any) -> None:
    assert run_as(administrator, "gateway", "nodes", "join-token")["token"].startswith("gwj_")
    listed = run_as(reviewer, "gateway", "nodes", "list")
    assert [one["id"] for one in listed["items"]] == [node.public_id]
    assert run_as(administrator, "gateway", "nodes", "retire", node.public_id)["retired_at"]


def test_the_node_is_a_program_of_its_own(monkeypatch: pytest.MonkeyPatch, hanaper: Any) -> None:
    called: list[list[str]] = []

    def instead(_path: str, arguments: list[str]) -> None:
        called.append(arguments)
        raise SystemExit(0)

    monkeypatch.setattr("os.execv", instead)
    hanaper("gateway", "node", "--server", "https://a.example", "--folder", "x")
    assert json.dumps(called[0][1:]) == json.dumps(
        ["-m", "hanaper.gateway_node", "--server", "https://a.example", "--folder", "x"]
    )


def test_a_certificate_that_comes_by_itself(
    run_as: Any, hanaper: Any, owner: Person, bought: str, at: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    refused = run_as(
        owner, "gateway", "add-domain", bought, DOMAIN, "--origin", "http://127.0.0.1", "--automatic", "quota"
    )
    assert refused["code"] == "contact_missing"
    fields = {"name": "Ada", "email": "ada@example.com"}
    people.create_contact(owner.actor, owner.account, fields=fields, at=at)
    order = buy(owner, SINGLE, at=at)
    (offer,) = run_as(owner, "gateway", "certificates", bought, DOMAIN)["automatic"]
    assert (offer["of"], offer["left"]) == (order.public_id, 1)
    wanted = ("--automatic", "quota", "--by-dns", "--once")
    unfit = ("--template", "server")
    refused = run_as(
        owner, "gateway", "add-domain", bought, DOMAIN, "--origin", "http://127.0.0.1", *wanted, *unfit
    )
    assert refused["code"] == "no_template_needed"
    wanted = (*wanted, "--key-algorithm", "rsa-2048")
    made = run_as(owner, "gateway", "add-domain", bought, DOMAIN, "--origin", "http://127.0.0.1", *wanted)[
        "automatic"
    ]
    assert (made["source"], made["shown_by"], made["renews"]) == ("quota", "dns", False)
    assert made["key_algorithm"] == "rsa-2048"
    services.supply(CertificateWish.objects.get().pk, clock.now(), clock.system_now() + timedelta(days=1))
    monkeypatch.setenv("HANAPER_SERVER", "http://127.0.0.1:20999")
    monkeypatch.setenv("HANAPER_KEY", owner.secret)
    _, _, said = hanaper("gateway", "show", bought)
    assert (
        "comes by itself from quota (rsa-2048): Applied for" in said
        and f"_hanaper-challenge.{DOMAIN}" in said
    )
    assert run_as(owner, "gateway", "certificate", bought, "--automatic", "quota", "--by-dns")["automatic"][
        "renews"
    ]
    assert run_as(owner, "gateway", "retry-certificate", bought)["code"] == "nothing_to_retry"
