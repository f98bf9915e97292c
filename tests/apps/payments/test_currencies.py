"""The whole way in currencies with none and with three decimals: split by means, paid, given back, verified."""

from datetime import datetime
from typing import Any

import pytest

from hanaper.apps.orders import services as orders
from hanaper.apps.orders.models import Order
from hanaper.apps.payments.services import MeansChoice
from hanaper.apps.payments.vocabulary import Means
from hanaper.apps.refunds.services import request_refund
from tests.apps.payments.conftest import balance, books, details, settle
from tests.fixtures_card import CardProvider
from tests.people import Person
from tests.shop import SINGLE, WILDCARD, give_balance, make_coupon, make_voucher, place

__all__ = ["make_coupon", "make_voucher"]

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.mark.parametrize(("currency", "voucher"), [("JPY", 1001), ("KWD", 1_001)])
def test_what_was_paid_in_money_comes_back_the_way_it_came(
    currency: str,
    voucher: int,
    owner: Person,
    at: datetime,
    card_provider: CardProvider,
    make_voucher: Any,
    make_coupon: Any,
) -> None:
    given = make_voucher(currency=currency, amount=voucher).public_id
    coupon = make_coupon(percent=7).code
    order = place(
        owner, (SINGLE, 3), WILDCARD, at=at, currency=currency, voucher_ids=[given], coupon_code=coupon
    )
    lines = list(order.lines.all())
    assert order.money == sum(line.paid_share for line in lines) > 0
    assert sum(line.subtotal - line.coupon_share for line in lines) == order.money + voucher
    assert sum(line.voucher_share for line in lines) == voucher

    give_balance(owner, 777, at, currency)
    by_card = MeansChoice(Means.CARD, card=details("success"))
    order = orders.pay_order(owner.actor, order, means=[MeansChoice(Means.BALANCE, 777), by_card], at=at)
    assert card_provider.charges()[0]["amount"] == order.money - 777
    assert card_provider.charges()[0]["currency"] == currency

    refund = request_refund(owner.actor, order, at=at)
    assert (refund.amount, refund.currency) == (order.money, currency)
    settle(at)
    assert Order.objects.get(pk=order.pk).state == "refunded"
    assert [one["amount"] for one in card_provider.refunds()] == [order.money - 777]
    assert (balance(owner, currency), balance(owner)) == (777, 0)
    assert books() == []
