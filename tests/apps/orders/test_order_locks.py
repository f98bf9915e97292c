"""The order's row is locked first, in pk order, and only inside a transaction."""

from datetime import datetime

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from hanaper.apps.orders import services
from hanaper.apps.orders.locks import lock_order, lock_orders, refuse_if_locked, refuse_unless_paid
from hanaper.apps.orders.models import Order
from hanaper.apps.orders.moves import move
from hanaper.apps.orders.vocabulary import MOVES, OrderState
from hanaper.core.errors import NotFound, Refusal
from tests.people import Person
from tests.shop import SINGLE, buy, place


@pytest.mark.django_db(transaction=True)
def test_outside_a_transaction_nothing_is_locked(owner: Person, catalogue: None, at: datetime) -> None:
    order = place(owner, SINGLE, at=at)
    with pytest.raises(RuntimeError):
        lock_order(order.pk)


def test_several_in_pk_order_by_one_query(owner: Person, catalogue: None, at: datetime) -> None:
    first, second = place(owner, SINGLE, at=at), place(owner, SINGLE, at=at)
    with transaction.atomic(), CaptureQueriesContext(connection) as queries:
        assert lock_orders([second.pk, first.pk, second.pk]) == [first, second]
    assert sum("orders_order" in query["sql"] for query in queries) == 1


def test_what_does_not_exist(db: None) -> None:
    with transaction.atomic(), pytest.raises(NotFound):
        lock_orders([12345])


def test_refusals_by_state(owner: Person, catalogue: None, at: datetime) -> None:
    order = place(owner, SINGLE, at=at)
    with pytest.raises(Refusal) as refused:
        refuse_unless_paid(order)
    assert refused.value.code == "order_not_paid"
    paid = buy(owner, SINGLE, at=at)
    refuse_if_locked(paid)
    refuse_unless_paid(paid)
    locked = services.begin_refund(owner.actor, paid, reference="rfd_x", at=at)
    for refuse in (refuse_if_locked, refuse_unless_paid):
        with pytest.raises(Refusal) as refused:
            refuse(locked)
        assert (refused.value.code, refused.value.clause) == ("order_locked", "D11")
    refunded = services.finish_refund(owner.actor, locked, reference="rfd_x", at=at)
    refuse_if_locked(refunded)
    with pytest.raises(Refusal) as refused:
        refuse_unless_paid(refunded)
    assert refused.value.code == "order_refunded"


@pytest.mark.parametrize("state", list(OrderState))
@pytest.mark.parametrize("to", list(OrderState))
def test_only_moves_of_the_table(
    owner: Person, catalogue: None, at: datetime, state: OrderState, to: OrderState
) -> None:
    order = place(owner, SINGLE, at=at)
    columns = {
        OrderState.UNPAID: {},
        OrderState.PAID: {"paid_at": at},
        OrderState.REFUND_IN_PROGRESS: {"paid_at": at},
        OrderState.CANCELLED: {"cancelled_at": at, "cancelled_because": "customer"},
        OrderState.REFUNDED: {"paid_at": at, "refunded_at": at},
    }
    Order.objects.filter(pk=order.pk).update(state=state, **columns[state])
    order.refresh_from_db()
    if to in MOVES[state]:
        move(order, to, **columns[to])
        assert order.state == to
    else:
        with pytest.raises(Refusal) as refused:
            move(order, to, **columns[to])
        assert refused.value.code == "order_state"
        order.refresh_from_db()
        assert order.state == state


def test_somebody_faster(owner: Person, catalogue: None, at: datetime) -> None:
    order = place(owner, SINGLE, at=at)
    stale = Order.objects.get(pk=order.pk)
    move(order, OrderState.CANCELLED, cancelled_at=at, cancelled_because="customer")
    with pytest.raises(Refusal):
        move(stale, OrderState.PAID, paid_at=at)
    order.refresh_from_db()
    assert order.state == "cancelled"
