"""A site that nodes cannot serve as it is: what its owner, a stranger and operators see of it, and until when."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from hanaper import clock
from hanaper.apps.gateway import services
from hanaper.apps.gateway.models import GatewayInstance, GatewayNode
from hanaper.apps.gateway.problems import problem
from hanaper.core.gateway.wire import LeftOut, Report
from hanaper.faces.status.health import health
from tests.faces.console.gateways import *  # noqa: F403 - its fixtures
from tests.faces.console.gateways import page, text
from tests.people import SETUP, Person

pytestmark = pytest.mark.django_db
SAID = 'nginx: [emerg] cannot load certificate "/var/lib/node/x.pem"'
MESSAGE = "What was changed last is not live"


def tell(node: GatewayNode, *left_out: LeftOut | None, at: Any) -> None:
    said = None if None in left_out else tuple(one for one in left_out if one)
    report = Report(applied=1, settled=1, left_out=said)
    services.report(node, report, at=at, system_at=clock.system_now())


def left(gateway: GatewayInstance, *, earlier: bool = True) -> LeftOut:
    return LeftOut(instance=gateway.public_id, said=SAID, earlier=earlier, since=1_790_000_000)


def test_its_owner_is_told_what_to_do(
    owner: Person, client: Client, active: GatewayInstance, node: GatewayNode, at: Any, run_as: Any
) -> None:
    address = f"/gateways/{active.public_id}"
    assert owner.rest.get(address).json()["problem"] is None
    tell(node, left(active), at=at)
    found = owner.rest.get(address).json()["problem"]
    assert (found["code"], found["nodes"], len(found["next_steps"])) == ("site_left_out", 1, 2)
    assert found["message"].startswith(MESSAGE) and SAID not in str(found)
    assert owner.rest.get("/gateways").json()["items"][0]["problem"] == found
    assert run_as(owner, "gateway", "show", active.public_id)["problem"] == found
    shown = text(client.get(page(owner, "gateway", active.public_id)))
    assert MESSAGE in shown and found["next_steps"][0] in shown and "x.pem" not in shown
    assert "not as set" in text(client.get(page(owner, "gateways")))
    tell(node, left(active, earlier=False), at=at)
    assert "is not served" in owner.rest.get(address).json()["problem"]["message"]

    tell(node, None, at=at)
    assert owner.rest.get(address).json()["problem"], "as it was said before"
    tell(node, at=at)
    assert owner.rest.get(address).json()["problem"] is None
    assert MESSAGE not in text(client.get(page(owner, "gateway", active.public_id)))
    assert "not as set" not in text(client.get(page(owner, "gateways")))


def test_operators_see_what_the_engine_said(
    administrator: Person, active: GatewayInstance, node: GatewayNode, at: Any, run_as: Any
) -> None:
    tell(node, left(active), at=at)
    (seen,) = administrator.rest.get("/operator/gateway-nodes").json()["items"]
    assert seen["left_out"][0]["said"] == SAID and seen["error"] == ""
    (seen,) = run_as(administrator, "gateway", "nodes", "list")["items"]
    assert seen["left_out"][0]["instance"] == active.public_id
    operating = Client()
    operating.force_login(administrator.user)
    shown = text(operating.get(reverse("gateway-nodes", args=["operator"])))
    assert "1 site left out" in shown and active.public_id in shown and "x.pem" in shown
    assert "x.pem" in text(operating.get(reverse("gateway", args=["operator", active.public_id])))
    found, _ = health(clock.system_now())
    assert found["gateway_nodes"] == {"status": "leaving out", "failing": 0, "left_out": 1}


def test_nothing_is_wrong_with_what_is_not_to_be_served(
    owner: Person, active: GatewayInstance, node: GatewayNode, at: Any
) -> None:
    tell(node, left(active), at=at)
    services.retire(SETUP, node, at=at)
    assert problem(active) is None


def test_a_revoked_certificate_is_said_on_every_face(
    owner: Person, client: Client, active: GatewayInstance, run_as: Any
) -> None:
    active.look = {**active.look, "certificate": "certificate_revoked", "revoked_at": "2026-05-01T00:00:00Z"}
    active.save(update_fields=["look"])
    seen = run_as(owner, "gateway", "show", active.public_id)
    assert (seen["problem"]["code"], seen["problem"]["nodes"]) == ("certificate_revoked", None)
    listed = text(client.get(page(owner, "gateways")))
    assert "certificate revoked" in listed
    shown = text(client.get(page(owner, "gateway", active.public_id)))
    assert "browsers that check refuse the site" in shown and "Choose another certificate" in shown
