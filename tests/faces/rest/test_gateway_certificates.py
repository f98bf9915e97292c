"""A gateway's certificate that comes by itself, over REST: said before, wished for, followed, tried again."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest

from hanaper import clock
from hanaper.apps.certificates.models.applications import DomainCheck
from hanaper.apps.certificates.models.certificates import Certificate
from hanaper.apps.gateway import services
from hanaper.apps.gateway.models import CertificateWish, GatewayInstance
from hanaper.apps.orders.models import Order
from tests.fixtures_dns import *  # noqa: F403 - its fixtures
from tests.people import Person
from tests.shop import *  # noqa: F403 - its fixtures
from tests.shop import SINGLE, buy

pytestmark = pytest.mark.django_db
DOMAIN = "www.shop.test"
SITE: dict[str, Any] = {"domain": DOMAIN, "behaviour": {"origins": [{"host": "127.0.0.1"}]}, "automatic": {}}


@pytest.fixture
def at() -> Any:
    return clock.now() - timedelta(minutes=1)


@pytest.fixture
def bought(owner: Person, catalogue: None, name_server: Any, at: Any) -> Iterator[str]:
    buy(owner, "https-gateway-1m", at=at)
    yield GatewayInstance.objects.get().public_id


@pytest.fixture
def quota(owner: Person, bought: str, at: Any) -> Order:
    made = owner.rest.post("/contacts", {"name": "Ada", "email": "ada@example.com"})
    assert made.status_code == 201
    return buy(owner, SINGLE, at=at)


def pursue() -> CertificateWish:
    wish = CertificateWish.objects.get()
    services.supply(wish.pk, clock.now(), clock.system_now() + timedelta(days=1))
    return CertificateWish.objects.get()


def test_what_is_missing_is_said_with_where_to_get_it(owner: Person, bought: str) -> None:
    address = f"/gateways/{bought}/domain"
    refused = owner.rest.post(address, SITE)
    assert (refused.status_code, refused.json()["error"]["code"]) == (422, "contact_missing")
    assert refused.json()["error"]["field"] == "contact"
    owner.rest.post("/contacts", {"name": "Ada", "email": "ada@example.com"})
    refused = owner.rest.post(address, SITE)
    assert (refused.status_code, refused.json()["error"]["code"]) == (409, "no_quota")
    assert "Buy a DV certificate" in refused.json()["error"]["next_steps"][0]
    assert GatewayInstance.objects.get().domain == "" and not CertificateWish.objects.exists()


def test_what_would_be_taken_is_said_before(owner: Person, bought: str, quota: Order) -> None:
    found = owner.rest.get(f"/gateways/{bought}/certificates?domain={DOMAIN}").json()
    (offer,) = found["automatic"]
    assert (offer["source"], offer["of"], offer["left"]) == ("quota", quota.public_id, 1)


def test_from_the_wish_to_the_application(owner: Person, bought: str, quota: Order, name_server: Any) -> None:
    made = owner.rest.post(f"/gateways/{bought}/domain", SITE).json()
    assert (made["certificate"], made["automatic"]["state"], made["automatic"]["renews"]) == (
        None,
        "wanted",
        True,
    )
    pursue()
    assert owner.rest.get(f"/gateways/{bought}").json()["automatic"]["code"] == "waiting_for_dns"
    assert not Certificate.objects.exists()
    name_server.records[DOMAIN, "CNAME"] = [made["cname"] + "."]
    CertificateWish.objects.update(next_at=clock.system_now())
    wish = pursue()
    shown = owner.rest.get(f"/gateways/{bought}").json()["automatic"]
    assert (shown["state"], shown["certificate"]) == ("applied", wish.certificate)
    assert DomainCheck.objects.get().method == "gateway"
    # An order of which something was applied for is not unused any more (R10).
    decision = owner.rest.get(f"/orders/{quota.public_id}/refund-decision").json()["decision"]
    assert decision["verdict"] == "action_needed"
    assert [step["action"] for step in decision["steps"]] == ["withdraw", "cancel_apply"]


def test_by_dns_it_says_which_record_to_set(owner: Person, bought: str, quota: Order) -> None:
    owner.rest.post(f"/gateways/{bought}/domain", {**SITE, "automatic": {"shown_by": "dns"}})
    pursue()
    (record,) = owner.rest.get(f"/gateways/{bought}").json()["automatic"]["records"]
    assert record["name"] == f"_hanaper-challenge.{DOMAIN}" and record["value"]


def test_the_kind_of_key_is_chosen(owner: Person, bought: str, quota: Order) -> None:
    for given, code in (
        ({"key_algorithm": "ed25519"}, "key_not_served"),
        ({"template": "server"}, "no_template_needed"),
    ):
        refused = owner.rest.post(f"/gateways/{bought}/domain", {**SITE, "automatic": given})
        assert (refused.status_code, refused.json()["error"]["code"]) == (422, code)
        assert refused.json()["error"]["field"] == next(iter(given))
    wanted = {"key_algorithm": "rsa-2048", "shown_by": "dns"}
    made = owner.rest.post(f"/gateways/{bought}/domain", {**SITE, "automatic": wanted}).json()["automatic"]
    assert (made["key_algorithm"], made["template"]) == ("rsa-2048", None)
    pursue()
    assert Certificate.objects.get().form["key_algorithm"] == "rsa-2048"


def test_a_failure_is_shown_and_tried_again(
    owner: Person, bought: str, quota: Order, name_server: Any
) -> None:
    made = owner.rest.post(f"/gateways/{bought}/domain", SITE).json()
    name_server.records[DOMAIN, "CNAME"] = [made["cname"] + "."]
    contact = owner.rest.get("/contacts").json()["items"][0]["id"]
    owner.rest.delete(f"/contacts/{contact}")
    pursue()
    shown = owner.rest.get(f"/gateways/{bought}").json()["automatic"]
    assert (shown["state"], shown["code"]) == ("failed", "contact_missing") and shown["next_steps"]
    assert shown["next_try_at"] is not None
    owner.rest.post("/contacts", {"name": "Ada", "email": "ada@example.com"})
    again = owner.rest.post(f"/gateways/{bought}/certificate/retry")
    assert (again.status_code, again.json()["automatic"]["state"]) == (200, "wanted")
    assert pursue().state == "applied"
    assert (
        owner.rest.post(f"/gateways/{bought}/certificate/retry").json()["error"]["code"] == "nothing_to_retry"
    )


def test_one_or_the_other(owner: Person, bought: str, quota: Order) -> None:
    refused = owner.rest.post(f"/gateways/{bought}/domain", {**SITE, "certificate": "crt_x"})
    assert refused.json()["error"]["code"] == "one_of_both"
    for source, code in (("the moon", "unknown_source"), ("pca_none", "private_ca_not_found")):
        refused = owner.rest.post(f"/gateways/{bought}/domain", {**SITE, "automatic": {"source": source}})
        assert refused.json()["error"]["code"] == code
    assert not CertificateWish.objects.exists()
