"""An unpaid order ends by its customer or by its time, and lets go of what it held."""

from datetime import datetime, timedelta

import pytest

from hanaper.apps.catalog.models import CouponUse, VoucherUse
from hanaper.apps.events.models import Event
from hanaper.apps.orders import services
from hanaper.apps.orders.models import Order
from hanaper.apps.orders.sweep import sweep
from hanaper.core.errors import Forbidden, Refusal
from tests.people import Person
from tests.shop import SINGLE, Make, buy, place

MOMENT = timedelta(microseconds=1)


def test_cancelled_lets_go(owner: Person, make_voucher: Make, make_coupon: Make, at: datetime) -> None:
    voucher, coupon = make_voucher(), make_coupon(uses_allowed=1)
    order = place(owner, SINGLE, at=at, voucher_ids=[voucher.public_id], coupon_code="SPRING")
    order = services.cancel_order(owner.actor, order, at=at)
    voucher.refresh_from_db()
    coupon.refresh_from_db()
    assert (order.state, order.cancelled_at, order.cancelled_because) == ("cancelled", at, "customer")
    assert (voucher.balance, coupon.uses_taken) == (5000, 0)
    assert (VoucherUse.objects.get().state, CouponUse.objects.get().state) == ("released", "released")
    assert order.payment is not None and order.payment.state == "cancelled"
    assert Event.objects.filter(kind="order.cancelled").count() == 1
    # Free again for another order.
    place(owner, SINGLE, at=at, voucher_ids=[voucher.public_id], coupon_code="SPRING")


def test_expires_unpaid_at_its_time_and_not_before(owner: Person, make_voucher: Make, at: datetime) -> None:
    voucher = make_voucher()
    order = place(owner, SINGLE, at=at, voucher_ids=[voucher.public_id])
    assert sweep(order.expires_at - MOMENT, at) == 0
    assert sweep(order.expires_at, at) == 1
    assert sweep(order.expires_at, at) == 0
    order.refresh_from_db()
    voucher.refresh_from_db()
    assert (order.state, order.cancelled_because) == ("cancelled", "expired")
    assert voucher.balance == 5000
    assert Event.objects.filter(kind="order.expired").count() == 1


@pytest.mark.parametrize("state", ["paid", "cancelled", "refund_in_progress", "refunded"])
def test_only_an_unpaid_order_ends(owner: Person, make_voucher: Make, at: datetime, state: str) -> None:
    voucher = make_voucher()
    if state == "cancelled":
        order = place(owner, SINGLE, at=at, voucher_ids=[voucher.public_id])
        services.cancel_order(owner.actor, order, at=at)
    else:
        order = buy(owner, SINGLE, at=at, voucher_ids=[voucher.public_id])
    if state.startswith("refund"):
        services.begin_refund(owner.actor, order, reference="rfd_x", at=at)
    if state == "refunded":
        services.finish_refund(owner.actor, order, reference="rfd_x", at=at)
    voucher.refresh_from_db()
    balance = voucher.balance
    with pytest.raises(Refusal) as refused:
        services.cancel_order(owner.actor, order, at=at)
    assert refused.value.code == "order_not_unpaid"
    assert sweep(order.expires_at + MOMENT, at) == 0
    order.refresh_from_db()
    voucher.refresh_from_db()
    # D6: a voucher that was spent stays spent.
    assert (order.state, voucher.balance) == (state, balance)


def test_a_page_of_overdue_orders_ends_at_once(owner: Person, catalogue: None, at: datetime) -> None:
    for _ in range(3):
        place(owner, SINGLE, at=at)
    place(owner, SINGLE, at=at + timedelta(days=5))
    assert services.expire_unpaid(at + timedelta(days=4)) == 3
    assert Order.objects.filter(state="unpaid").count() == 1


def test_readers_may_not(owner: Person, reader: Person, catalogue: None, at: datetime) -> None:
    order = place(owner, SINGLE, at=at)
    with pytest.raises(Forbidden):
        services.cancel_order(reader.actor, order, at=at)
    order.refresh_from_db()
    assert order.state == "unpaid"
