"""What a refund does to its order: lock, let go, or end for good (D11, R6, R7)."""

from datetime import datetime

import pytest

from hanaper.apps.audit.models import AuditEntry
from hanaper.apps.gateway.models import GatewayInstance
from hanaper.apps.orders import services
from hanaper.apps.orders.models import QuotaMovement
from hanaper.apps.other_services.models import Subscription
from hanaper.apps.private_ca.models.cas import PrivateCA
from hanaper.core.errors import Refusal
from tests.people import Person
from tests.shop import SINGLE, buy, place

REFERENCE = "rfd_x"


def test_given_up_it_goes_on(owner: Person, catalogue: None, at: datetime) -> None:
    order = buy(owner, SINGLE, at=at)
    services.begin_refund(owner.actor, order, reference=REFERENCE, at=at)
    services.give_up_refund(owner.actor, order, reference=REFERENCE, at=at)
    order = services.give_up_refund(owner.actor, order, reference=REFERENCE, at=at)
    assert (order.state, order.lines.get().quota_available) == ("paid", 1)
    assert AuditEntry.objects.filter(action="order.refund_given_up").count() == 1


def test_finished_it_is_over(owner: Person, catalogue: None, at: datetime) -> None:
    order = buy(owner, (SINGLE, 3), at=at)
    services.begin_refund(owner.actor, order, reference=REFERENCE, at=at)
    services.finish_refund(owner.actor, order, reference=REFERENCE, at=at)
    order = services.finish_refund(owner.actor, order, reference=REFERENCE, at=at)
    assert (order.state, order.refunded_at) == ("refunded", at)
    assert order.lines.get().quota_available == 0
    assert QuotaMovement.objects.get(kind="forfeit").amount == 3
    assert AuditEntry.objects.filter(action="order.refunded").count() == 1


@pytest.mark.parametrize(
    ("code", "table"),
    [
        ("private-root-ca", PrivateCA),
        ("private-intermediate-ca", PrivateCA),
        ("https-gateway-1m", GatewayInstance),
        ("message-1000", Subscription),
    ],
)
def test_what_it_bought_is_refunded_with_it(
    owner: Person, catalogue: None, at: datetime, code: str, table: type[PrivateCA]
) -> None:
    # R7: root and intermediate together
    order = buy(owner, code, at=at)
    services.begin_refund(owner.actor, order, reference=REFERENCE, at=at)
    services.finish_refund(owner.actor, order, reference=REFERENCE, at=at)
    assert {thing.state for thing in table.objects.filter(order=order)} == {"refunded"}


def test_only_a_paid_order_begins(owner: Person, catalogue: None, at: datetime) -> None:
    unpaid, order = place(owner, SINGLE, at=at), buy(owner, SINGLE, at=at)
    with pytest.raises(Refusal) as refused:
        services.begin_refund(owner.actor, unpaid, reference=REFERENCE, at=at)
    assert refused.value.code == "order_not_paid"
    services.begin_refund(owner.actor, order, reference=REFERENCE, at=at)
    with pytest.raises(Refusal) as refused:
        services.begin_refund(owner.actor, order, reference="rfd_y", at=at)
    assert (refused.value.code, refused.value.clause) == ("order_locked", "D11")
    services.finish_refund(owner.actor, order, reference=REFERENCE, at=at)
    for verb in (services.begin_refund, services.give_up_refund):
        with pytest.raises(Refusal):
            verb(owner.actor, order, reference="rfd_z", at=at)
    order.refresh_from_db()
    assert order.state == "refunded"


def test_an_unpaid_order_cannot_be_refunded(owner: Person, catalogue: None, at: datetime) -> None:
    order = place(owner, SINGLE, at=at)
    with pytest.raises(Refusal):
        services.finish_refund(owner.actor, order, reference=REFERENCE, at=at)
    order.refresh_from_db()
    assert order.state == "unpaid"
