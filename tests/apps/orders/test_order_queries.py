"""Lists stay inside the wall and cost the same queries however long they are."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from hanaper.apps.orders import queries
from hanaper.apps.orders.models import Order
from hanaper.core.actor import Actor, ActorKind
from hanaper.core.errors import Forbidden, NotFound
from hanaper.faces.rest.schemas.orders import order_out
from tests.people import Person
from tests.shop import SINGLE, buy, place

DAY = timedelta(days=1)


def test_filters(owner: Person, catalogue: None, at: datetime) -> None:
    unpaid = place(owner, SINGLE, at=at)
    paid = buy(owner, SINGLE, at=at + DAY)
    other = buy(owner, "https-gateway-1m", at=at + 2 * DAY)

    def found(**filters: Any) -> list[Order]:
        return list(queries.orders(owner.actor, **filters).order_by("placed_at"))

    assert found() == [unpaid, paid, other]
    assert found(state="unpaid") == [unpaid]
    assert found(product="ssl_certificate") == [unpaid, paid]
    assert found(placed_after=at + DAY) == [paid, other]
    assert found(placed_before=at + DAY) == [unpaid]
    assert found(origin="renewal") == []


def test_the_wall(
    owner: Person, colleague: Person, reader: Person, stranger: Person, catalogue: None, at: datetime
) -> None:
    order = buy(owner, SINGLE, at=at)
    line = order.lines.get()
    for person in (owner, colleague, reader):
        assert queries.order(person.actor, order.public_id) == order
        assert queries.line(person.actor, line.public_id) == line
        assert list(queries.lines_with_quota(person.actor)) == [line]
    nobody = Actor(kind=ActorKind.CUSTOMER, name="without an account")
    for actor in (stranger.actor, nobody):
        assert list(queries.orders(actor)) == []
        assert list(queries.lines_with_quota(actor)) == []
        with pytest.raises(NotFound):
            queries.order(actor, order.public_id)
        with pytest.raises(NotFound):
            queries.line(actor, line.public_id)


def test_operators_search_across_accounts(
    owner: Person, colleague: Person, stranger: Person, finance: Person, catalogue: None, at: datetime
) -> None:
    ours, theirs = place(owner, SINGLE, at=at), place(stranger, SINGLE, at=at)
    assert owner.account is not None

    def found(search: str = "", **filters: Any) -> set[Order]:
        return set(queries.search_orders(finance.actor, search=search, **filters))

    assert found() == {ours, theirs}
    assert found(ours.public_id) == {ours}
    assert found(owner.account.public_id) == {ours}
    assert found("Colleague@Example.com") == {ours}
    assert found("stranger@example.net") == {theirs}
    assert found("nobody@example.com") == set()
    assert found(account=owner.account.public_id, state="unpaid") == {ours}
    # Two members, one order.
    assert queries.search_orders(finance.actor, search=owner.account.public_id).count() == 1
    with pytest.raises(Forbidden):
        queries.search_orders(owner.actor)


def test_a_longer_list_costs_no_more_queries(owner: Person, catalogue: None, at: datetime) -> None:
    def cost(read: Callable[[], Any]) -> int:
        with CaptureQueriesContext(connection) as counted:
            read()
        return len(counted)

    def read() -> list[Any]:
        return [order_out(order) for order in queries.orders(owner.actor)]

    buy(owner, SINGLE, "chancery-dv-wildcard-1y", at=at)
    first = cost(read)
    for _ in range(4):
        buy(owner, SINGLE, "chancery-dv-wildcard-1y", "chancery-dv-multi-1y", at=at)
    assert cost(read) == first
