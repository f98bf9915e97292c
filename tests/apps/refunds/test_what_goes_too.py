"""A plan names the sites that lose their certificate, or are not served any more, before it is confirmed."""

from datetime import datetime
from pathlib import Path

import pytest

from hanaper import clock
from hanaper.apps.gateway.models import GatewayInstance
from hanaper.apps.orders.models import Order
from hanaper.apps.private_ca import in_use
from hanaper.apps.private_ca import services as private_ca
from hanaper.apps.private_ca.models.cas import PrivateCA
from hanaper.apps.refunds.services import confirm_plan, prepare_plan
from tests.apps.private_ca.certificates import refused
from tests.apps.private_ca.conftest import enable
from tests.fixtures_authority import *  # noqa: F403 - its fixtures
from tests.people import Person
from tests.shop import buy

pytestmark = pytest.mark.django_db


@pytest.fixture
def at() -> datetime:
    """REST reads the clock."""
    return clock.now()


@pytest.fixture
def order(owner: Person, catalogue: None, published: Path, at: datetime) -> Order:
    """Of a root and its intermediate, both enabled."""
    bought = buy(owner, "private-root-ca", at=at)
    for ca in PrivateCA.objects.filter(order=bought).order_by("pk"):
        enable(owner, ca, at)
    return bought


@pytest.fixture
def gateway(owner: Person, catalogue: None, at: datetime) -> GatewayInstance:
    return GatewayInstance.objects.get(order=buy(owner, "https-gateway-3m", at=at))


def fed(owner: Person, gateway: GatewayInstance, order: Order, domain: str, at: datetime) -> None:
    """The gateway serves a site with a certificate of the order's intermediate."""
    working = PrivateCA.objects.get(order=order, kind="intermediate")
    made = private_ca.issue(
        owner.actor, working, private_ca.Request("server", names={"dns": [domain]}), at=at
    )
    GatewayInstance.objects.filter(pk=gateway.pk).update(
        domain=domain, state="active", certificate=made.public_id
    )


def test_the_sites_of_a_private_ca_are_named(
    owner: Person, order: Order, gateway: GatewayInstance, at: datetime
) -> None:
    fed(owner, gateway, order, "shop.example.com", at)
    made = owner.rest.post(f"/orders/{order.public_id}/refund-plan", {}).json()
    notes = {step["target"]: step["note"] for step in made["steps"]}
    working, root = (
        PrivateCA.objects.get(order=order, kind=kind).public_id for kind in ("intermediate", "root")
    )
    assert "with certificates from it: 1 (shop.example.com). Browsers that check refuse" in notes[working]
    assert "cannot be undone" in notes[working] and "shop.example.com" not in notes[root]


def test_a_site_that_came_since_is_shown_before_anything_is_done(
    owner: Person, order: Order, gateway: GatewayInstance, at: datetime
) -> None:
    plan = prepare_plan(owner.actor, order, at=at)
    fed(owner, gateway, order, "late.example.com", at)
    refused("plan_changed", lambda: confirm_plan(owner.actor, plan, token=plan.token, accept=True, at=at))
    again = prepare_plan(owner.actor, order, at=at)
    assert any("late.example.com" in step.note for step in again.steps.all())
    assert confirm_plan(owner.actor, again, token=again.token, accept=True, at=at).state == "running"


def test_the_site_of_a_gateway_is_named(owner: Person, gateway: GatewayInstance, at: datetime) -> None:
    GatewayInstance.objects.filter(pk=gateway.pk).update(domain="shop.example.com", state="active")
    plan = prepare_plan(owner.actor, gateway.order, at=at)
    (step,) = plan.steps.all()
    assert step.action == "reset" and "The site shop.example.com is not served any more" in step.note


def test_no_site_of_another_account_is_named(
    owner: Person, stranger: Person, order: Order, at: datetime
) -> None:
    theirs = GatewayInstance.objects.get(order=buy(stranger, "https-gateway-3m", at=at))
    fed(owner, theirs, order, "theirs.example.com", at)
    working = PrivateCA.objects.get(order=order, kind="intermediate")
    assert in_use.told_of_sites(working) == ""
