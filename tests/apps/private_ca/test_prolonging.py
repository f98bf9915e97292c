"""Renewing the subscription of private CAs: a longer term, more quota, and what a refund takes back."""

from datetime import datetime, timedelta

import pytest
from django.db import transaction

from hanaper import clock
from hanaper.apps.orders.models import Order
from hanaper.apps.private_ca import services
from hanaper.apps.private_ca.models.cas import PrivateCA, Prolongation
from hanaper.apps.private_ca.services import end_refunded
from hanaper.apps.private_ca.sweep import sweep
from hanaper.apps.refunds import services as refunds
from hanaper.core.calendar import add_months
from hanaper.core.errors import Forbidden
from tests.apps.private_ca.certificates import refused
from tests.people import Person
from tests.shop import buy, pay_by_balance

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


def fresh(ca: PrivateCA) -> PrivateCA:
    return PrivateCA.objects.select_related("authority", "order", "account").get(pk=ca.pk)


def renewed(person: Person, ca: PrivateCA, at: datetime, *, paid_at: datetime | None = None) -> Order:
    order = services.renew_subscription(person.actor, fresh(ca), at=at)
    pay_by_balance(person, order, paid_at or at)
    order.refresh_from_db()
    return order


def test_a_term_more_for_both(owner: Person, root: PrivateCA, working: PrivateCA) -> None:
    ends, at = root.term_ends_at, root.term_ends_at - 10 * DAY
    order = renewed(owner, working, at)
    assert (order.origin, order.renews) == ("early_renewal", working.public_id)
    for ca, quota in ((root, 0), (working, 2000)):
        now = fresh(ca)
        assert (now.term_ends_at, now.quota, now.state) == (add_months(ends, 12), quota, "enabled")
        assert now.warn_at == now.term_ends_at - 60 * DAY
    assert PrivateCA.objects.count() == 2
    assert sweep(ends, clock.system_now()) == 0, "it goes on"


def test_when_and_who(owner: Person, reader: Person, root: PrivateCA, working: PrivateCA) -> None:
    ends = root.term_ends_at
    opens = ends - 30 * DAY
    refused("too_early", lambda: services.renew_subscription(owner.actor, root, at=opens - DAY))
    refused("term_ended", lambda: services.renew_subscription(owner.actor, root, at=ends))
    with pytest.raises(Forbidden):
        services.renew_subscription(reader.actor, root, at=opens)
    services.renew_subscription(owner.actor, root, at=opens)
    refused(
        "already_renewed", lambda: services.renew_subscription(owner.actor, fresh(working), at=opens + DAY)
    )
    assert Order.objects.filter(renews=root.public_id).count() == 1


def test_renewed_year_after_year(owner: Person, root: PrivateCA) -> None:
    for year in (1, 2):
        renewed(owner, root, fresh(root).term_ends_at - DAY)
        assert fresh(root).prolongations.count() == year


def test_no_refund_by_self_service(owner: Person, root: PrivateCA, working: PrivateCA) -> None:
    """R14"""
    at = root.term_ends_at - DAY
    order = renewed(owner, root, at)
    refusal = refused("refund_refused", lambda: refunds.request_refund(owner.actor, order, at=at + DAY / 2))
    assert refusal.clause == "R14"


def test_refunded_by_hand_the_term_is_what_it_was(owner: Person, root: PrivateCA, working: PrivateCA) -> None:
    ends, at = root.term_ends_at, root.term_ends_at - DAY
    order = renewed(owner, root, at)
    with transaction.atomic():
        end_refunded(order, at)
        end_refunded(order, at)
    for ca, quota in ((root, 0), (working, 1000)):
        assert (fresh(ca).term_ends_at, fresh(ca).quota, fresh(ca).state) == (ends, quota, "enabled")
    assert not Prolongation.objects.exists()
    sweep(ends, clock.system_now())
    assert fresh(root).state == "expired"


def test_paid_after_the_end(owner: Person, root: PrivateCA, working: PrivateCA) -> None:
    """It is enabled again, and issues when somebody lets it."""
    ends = root.term_ends_at
    order = services.renew_subscription(owner.actor, fresh(root), at=ends - timedelta(hours=1))
    sweep(ends, clock.system_now())
    assert fresh(root).state == "expired"
    pay_by_balance(owner, order, ends + timedelta(hours=1))
    now = fresh(working)
    assert now.state == "enabled" and now.term_ends_at == add_months(ends + timedelta(hours=1), 12)
    assert now.authority is not None and not now.authority.issuing
    services.set_issuing(owner.actor, now, True, at=ends + DAY)


def test_what_was_bought_apart_is_renewed_apart(owner: Person, root: PrivateCA, at: datetime) -> None:
    extra = PrivateCA.objects.get(order=buy(owner, "private-intermediate-ca", at=at))
    renewed(owner, extra, extra.term_ends_at - DAY)
    assert fresh(extra).quota == 2 * extra.quota and fresh(root).term_ends_at == root.term_ends_at
