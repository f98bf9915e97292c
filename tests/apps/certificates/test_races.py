"""Two at once: the certificate moves once, whoever loses is told, and nothing issued is lost."""

import pytest

from hanaper.apps.certificates import at_issuer
from hanaper.apps.certificates.at_issuer import Progress, Standing
from hanaper.apps.certificates.models.certificates import Certificate
from hanaper.apps.certificates.services import applying, checking, claims, issuing, withdrawing
from hanaper.core.certificate.states import Action
from hanaper.core.errors import Refusal
from tests.apps.certificates.conftest import x509s

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("issuer")]


def test_a_move_claims_its_row(owner, pending, at):
    mine, theirs = (Certificate.objects.get(pk=pending().pk) for _ in range(2))
    theirs = Certificate.objects.get(pk=mine.pk)
    withdrawing.cancel_apply(owner.actor, theirs, at=at)
    with pytest.raises(Refusal) as refused:
        claims.move(owner.actor, mine, Action.APPLY, at=at)
    assert refused.value.code == "not_in_this_state"
    mine.refresh_from_db()
    assert mine.state == "removed"


def test_withdrawn_while_a_domain_is_looked_at(owner, validating, monkeypatch, publish, work, at):
    certificate = validating()
    publish(certificate)
    look = checking.checks.look

    def meanwhile(check):
        answer = look(check)
        withdrawing.withdraw(owner.actor, certificate, at=at)
        return answer

    monkeypatch.setattr(checking.checks, "look", meanwhile)
    work(at)
    certificate.refresh_from_db()
    assert certificate.state == "pending_application"
    assert certificate.applications.get().checks.get().state == "withdrawn"
    assert not certificate.issuer_orders.exists()


@pytest.mark.parametrize("call", ["submit", "fetch"])
def test_withdrawn_while_the_issuer_issues(owner, validating, issuer, monkeypatch, publish, work, at, call):
    certificate = validating()
    publish(certificate)
    real = getattr(issuer, call)

    def meanwhile(order, moment):
        answer = real(order, moment)
        monkeypatch.setattr(at_issuer, call, real)
        withdrawing.withdraw(owner.actor, certificate, at=at)
        return answer

    monkeypatch.setattr(at_issuer, call, meanwhile)
    work(at)
    certificate.refresh_from_db()
    assert certificate.state == "pending_application" and certificate.current is None
    (order,) = certificate.issuer_orders.all()
    assert order.state == "discarded"
    assert int(order.serial, 16) in issuer.revoked
    # Free to go on.
    applying.submit(owner.actor, certificate, at=at)
    work(at)
    certificate.refresh_from_db()
    assert certificate.state == "issued"


def test_withdrawn_before_anything_was_sent(owner, validating, issuer, publish, at):
    certificate = validating()
    publish(certificate)
    check = certificate.applications.get().checks.get()
    checking.pursue_check(check.pk, at, check.due_at)
    withdrawing.withdraw(owner.actor, certificate, at=at)
    (order,) = certificate.issuer_orders.all()
    assert order.state == "unwanted"
    issuing.pursue_issuer_order(order.pk, at, order.due_at)
    order.refresh_from_db()
    assert order.state == "discarded" and issuer.calls["submit"] == 0


@pytest.mark.parametrize("call", ["submit", "fetch"])
@pytest.mark.parametrize("times", [1, 3])
def test_an_issuer_that_does_not_answer_is_asked_again(issued, issuer, call, times):
    unknown = Progress(Standing.UNKNOWN, message="no answer")
    issuer.answers[call].extend(["lost" if call == "submit" else unknown] * times)
    certificate = issued()
    assert len(issuer.orders) == 1 and len(x509s(certificate)) == 1


def test_another_certificate_than_ordered_is_not_delivered(
    validating, issuer, monkeypatch, publish, work, at
):
    certificate = validating()
    publish(certificate)
    real = issuer._make

    def of_another_name(order):
        order.application.domains = ["evil.example.net"]
        return real(order)

    monkeypatch.setattr(issuer, "_make", of_another_name)
    work(at)
    certificate.refresh_from_db()
    assert certificate.state == "validation_failed" and certificate.current is None
    order = certificate.issuer_orders.get()
    assert order.state == "discarded" and int(order.serial, 16) in issuer.revoked


def test_what_comes_while_a_refund_is_under_way_waits(validating, publish, work, at):
    certificate = validating()
    publish(certificate)
    order = certificate.order
    order.state = "refund_in_progress"
    order.save()
    work(at)
    certificate.refresh_from_db()
    assert certificate.state == "validating_application"  # D11
    order.state = "paid"
    order.save()
    work(at)
    certificate.refresh_from_db()
    assert certificate.state == "issued"


def test_one_looks_at_a_time(validating, at):
    certificate = validating()
    check = certificate.applications.get().checks.get()
    due = check.due_at
    checking.pursue_check(check.pk, at, due)
    checking.pursue_check(check.pk, at, due)
    check.refresh_from_db()
    assert check.tries == 1
