"""Quota is a list of movements whose sum is on the line, never below zero (SPEC section 6)."""

from datetime import datetime

import pytest
from django.db import IntegrityError, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from hanaper.apps.orders import quota, services
from hanaper.apps.orders.models import Order, OrderLine, QuotaMovement
from hanaper.apps.orders.vocabulary import CHANGES, MovementKind
from hanaper.core.errors import Refusal
from tests.people import Person
from tests.shop import SINGLE, buy, place


@pytest.fixture
def order(owner: Person, catalogue: None, at: datetime) -> Order:
    return buy(owner, (SINGLE, 2), at=at)


@pytest.fixture
def line(order: Order) -> OrderLine:
    return order.lines.get()


def available(line: OrderLine) -> int:
    line.refresh_from_db()
    return line.quota_available


def take(line: OrderLine, reference: str, at: datetime) -> None:
    with transaction.atomic():
        quota.take(line, reference, at)


def test_take_until_it_is_used_up(line: OrderLine, at: datetime) -> None:
    take(line, "crt_a", at)
    take(line, "crt_b", at)
    with pytest.raises(Refusal) as refused:
        take(line, "crt_c", at)
    assert refused.value.code == "quota_used_up"
    assert available(line) == 0
    assert QuotaMovement.objects.filter(kind="take").count() == 2


def test_the_same_certificate_takes_and_gives_back_once(line: OrderLine, at: datetime) -> None:
    take(line, "crt_a", at)
    take(line, "crt_a", at)
    assert available(line) == 1
    quota.restore(line, "crt_a", at)
    quota.restore(line, "crt_a", at)
    assert available(line) == 2
    with pytest.raises(Refusal) as refused:
        quota.restore(line, "crt_never", at)
    assert refused.value.code == "quota_not_taken"


@pytest.mark.parametrize("bars", [True, False])
def test_a_combined_certificate_gives_back_what_went_into_it(
    order: Order, line: OrderLine, at: datetime, bars: bool
) -> None:
    take(line, "crt_a", at)
    take(line, "crt_b", at)
    quota.combine(line, "crt_combined", at, amount=2, bars_refund=bars)
    order.refresh_from_db()
    # R9, D4: for several wildcards and hybrids only, and for good.
    assert (order.combined, available(line)) == (bars, 0)
    quota.restore(line, "crt_combined", at)
    order.refresh_from_db()
    assert (order.combined, available(line)) == (bars, 2)
    with pytest.raises(Refusal):
        quota.restore(line, "crt_a", at)  # it went into the combined one
    assert available(line) == 2


def test_combining_needs_what_was_taken(order: Order, line: OrderLine, at: datetime) -> None:
    take(line, "crt_a", at)
    with pytest.raises(Refusal) as refused:
        quota.combine(line, "crt_combined", at, amount=2, bars_refund=True)
    assert refused.value.code == "quota_not_taken"
    order.refresh_from_db()
    assert not order.combined


def test_a_refund_takes_it_away_for_good(owner: Person, order: Order, line: OrderLine, at: datetime) -> None:
    take(line, "crt_a", at)
    services.begin_refund(owner.actor, order, reference="rfd_x", at=at)
    with pytest.raises(Refusal) as refused:
        take(line, "crt_b", at)
    assert (refused.value.code, refused.value.clause) == ("order_locked", "D11")
    services.finish_refund(owner.actor, order, reference="rfd_x", at=at)
    assert available(line) == 0
    assert quota.restore(line, "crt_a", at) is None
    assert available(line) == 0
    with pytest.raises(Refusal) as refused:
        take(line, "crt_b", at)
    assert refused.value.code == "order_refunded"


def test_an_unpaid_order_gives_nothing(owner: Person, catalogue: None, at: datetime) -> None:
    line = place(owner, SINGLE, at=at).lines.get()
    with pytest.raises(Refusal) as refused:
        take(line, "crt_a", at)
    assert refused.value.code == "order_not_paid"
    assert available(line) == 0


def test_the_database_refuses_less_than_nothing(line: OrderLine, at: datetime) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        OrderLine.objects.filter(pk=line.pk).update(quota_available=-1)
    with pytest.raises(IntegrityError), transaction.atomic():
        QuotaMovement.objects.create(line=line, kind="take", amount=0, reference="crt_a", at=at)
    take(line, "crt_a", at)
    with pytest.raises(IntegrityError), transaction.atomic():
        QuotaMovement.objects.create(line=line, kind="take", amount=1, reference="crt_a", at=at)


steps = st.lists(
    st.tuples(
        st.sampled_from(["take", "restore", "combine", "forfeit"]), st.integers(0, 4), st.integers(1, 3)
    ),
    max_size=20,
)


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps)
def test_whatever_is_done_the_sum_holds(
    order: Order, line: OrderLine, at: datetime, wanted: list[tuple[str, int, int]]
) -> None:
    """The line is always the sum of its movements, never below zero, never more than was bought."""
    with transaction.atomic():
        for verb, number, amount in wanted:
            try:
                with transaction.atomic():
                    if verb == "take":
                        quota.take(line, f"crt_{number}", at)
                    elif verb == "restore":
                        quota.restore(line, f"crt_{number}", at)
                    elif verb == "combine":
                        quota.combine(line, f"crt_{number}", at, amount=amount)
                    else:
                        quota.forfeit(order, f"rfd_{number}", at)
            except Refusal:
                pass
            moved = QuotaMovement.objects.filter(line=line)
            total = sum(CHANGES[MovementKind(row.kind)] * row.amount for row in moved)
            assert 0 <= available(line) == total <= line.quantity
        transaction.set_rollback(True)
