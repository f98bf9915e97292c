"""Gateway instances: what a decision is told of them, and how they end."""

from datetime import datetime
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from hanaper.apps.gateway import queries
from hanaper.apps.gateway.evidence import gateway_evidence
from hanaper.apps.gateway.models import GatewayInstance
from hanaper.apps.gateway.services import create_bought, end_refunded
from hanaper.apps.gateway.states import GatewayState
from hanaper.apps.gateway.undo import undo_step
from hanaper.apps.orders.models import Order
from hanaper.apps.orders.products import StepState
from hanaper.core.errors import NotFound, Refusal
from tests.people import Person
from tests.shop import place


def told(order: Order, at: datetime) -> Any:
    return gateway_evidence([order], at)[order.pk]["gateway"]


def test_unused(order: Order, gateway: GatewayInstance, at: datetime) -> None:
    assert told(order, at) == {
        "id": gateway.public_id,
        "domains": 0,
        "visits": 0,
        "bytes_out": 0,
        "grcq_included": 900,
        "grcq_used": 0,
        "reset_at": None,
    }


def test_consumption_survives_a_reset(order: Order, at: datetime) -> None:
    # D8
    GatewayInstance.objects.update(domain="example.com", state="active", visits=1, bytes_out=2, grcq_used=1)
    assert (told(order, at)["domains"], told(order, at)["visits"]) == (1, 1)
    GatewayInstance.objects.update(domain="", state="no_domain", reset_at=at)
    now = told(order, at)
    assert (now["domains"], now["visits"], now["bytes_out"], now["grcq_used"]) == (0, 1, 2, 1)
    assert now["reset_at"] == "2026-03-02T09:00:00Z"


def test_unpaid_there_is_none_yet(owner: Person, catalogue: None, at: datetime) -> None:
    unpaid = told(place(owner, "https-gateway-6m", at=at), at)
    assert (unpaid["domains"], unpaid["grcq_included"]) == (0, 1800)


@pytest.mark.parametrize("state", list(GatewayState))
def test_refunded_from_every_state(order: Order, state: str, at: datetime) -> None:
    GatewayInstance.objects.update(state=state)
    with transaction.atomic():
        end_refunded(order, at)
        end_refunded(order, at)
    assert GatewayInstance.objects.get().state == "refunded"


def test_fulfilled_once(order: Order, at: datetime) -> None:
    with transaction.atomic():
        create_bought(order, at)
    assert GatewayInstance.objects.count() == 1


def test_undo(owner: Person, stranger: Person, order: Order, gateway: GatewayInstance, at: datetime) -> None:
    assert (
        undo_step(owner.actor, order, "reset", gateway.public_id, at).state is StepState.DONE
    )  # nothing there
    with pytest.raises(Refusal):
        undo_step(owner.actor, order, "cancel", gateway.public_id, at)
    with pytest.raises(NotFound):
        undo_step(stranger.actor, order, "reset", gateway.public_id, at)


def test_the_wall(
    owner: Person, colleague: Person, reader: Person, stranger: Person, gateway: GatewayInstance
) -> None:
    for person in (owner, colleague, reader):
        assert queries.gateway(person.actor, gateway.public_id) == gateway
        assert list(queries.gateways(person.actor, state="no_domain")) == [gateway]
    assert list(queries.gateways(stranger.actor)) == []
    with pytest.raises(NotFound):
        queries.gateway(stranger.actor, gateway.public_id)


@pytest.mark.parametrize(
    "columns",
    [
        {"grcq_included": 0},
        {"domain": "example.com"},
        {"state": "active", "domain": "example.com", "reset_at": datetime(2026, 3, 2).astimezone()},
    ],
)
def test_the_database_refuses(gateway: GatewayInstance, columns: dict[str, Any]) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        GatewayInstance.objects.filter(pk=gateway.pk).update(**columns)
