"""HTTPS Acceleration Gateway in the console: the list, a domain added and pointed, reset (R18, D2, D8)."""

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse

from hanaper import clock
from hanaper.apps.gateway import services
from hanaper.apps.gateway.models import GatewayInstance, GatewayNode
from hanaper.apps.gateway.states import GatewayState
from tests.faces.console.gateways import *  # noqa: F403 - its fixtures
from tests.faces.console.gateways import DOMAIN, Issued, page, text
from tests.people import Person
from tests.shop import buy

pytestmark = pytest.mark.django_db
SITE = {"domain": DOMAIN, "scheme": "http", "host": "127.0.0.1", "port": "8080", "weight": "1"}


def test_empty_it_says_how_to_begin(owner: Person, client: Client) -> None:
    shown = text(client.get(page(owner, "gateways")))
    assert "HTTPS for a site that you have" in shown and "?kind=https_gateway" in shown


def test_the_list_is_filtered_and_offers_what_is_possible(
    owner: Person, client: Client, active: GatewayInstance, at
) -> None:
    empty = GatewayInstance.objects.get(order=buy(owner, "https-gateway-1m", at=at))
    shown = text(client.get(page(owner, "gateways")))
    assert page(owner, "add-gateway-domain", empty.public_id) in shown
    assert page(owner, "reset-gateway", active.public_id) in shown
    assert page(owner, "reset-gateway", empty.public_id) not in shown
    assert page(owner, "add-gateway-domain", active.public_id) not in shown
    for query, there, absent in (
        ({"state": "active"}, active, empty),
        ({"state": "no_domain"}, empty, active),
        ({"search": "shop"}, active, empty),
        ({"search": empty.public_id}, empty, active),
    ):
        shown = text(client.get(page(owner, "gateways"), query))
        assert there.public_id in shown and absent.public_id not in shown, query
    assert "No gateway instance is like that." in text(client.get(page(owner, "gateways"), {"search": "zzz"}))


def test_a_domain_is_added_in_two_steps(
    owner: Person, client: Client, gateway: GatewayInstance, issued: Issued, name_server
) -> None:
    address = page(owner, "add-gateway-domain", gateway.public_id)
    assert "crt_one" not in text(client.get(address))
    assert "crt_one" in text(client.get(address, {"domain": DOMAIN}))
    answer = client.post(address, {**SITE, "certificate": "crt_one"}, follow=True)
    gateway.refresh_from_db()
    assert gateway.state == GatewayState.DOMAIN_ADDED and gateway.certificate == "crt_one"
    assert gateway.behaviour["origins"][0] | {"port": 8080} == gateway.behaviour["origins"][0]
    shown = text(answer)
    assert f'<code id="cname">{gateway.cname}</code>' in shown and 'data-copy="cname"' in shown
    assert f"_hanaper-gateway.{DOMAIN}" in shown and "hx-get" in shown


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"domain": "*.shop.test"}, "domain"),
        ({"domain": ""}, "domain"),
        ({"certificate": "crt_other"}, "certificate"),
        ({"host": ""}, "behaviour.origins"),
        ({"host": "10.0.0.1"}, "behaviour.origins.0"),
        ({"port": "70000"}, "behaviour.origins.0.port"),
        ({"port": "x"}, "behaviour.origins.0.port"),
    ],
)
def test_what_is_wrong_stands_at_its_field(
    owner: Person, client: Client, gateway: GatewayInstance, issued: Issued, name_server, wrong, field
) -> None:
    answer = client.post(page(owner, "add-gateway-domain", gateway.public_id), {**SITE, **wrong})
    assert answer.status_code == 422 and set(answer.context["faults"]) == {field}
    assert f'id="{field}-fault"' in text(answer)
    gateway.refresh_from_db()
    assert gateway.state == GatewayState.NO_DOMAIN and not gateway.domain


def test_without_a_certificate_it_says_where_to_get_one(
    owner: Person, client: Client, gateway: GatewayInstance, issued: Issued
) -> None:
    address = page(owner, "add-gateway-domain", gateway.public_id)
    shown = text(client.get(address, {"domain": "www.other.test"}))
    assert "No certificate of this account is for www.other.test" in shown
    assert page(owner, "choose-issuing-ca") in shown


def test_it_says_what_dns_said_until_it_leads_here(
    owner: Person, client: Client, added: GatewayInstance, name_server, at
) -> None:
    address = page(owner, "gateway", added.public_id)
    name_server.records[DOMAIN, "CNAME"] = ["elsewhere.example."]
    services.look(added.pk, at, clock.system_now())
    shown = text(client.get(address))
    assert f"{DOMAIN} leads to elsewhere.example, not to {added.cname}." in shown
    assert "does not lead here" in shown and 'hx-trigger="every 3s"' in shown
    assert "http-equiv" not in shown and "Look again" in shown, (
        "a form is not emptied while somebody fills it"
    )
    name_server.records[DOMAIN, "CNAME"] = [added.cname + "."]
    services.look(added.pk, at, clock.system_now())
    shown = text(client.get(address))
    assert "leads here" in shown and "Empty the cache" in shown and 'hx-trigger="every 3s"' not in shown


def test_another_look_another_certificate_an_empty_cache(
    owner: Person, client: Client, active: GatewayInstance, issued: Issued, at
) -> None:
    client.post(page(owner, "look-at-gateway", active.public_id))
    client.post(page(owner, "purge-gateway", active.public_id))
    active.refresh_from_db()
    assert active.epoch == 1 and active.look_due_at is not None
    purge = page(owner, "purge-gateway", active.public_id)
    wrong = client.post(purge, {"address": "https://elsewhere.test/x"})
    assert wrong.status_code == 422 and set(wrong.context["faults"]) == {"address"}
    client.post(purge, {"address": f"https://{DOMAIN}/static/app.js"})
    assert "<code>/static/app.js</code>" in text(client.get(page(owner, "gateway", active.public_id)))
    change = page(owner, "gateway-certificate", active.public_id)
    assert client.post(change, {"certificate": "crt_other"}).status_code == 422
    issued.put(owner.account.pk, "crt_two", DOMAIN, until=at + timedelta(days=200))  # type: ignore[union-attr]
    assert "crt_two" in text(client.get(page(owner, "gateway", active.public_id)))
    client.post(change, {"certificate": "crt_two"})
    active.refresh_from_db()
    assert active.certificate == "crt_two"


def test_an_origin_that_nodes_find_unwell_is_said(
    owner: Person, client: Client, active: GatewayInstance, node
) -> None:
    server = active.servers[0]
    said = {"instance": active.public_id, "address": server["address"], "port": server["port"]}
    problem = "It answered with 503 instead of 200."
    GatewayNode.objects.update(unwell=[{**said, "problem": problem, "since": 1_790_000_000}])
    shown = text(client.get(page(owner, "gateway", active.public_id)))
    assert "unwell" in shown and problem in shown and "Found by one node, since <time" in shown
    chinese = client.get(page(owner, "gateway", active.public_id), headers={"Accept-Language": "zh-CN"})
    assert "其应答为 503，而非 200。" in text(chinese)


def test_reset_in_two_steps(owner: Person, client: Client, active: GatewayInstance) -> None:
    """R18: the warning, then OK; what was not read is not confirmed, and changes nothing."""
    address = page(owner, "reset-gateway", active.public_id)
    shown = client.get(address)
    assert f"Resetting takes {DOMAIN} off this instance" in text(shown) and "R18" in text(shown)
    refused = client.post(address, {"confirmation": "x"})
    assert refused.status_code == 422
    active.refresh_from_db()
    assert active.state == GatewayState.ACTIVE and active.resetting_since is None
    client.post(address, {"confirmation": shown.context["warned"].token})
    active.refresh_from_db()
    assert active.state == GatewayState.NO_DOMAIN and active.reset_at is not None
    again = client.get(address)
    assert again.status_code == 409 and "Only an instance with a domain can be reset." in text(again)
    shown = text(client.get(page(owner, "gateway", active.public_id)))
    assert "It was last reset" in shown and "Refundable now" in shown


def test_a_reset_that_waits_for_a_node_says_so(
    owner: Person, reviewer: Person, client: Client, active: GatewayInstance, node: GatewayNode
) -> None:
    """The owner how many, an operator which."""
    address = page(owner, "reset-gateway", active.public_id)
    client.post(address, {"confirmation": client.get(address).context["warned"].token})
    waits = "1 of 1 nodes have not answered yet"
    shown = text(client.get(page(owner, "gateway", active.public_id)))
    assert f"{waits}, since" in shown and node.public_id not in shown
    assert "goes on by itself: 1 of 1 nodes" in text(
        client.get(page(owner, "refund-application", active.order.public_id))
    )
    client.force_login(reviewer.user)
    shown = text(client.get(reverse("gateway", args=["operator", active.public_id])))
    assert waits in shown and node.public_id in shown


def test_consumption_bars_the_refund_and_the_page_says_so(
    owner: Person, client: Client, active: GatewayInstance
) -> None:
    GatewayInstance.objects.filter(pk=active.pk).update(visits=1, grcq_used=1, bytes_out=100)
    for name in ("gateway", "reset-gateway"):
        shown = text(client.get(page(owner, name, active.public_id)))
        assert "Some of the gateway" in shown, name
    assert "refundable if reset" not in text(client.get(page(owner, "gateways")))


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"grcq_used": 720}, "80 % of the quota is used."),
        ({"grcq_used": 860}, "95 % of the quota is used."),
        ({"state": GatewayState.QUOTA_EXHAUSTED, "grcq_used": 900}, "Visitors are served on."),
        ({"state": GatewayState.EXPIRED}, "nothing is served any more"),
        ({"state": GatewayState.REFUNDED}, "no domain can be added to it any more"),
    ],
)
def test_every_state_says_what_it_means(
    owner: Person, client: Client, active: GatewayInstance, fields: dict[str, object], said: str
) -> None:
    GatewayInstance.objects.filter(pk=active.pk).update(**fields)
    assert said in text(client.get(page(owner, "gateway", active.public_id)))


def test_while_nodes_finish_a_reset_it_says_so(
    owner: Person, client: Client, active: GatewayInstance, node, at
) -> None:
    address = page(owner, "reset-gateway", active.public_id)
    client.post(address, {"confirmation": client.get(address).context["warned"].token})
    shown = text(client.get(page(owner, "gateway", active.public_id)))
    assert "Being reset" in shown and "the nodes are saying what they counted" in shown
    assert page(owner, "purge-gateway", active.public_id) not in shown and 'hx-trigger="every 3s"' in shown


def test_search_finds_it_by_domain_and_id(owner: Person, client: Client, active: GatewayInstance) -> None:
    found = client.get(page(owner, "search"), {"q": active.public_id})
    assert found["Location"] == page(owner, "gateway", active.public_id)
    assert page(owner, "gateway", active.public_id) in text(
        client.get(page(owner, "search"), {"q": "shop.test"})
    )
