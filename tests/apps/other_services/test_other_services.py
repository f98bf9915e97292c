"""Other services are used or not, and once used stay used (R8)."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from hanaper.apps.audit.models import AuditEntry
from hanaper.apps.orders import services as orders
from hanaper.apps.orders.models import Order
from hanaper.apps.other_services import queries
from hanaper.apps.other_services.evidence import service_evidence
from hanaper.apps.other_services.models import Subscription
from hanaper.apps.other_services.services import create_bought, end_refunded, mark_used
from hanaper.apps.other_services.undo import undo_step
from hanaper.core.errors import Forbidden, NotFound, Refusal
from tests.people import Person
from tests.shop import buy


@pytest.fixture
def order(owner: Person, catalogue: None, at: datetime) -> Order:
    return buy(owner, "domain-monitoring-12m", at=at)


@pytest.fixture
def service(order: Order) -> Subscription:
    return Subscription.objects.get(order=order)


def test_used_once_for_all(colleague: Person, order: Order, service: Subscription, at: datetime) -> None:
    assert service_evidence([order], at)[order.pk] == {"service": {"used": False}}
    mark_used(colleague.actor, service, at=at)
    again = mark_used(colleague.actor, service, at=at + timedelta(hours=1))
    assert (again.state, again.used_at) == ("used", at)
    assert service_evidence([order], at)[order.pk] == {"service": {"used": True}}
    assert AuditEntry.objects.filter(action="service.used").count() == 1


def test_locked_and_refunded_it_cannot_be_used(
    owner: Person, order: Order, service: Subscription, at: datetime
) -> None:
    orders.begin_refund(owner.actor, order, reference="rfd_x", at=at)
    with pytest.raises(Refusal) as refused:
        mark_used(owner.actor, service, at=at)
    assert refused.value.code == "order_locked"
    orders.finish_refund(owner.actor, order, reference="rfd_x", at=at)
    with pytest.raises(Refusal) as refused:
        mark_used(owner.actor, service, at=at)
    assert refused.value.code == "order_refunded"
    service.refresh_from_db()
    assert (service.state, service.used_at) == ("refunded", None)


def test_refunded_by_hand_it_stays_used(
    owner: Person, order: Order, service: Subscription, at: datetime
) -> None:
    mark_used(owner.actor, service, at=at)
    with transaction.atomic():
        end_refunded(order, at)
        end_refunded(order, at)
    service.refresh_from_db()
    assert (service.state, service.used_at) == ("refunded", at)
    assert service_evidence([order], at)[order.pk] == {"service": {"used": True}}


def test_nothing_can_be_undone(owner: Person, order: Order, service: Subscription, at: datetime) -> None:
    with pytest.raises(Refusal) as refused:
        undo_step(owner.actor, order, "reset", service.public_id, at)
    assert refused.value.clause == "R8"


def test_fulfilled_once(order: Order, at: datetime) -> None:
    with transaction.atomic():
        create_bought(order, at)
    assert Subscription.objects.count() == 1


def test_the_wall(
    owner: Person, colleague: Person, reader: Person, stranger: Person, service: Subscription, at: datetime
) -> None:
    for person in (owner, colleague, reader):
        assert queries.subscription(person.actor, service.public_id) == service
        assert list(queries.subscriptions(person.actor, state="unused", kind="domain_monitoring")) == [
            service
        ]
    assert list(queries.subscriptions(stranger.actor)) == []
    with pytest.raises(NotFound):
        queries.subscription(stranger.actor, service.public_id)
    with pytest.raises(Forbidden):
        mark_used(reader.actor, service, at=at)
    service.refresh_from_db()
    assert service.state == "unused"


@pytest.mark.parametrize("columns", [{"state": "used"}, {"used_at": datetime(2026, 3, 2).astimezone()}])
def test_the_database_refuses(service: Subscription, columns: dict[str, Any]) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        Subscription.objects.filter(pk=service.pk).update(**columns)
