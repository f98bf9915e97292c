"""Paying fulfils what was bought, once, in the same transaction as the money."""

from datetime import datetime, timedelta

import pytest

from hanaper.apps.audit.models import AuditEntry
from hanaper.apps.catalog.models import CouponUse, VoucherUse
from hanaper.apps.events.models import Event
from hanaper.apps.gateway.models import GatewayInstance
from hanaper.apps.ledger.models import CustomerBalance
from hanaper.apps.orders import services
from hanaper.apps.orders.models import Order, QuotaMovement
from hanaper.apps.orders.products import Product, product_for
from hanaper.apps.other_services.models import Subscription
from hanaper.apps.payments.services import MeansChoice
from hanaper.apps.payments.vocabulary import Means
from hanaper.apps.private_ca.models.cas import PrivateCA
from hanaper.core.errors import Forbidden, Refusal
from tests.people import Person
from tests.shop import SINGLE, WILDCARD, Make, buy, give_balance, pay_by_balance, place

BALANCE = [MeansChoice(Means.BALANCE)]


def test_certificates_give_quota(owner: Person, catalogue: None, at: datetime) -> None:
    order = buy(owner, (SINGLE, 3), WILDCARD, at=at)
    assert (order.state, order.paid_at) == ("paid", at)
    assert [line.quota_available for line in order.lines.order_by("position")] == [3, 1]
    assert QuotaMovement.objects.filter(kind="grant", reference=order.public_id).count() == 2
    assert Event.objects.filter(kind="order.paid", subject=order.public_id).count() == 1
    assert AuditEntry.objects.filter(action="order.paid", target=order.public_id).count() == 1


@pytest.mark.parametrize("years", [2, 3])
def test_several_years_of_one_are_one_quota(owner: Person, catalogue: None, at: datetime, years: int) -> None:
    order = buy(owner, (f"chancery-ov-single-{years}y", 2), at=at)
    assert (order.years, order.lines.get().quota_available) == (years, 2)


def test_a_root_brings_one_intermediate(owner: Person, catalogue: None, at: datetime) -> None:
    order = buy(owner, "private-root-ca", at=at)
    root, intermediate = PrivateCA.objects.filter(order=order).order_by("pk")
    assert (root.kind, intermediate.kind, intermediate.parent) == ("root", "intermediate", root)
    assert {root.state, intermediate.state} == {"not_enabled"}


def test_an_intermediate_bought_apart_stands_alone(owner: Person, catalogue: None, at: datetime) -> None:
    order = buy(owner, "private-intermediate-ca", at=at)
    only = PrivateCA.objects.get(order=order)
    assert (only.kind, only.parent) == ("intermediate", None)


@pytest.mark.parametrize(("months", "grcq"), [(1, 300), (12, 4000), (36, 12_000)])
def test_a_gateway_has_no_domain_and_its_grcq(
    owner: Person, catalogue: None, at: datetime, months: int, grcq: int
) -> None:
    order = buy(owner, f"https-gateway-{months}m", at=at)
    gateway = GatewayInstance.objects.get(order=order)
    assert (gateway.state, gateway.domain, gateway.term_months) == ("no_domain", "", months)
    assert (gateway.grcq_included, gateway.grcq_used) == (grcq, 0)


@pytest.mark.parametrize("code", ["domain-monitoring-12m", "message-1000"])
def test_any_other_service_is_unused(owner: Person, catalogue: None, at: datetime, code: str) -> None:
    service = Subscription.objects.get(order=buy(owner, code, at=at))
    assert (service.state, service.product.code) == ("unused", code)


def test_what_the_order_held_is_spent(
    owner: Person, make_voucher: Make, make_coupon: Make, at: datetime
) -> None:
    voucher = make_voucher()
    make_coupon()
    order = buy(owner, SINGLE, at=at, voucher_ids=[voucher.public_id], coupon_code="SPRING")
    assert order.payment is not None
    parts = list(order.payment.parts.order_by("position").values_list("means", "captured"))
    assert parts == [("coupon", 900), ("voucher", 5000), ("balance", 3100)]
    assert (VoucherUse.objects.get().state, CouponUse.objects.get().state) == ("spent", "spent")


def test_told_twice_is_done_once(owner: Person, catalogue: None, at: datetime) -> None:
    order = buy(owner, SINGLE, at=at)
    assert order.payment is not None
    services.mark_paid(order.payment, at + timedelta(hours=1))
    order.refresh_from_db()
    assert (order.paid_at, order.lines.get().quota_available) == (at, 1)
    assert Event.objects.filter(kind="order.paid").count() == 1


def test_what_cannot_be_given_is_not_paid(
    owner: Person, catalogue: None, at: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The money and what is given for it stand or fall together."""
    real = product_for("https_gateway")

    def broken(order: Order, at: datetime) -> None:
        raise RuntimeError("the lights went out")

    products = Product(real.kinds, broken, real.evidence, real.undo, real.refunded)
    order = place(owner, "https-gateway-1m", at=at)
    give_balance(owner, order.money, at)
    monkeypatch.setattr(services.paying, "product_for", lambda kind: products)
    with pytest.raises(RuntimeError):
        services.pay_order(owner.actor, order, means=BALANCE, at=at)
    order.refresh_from_db()
    assert (order.state, order.paid_at) == ("unpaid", None)
    assert CustomerBalance.objects.get().amount == order.money
    assert GatewayInstance.objects.count() == 0


@pytest.mark.parametrize("how", ["paid", "cancelled", "too late"])
def test_only_a_living_unpaid_order_is_paid(owner: Person, catalogue: None, at: datetime, how: str) -> None:
    order = place(owner, SINGLE, at=at)
    when, code = at, "order_not_unpaid"
    if how == "paid":
        pay_by_balance(owner, order, at)
    elif how == "cancelled":
        services.cancel_order(owner.actor, order, at=at)
    else:
        when, code = order.expires_at, "order_expired"
    give_balance(owner, 9000, at)
    with pytest.raises(Refusal) as refused:
        services.pay_order(owner.actor, order, means=BALANCE, at=when)
    assert refused.value.code == code
    assert CustomerBalance.objects.get().amount == 9000


def test_the_last_moment_counts(owner: Person, catalogue: None, at: datetime) -> None:
    order = place(owner, SINGLE, at=at)
    last = order.expires_at - timedelta(microseconds=1)
    assert pay_by_balance(owner, order, last).paid_at == last


def test_readers_may_not(reader: Person, owner: Person, catalogue: None, at: datetime) -> None:
    order = place(owner, SINGLE, at=at)
    with pytest.raises(Forbidden):
        services.pay_order(reader.actor, order, means=BALANCE, at=at)


def test_a_receipt_lists_what_was_captured(owner: Person, make_voucher: Make, at: datetime) -> None:
    voucher = make_voucher()
    order = place(owner, SINGLE, at=at, voucher_ids=[voucher.public_id])
    with pytest.raises(Refusal) as refused:
        services.receipt_of(owner.actor, order)
    assert refused.value.code == "order_not_paid"
    receipt = services.receipt_of(owner.actor, pay_by_balance(owner, order, at))
    assert [(part.means, part.captured) for part in receipt.parts] == [("voucher", 5000), ("balance", 4000)]
