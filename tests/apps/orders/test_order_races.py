"""Two at once, on a database that really lets them (PostgreSQL): one wins, the other changes nothing."""

import threading
from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest
from django.db import connection, transaction

from hanaper.apps.catalog.models import Coupon, CouponUse, Voucher, VoucherUse
from hanaper.apps.ledger.models import CustomerBalance
from hanaper.apps.orders import quota
from hanaper.apps.orders import services as order_services
from hanaper.apps.orders.models import Order, OrderLine, QuotaMovement
from hanaper.apps.payments.services import MeansChoice
from hanaper.apps.payments.vocabulary import Means
from hanaper.core.errors import Refusal
from tests.people import Person
from tests.shop import SINGLE, Make, buy, give_balance, place

pytestmark = [pytest.mark.postgres, pytest.mark.django_db(transaction=True)]

RIVALS = 6


def at_once(*verbs: Callable[[], object]) -> list[str]:
    """Run every verb in a thread of its own, together; each says `done` or its refusal."""
    barrier, said = threading.Barrier(len(verbs)), ["?"] * len(verbs)

    def run(index: int, verb: Callable[[], object]) -> None:
        try:
            barrier.wait()
            verb()
            said[index] = "done"
        except Refusal as refusal:
            said[index] = refusal.code
        except Exception as error:
            said[index] = repr(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=pair) for pair in enumerate(verbs)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return said


def test_one_voucher_for_many_orders(owner: Person, make_voucher: Make, at: datetime) -> None:
    voucher = make_voucher(amount=5000)
    said = at_once(*[lambda: place(owner, SINGLE, at=at, voucher_ids=[voucher.public_id])] * RIVALS)
    assert sorted(said) == ["done", *["voucher_used_up"] * (RIVALS - 1)]
    assert Voucher.objects.get().balance == 0
    assert Order.objects.count() == VoucherUse.objects.count() == 1


def test_two_vouchers_in_either_order(owner: Person, make_voucher: Make, at: datetime) -> None:
    first, second = make_voucher(amount=100).public_id, make_voucher(amount=100).public_id
    said = at_once(
        lambda: place(owner, SINGLE, at=at, voucher_ids=[first, second]),
        lambda: place(owner, SINGLE, at=at, voucher_ids=[second, first]),
    )
    assert sorted(said) == ["done", "voucher_used_up"]


@pytest.mark.parametrize("limit", ["uses_allowed", "uses_per_account"])
def test_the_last_use_of_a_coupon(owner: Person, make_coupon: Make, at: datetime, limit: str) -> None:
    make_coupon(**{limit: 2})
    said = at_once(*[lambda: place(owner, SINGLE, at=at, coupon_code="SPRING")] * RIVALS)
    assert said.count("done") == 2
    assert len(set(said)) == 2
    assert Coupon.objects.get().uses_taken == CouponUse.objects.count() == 2


def test_the_last_quota(owner: Person, catalogue: None, at: datetime) -> None:
    line = buy(owner, (SINGLE, 2), at=at).lines.get()

    def take(number: int) -> Any:
        with transaction.atomic():
            return quota.take(line, f"crt_{number}", at)

    said = at_once(*[lambda number=number: take(number) for number in range(RIVALS)])
    assert sorted(said) == ["done"] * 2 + ["quota_used_up"] * (RIVALS - 2)
    assert OrderLine.objects.get().quota_available == 0
    assert QuotaMovement.objects.filter(kind="take").count() == 2


def test_pay_and_cancel(owner: Person, catalogue: None, at: datetime) -> None:
    """Whoever comes first; the money is either spent or where it was."""
    for _ in range(5):
        order = place(owner, SINGLE, at=at)
        give_balance(owner, 9000, at)
        before = CustomerBalance.objects.get().amount
        said = at_once(
            lambda order=order: order_services.pay_order(
                owner.actor, order, means=[MeansChoice(Means.BALANCE)], at=at
            ),
            lambda order=order: order_services.cancel_order(
                owner.actor, Order.objects.get(pk=order.pk), at=at
            ),
        )
        order.refresh_from_db()
        after = CustomerBalance.objects.get().amount
        assert said.count("done") == 1, said
        assert (order.state, before - after) in (("paid", 9000), ("cancelled", 0))


def test_two_refunds_begin(owner: Person, catalogue: None, at: datetime) -> None:
    order = buy(owner, SINGLE, at=at)

    def begin(number: int) -> Any:
        with transaction.atomic():
            return order_services.begin_refund(owner.actor, order, reference=f"rfd_{number}", at=at)

    said = at_once(*[lambda number=number: begin(number) for number in range(RIVALS)])
    assert sorted(said) == ["done", *["order_locked"] * (RIVALS - 1)]


def test_a_refund_and_the_use_of_quota(owner: Person, catalogue: None, at: datetime) -> None:
    """D11: either the certificate has its quota before the refund begins, or it gets none."""
    for number in range(5):
        order = buy(owner, SINGLE, at=at)
        line = order.lines.get()

        def refund(order: Order = order) -> None:
            with transaction.atomic():
                order_services.begin_refund(owner.actor, order, reference="rfd_x", at=at)

        def take(line: OrderLine = line, number: int = number) -> None:
            with transaction.atomic():
                quota.take(line, f"crt_{number}", at)

        said = at_once(refund, take)
        assert said[0] == "done"
        assert said[1] in ("done", "order_locked")
        line.refresh_from_db()
        assert line.quota_available == (0 if said[1] == "done" else 1)
