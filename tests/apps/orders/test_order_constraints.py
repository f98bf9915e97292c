"""What the database itself refuses, should the code ever be wrong."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import DatabaseError, IntegrityError, transaction

from hanaper.apps.catalog.models import Price
from hanaper.apps.orders.models import Order, OrderLine, QuotaMovement
from hanaper.apps.policies.models import PublishedPolicy
from hanaper.apps.policies.services import publish_policy
from tests.people import Person
from tests.shop import SINGLE, buy, place

AT = datetime.fromisoformat("2026-03-02T09:00:00Z")


@pytest.mark.parametrize(
    "columns",
    [
        {"total": 8999},
        {"money": 8999},
        {"discount": 1},
        {"discount": -1, "total": 9001, "money": 9001},
        {"coupon_share": -1, "money": 9001},
        {"voucher_share": 9001, "money": -1},
        {"tax_amount": 9001},
        {"tax_amount": -1},
        {"state": "paid"},
        {"state": "refunded", "paid_at": AT},
        {"state": "refund_in_progress"},
        {"paid_at": AT},
        {"state": "paid", "paid_at": AT - timedelta(seconds=1)},
        {"state": "cancelled"},
        {"state": "cancelled", "cancelled_at": AT},
        {"cancelled_at": AT, "cancelled_because": "customer"},
        {"refunded_at": AT},
        {"years": 0},
        {"years": 4},
    ],
)
def test_orders(owner: Person, catalogue: None, at: datetime, columns: dict[str, Any]) -> None:
    order = place(owner, SINGLE, at=at)
    with pytest.raises(IntegrityError), transaction.atomic():
        Order.objects.filter(pk=order.pk).update(**columns)


@pytest.mark.parametrize(
    "columns",
    [
        {"quantity": 0, "subtotal": 0, "paid_share": 0},
        {"quantity": 2},
        {"subtotal": 8999, "paid_share": 8999},
        {"paid_share": 8999},
        {"voucher_share": -1, "paid_share": 9001},
        {"discount_share": 9001, "paid_share": -1},
        {"tax_amount": -1},
        {"quota_available": -1},
    ],
)
def test_lines(owner: Person, catalogue: None, at: datetime, columns: dict[str, Any]) -> None:
    line = place(owner, SINGLE, at=at).lines.get()
    with pytest.raises(IntegrityError), transaction.atomic():
        OrderLine.objects.filter(pk=line.pk).update(**columns)


def test_a_payment_pays_for_one_order(owner: Person, catalogue: None, at: datetime) -> None:
    first, second = place(owner, SINGLE, at=at), place(owner, SINGLE, at=at)
    with pytest.raises(IntegrityError), transaction.atomic():
        Order.objects.filter(pk=second.pk).update(payment=first.payment)


@pytest.mark.parametrize("table", ["movement", "policy", "price"])
def test_what_is_written_once_stays(
    owner: Person, administrator: Person, catalogue: None, at: datetime, table: str
) -> None:
    buy(owner, SINGLE, at=at)
    publish_policy(administrator.actor, name="2026-03-18", holds_from=at, at=at)
    model = {"movement": QuotaMovement, "policy": PublishedPolicy, "price": Price}[table]
    column = {"movement": "at", "policy": "holds_from", "price": "valid_from"}[table]
    row = model.objects.first()
    assert row is not None
    with pytest.raises(DatabaseError), transaction.atomic():
        model.objects.filter(pk=row.pk).update(**{column: at + timedelta(days=1)})
    with pytest.raises(DatabaseError), transaction.atomic():
        row.delete()
