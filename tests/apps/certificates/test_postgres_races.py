"""Really at once, on a database that lets them: one wins, the other is told, nothing is lost or doubled."""

import pytest

from hanaper.apps.certificates.models.applications import DomainCheck
from hanaper.apps.certificates.models.certificates import Certificate
from hanaper.apps.certificates.models.issuing import IssuerOrder
from hanaper.apps.certificates.services import (
    applying,
    checking,
    combining,
    creating,
    issuing,
    reissuing,
    revocation_pursuit,
    revoking,
    withdrawing,
)
from hanaper.apps.orders.models import OrderLine
from tests.apps.certificates.conftest import x509s
from tests.apps.orders.test_order_races import at_once

pytestmark = [
    pytest.mark.postgres,
    pytest.mark.django_db(transaction=True),
    pytest.mark.usefixtures("issuer"),
]

TIMES = 4


def test_the_last_quota(owner, pending, at):
    certificate = pending()
    withdrawing.cancel_apply(owner.actor, certificate, at=at)
    line = OrderLine.objects.select_related("order", "product").get(pk=certificate.line_id)
    said = at_once(*[lambda: creating.create(owner.actor, line, at=at)] * TIMES)
    assert sorted(said) == ["done", *["quota_used_up"] * (TIMES - 1)]
    assert Certificate.objects.exclude(state="removed").count() == 1


def test_submitted_twice(owner, pending, form, at):
    certificate = pending()
    said = at_once(*[lambda: applying.submit(owner.actor, certificate, form=form, at=at)] * TIMES)
    assert sorted(said) == ["done", *["not_in_this_state"] * (TIMES - 1)]
    assert certificate.applications.count() == 1


def test_the_last_two_domains_at_once(validating, publish, at):
    certificate = validating("hanaper-dv-multi-1y", domains=["a.example.com", "b.example.com"])
    publish(certificate)
    checks = DomainCheck.objects.filter(application__certificate=certificate)
    looks = [lambda pk=check.pk, due=check.due_at: checking.pursue_check(pk, at, due) for check in checks]
    assert at_once(*looks) == ["done", "done"]
    assert IssuerOrder.objects.filter(certificate=certificate).count() == 1


def test_issued_or_withdrawn(owner, validating, publish, issuer, work, at):
    certificate = validating()
    publish(certificate)
    check = DomainCheck.objects.get()
    checking.pursue_check(check.pk, at, check.due_at)
    order = IssuerOrder.objects.get()
    said = at_once(
        lambda: issuing.pursue_issuer_order(order.pk, at, order.due_at),
        lambda: withdrawing.withdraw(owner.actor, certificate, at=at),
    )
    work(at)
    certificate.refresh_from_db()
    order.refresh_from_db()
    if said[1] == "done":
        assert (certificate.state, order.state) == ("pending_application", "discarded")
        # Whatever was made was revoked.
        assert len(issuer.revoked) == len(issuer.orders)
    else:
        assert said == ["done", "not_in_this_state"]
        assert (certificate.state, order.state) == ("issued", "issued")


def test_one_pursues_an_order(validating, publish, issuer, at):
    certificate = validating()
    publish(certificate)
    check = DomainCheck.objects.get()
    checking.pursue_check(check.pk, at, check.due_at)
    order = IssuerOrder.objects.get()
    at_once(*[lambda: issuing.pursue_issuer_order(order.pk, at, order.due_at)] * TIMES)
    assert issuer.calls["submit"] == 1
    certificate.refresh_from_db()
    assert certificate.state == "issued" and len(x509s(certificate)) == 1


def test_reissued_twice(owner, issued, at):
    certificate = issued()
    said = at_once(*[lambda: reissuing.reissue(owner.actor, certificate, at=at)] * TIMES)
    assert sorted(said) == ["done", *["reissue_under_way"] * (TIMES - 1)]


def test_combined_or_cancelled(owner, pending, at):
    first, second = pending(), pending()
    _, warned = combining.prepare_combination(owner.actor, [first, second], at=at)
    said = at_once(
        lambda: combining.confirm_combination(owner.actor, [first, second], warned.token, at=at),
        lambda: withdrawing.cancel_apply(owner.actor, second, at=at),
    )
    assert said.count("done") == 1
    on_the_list = Certificate.objects.exclude(state="removed").count()
    assert on_the_list == 1
    restored = OrderLine.objects.get(pk=second.line_id).quota_available
    assert restored == (1 if said[1] == "done" else 0)


def test_approved_or_refused(reviewer, validating_revocation, work, issuer, at):
    certificate = validating_revocation()
    request = certificate.revocations.get()
    said = at_once(
        lambda: revoking.approve_revocation(reviewer.actor, request, at=at),
        lambda: revoking.refuse_revocation(
            reviewer.actor, certificate.revocations.get(), reason="by mistake", at=at
        ),
    )
    assert said.count("done") == 1
    work(at)
    certificate.refresh_from_db()
    assert certificate.state == ("revoked" if said[0] == "done" else "issued")
    assert bool(issuer.revoked) == (said[0] == "done")


def test_one_carries_out_a_revocation(reviewer, validating_revocation, issuer, at):
    certificate = validating_revocation()
    request = revoking.approve_revocation(reviewer.actor, certificate.revocations.get(), at=at)
    at_once(*[lambda: revocation_pursuit.pursue_revocation(request.pk, at, request.next_at)] * TIMES)
    certificate.refresh_from_db()
    assert certificate.state == "revoked" and issuer.calls["revoke"] == 1
    assert OrderLine.objects.get(pk=certificate.line_id).quota_available == 1


def test_withdrawn_and_cancelled_by_two_people(owner, colleague, validating, at):
    certificate = validating()
    at_once(
        lambda: withdrawing.withdraw(owner.actor, certificate, at=at),
        lambda: withdrawing.withdraw(colleague.actor, certificate, at=at),
    )
    said = at_once(
        lambda: withdrawing.cancel_apply(owner.actor, certificate, at=at),
        lambda: withdrawing.cancel_apply(colleague.actor, certificate, at=at),
    )
    assert sorted(said) == ["done", "not_in_this_state"]
    assert OrderLine.objects.get(pk=certificate.line_id).quota_available == 1
