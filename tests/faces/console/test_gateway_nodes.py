"""Nodes for operators: how each is, a token shown once, one retired."""

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse

from hanaper import clock
from hanaper.apps.gateway import services
from hanaper.apps.gateway.models import GatewayInstance, GatewayNode, JoinToken
from tests.faces.console.gateways import *  # noqa: F403 - its fixtures
from tests.faces.console.gateways import text
from tests.people import Person

pytestmark = pytest.mark.django_db
NODES = reverse("gateway-nodes", args=["operator"])


@pytest.fixture
def operating(administrator: Person) -> Client:
    found = Client()
    found.force_login(administrator.user)
    return found


def test_there_is_none_yet(operating: Client) -> None:
    assert "No node has joined yet" in text(operating.get(NODES))


@pytest.mark.parametrize(
    ("how", "said"),
    [
        ({"applied": 9}, "Up to date"),
        ({"applied": 0}, "Catching up"),
        ({"applied": 9, "error": "nginx: [emerg] no space"}, "nginx: [emerg] no space"),
        ({"applied": 9, "away": True}, "Not heard of"),
        ({"applied": 9, "retired": True}, "Retired"),
    ],
)
def test_it_says_how_each_is(operating: Client, node: GatewayNode, how, said: str, at) -> None:
    away = how.pop("away", False)
    GatewayNode.objects.update(
        seen_at=clock.system_now() - timedelta(minutes=5 if away else 0),
        engine="nginx/1.22.1",
        retired_at=at if how.pop("retired", False) else None,
        **how,
    )
    shown = text(operating.get(NODES))
    assert said in shown and "nginx/1.22.1" in shown and 'hx-trigger="every 5s"' in shown


def test_a_version_is_a_moment(operating: Client, node: GatewayNode) -> None:
    GatewayNode.objects.update(applied=1_796_000_000_000, settled=5)
    shown = text(operating.get(NODES))
    assert "Nov 30, 2026 00:53:20 UTC" in shown and "finishing 5" in shown


def test_a_token_is_shown_once_and_joins(operating: Client, at) -> None:
    answer = operating.post(reverse("make-join-token", args=["operator"]))
    assert answer.status_code == 201 and "--join-file join.token" in text(answer)
    assert "http-equiv" not in text(answer), "it would be gone before it was read"
    services.join(answer.context["token"], "edge-2", at=at, system_at=clock.system_now())
    assert "edge-2" in text(operating.get(NODES)) and JoinToken.objects.count() == 1


def test_one_is_retired_after_the_note(operating: Client, node: GatewayNode) -> None:
    address = reverse("retire-gateway-node", args=["operator", node.public_id])
    assert "otherwise what it counted and did not say is lost" in text(operating.get(address))
    node.refresh_from_db()
    assert node.retired_at is None
    operating.post(address)
    node.refresh_from_db()
    assert node.retired_at is not None


def test_operators_look_at_instances_and_change_nothing(
    operating: Client, finance: Person, active: GatewayInstance, owner: Person
) -> None:
    listed = reverse("gateways", args=["operator"])
    shown = text(operating.get(listed, {"search": active.domain}))
    assert active.public_id in shown and owner.account.name in shown  # type: ignore[union-attr]
    assert "None" not in text(operating.get(listed, {"account": "acc_other"}))
    shown = text(operating.get(reverse("gateway", args=["operator", active.public_id])))
    assert active.cname in shown and "Empty the cache" not in shown and "Look now" not in shown
