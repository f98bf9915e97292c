"""The whole way to a refund as one plan, over certificates in every state (R10, R11, R15, R16)."""

from datetime import timedelta

import pytest

from hanaper import clock
from hanaper.apps.certificates.models.certificates import Certificate
from hanaper.apps.certificates.services import revoking, years
from hanaper.apps.orders.models import Order, OrderLine
from hanaper.apps.payments.sweep import sweep as payments_sweep
from hanaper.apps.refunds import services as refunds
from hanaper.apps.refunds.sweep import sweep as refunds_sweep
from tests.apps.certificates.conftest import DV, DV3

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("issuer")]


@pytest.fixture
def go(owner, work):
    """Prepare, confirm and run a plan for the order of a certificate as far as it goes."""
    reached = [clock.system_now()]

    def run(certificate, at):
        order = Order.objects.get(pk=certificate.order_id)
        plan = refunds.prepare_plan(owner.actor, order, at=at)
        plan = refunds.confirm_plan(owner.actor, plan, token=plan.token, accept=True, at=at)
        carry_on(at)
        plan.refresh_from_db()
        return plan

    def carry_on(at):
        for _ in range(6):
            reached[0] += timedelta(hours=1)
            refunds_sweep(at, reached[0])
            work(at, rounds=1)
            payments_sweep(at, reached[0])

    run.carry_on = carry_on
    return run


def order_of(certificate):
    return Order.objects.get(pk=certificate.order_id)


@pytest.mark.parametrize("state", ["pending", "validating", "failed"])
def test_before_anything_is_issued_it_goes_by_itself(pending, validating, work, go, at, state):
    certificate = pending(DV3) if state == "pending" else validating(DV3)
    if state == "failed":
        certificate.applications.get().checks.update(tries=249)
        work(at, rounds=1)
    go(certificate, at)
    assert order_of(certificate).state == "refunded"
    assert {one.state for one in Certificate.objects.filter(series=certificate.series)} == {"removed"}
    # R6: gone for good.
    assert OrderLine.objects.get(pk=certificate.line_id).quota_available == 0


def test_issued_it_waits_for_the_reviewer(reviewer, issued, go, work, at):
    certificate = issued(DV3)
    go(certificate, at)
    certificate.refresh_from_db()
    states = Certificate.objects.filter(series=certificate.series).order_by("year")
    assert [one.state for one in states] == ["validating_revocation", "removed", "removed"]  # R16
    assert order_of(certificate).state == "paid"
    revoking.approve_revocation(reviewer.actor, certificate.revocations.get(), at=at)
    go.carry_on(at + timedelta(days=1))
    certificate.refresh_from_db()
    assert certificate.state == "revoked"
    assert order_of(certificate).state == "refunded"


def test_an_expired_year_bars_it(issued, at):
    certificate = issued(DV)
    years.expire(certificate.pk, certificate.term_end)
    _, decision = refunds.decision_for(order_of(certificate), at)
    assert (decision.verdict, "R10" in decision.clauses) == ("refused", True)
