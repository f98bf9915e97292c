"""Whoever dies at a seam is followed by another, who finishes once (the process is killed in tests/faults)."""

import pytest

from hanaper.apps.certificates.models.issuing import IssuerOrder
from hanaper.apps.certificates.services import (
    checking,
    issuing,
    revocation_pursuit,
    revoking,
    withdrawing,
)
from hanaper.apps.orders.models import OrderLine
from tests.apps.certificates.conftest import x509s

pytestmark = pytest.mark.django_db

SEAMS = [
    "certificates.check.before_look",
    "certificates.check.after_look",
    "certificates.check.after_commit",
    "certificates.issue.after_intent",
    "certificates.issue.after_submit",
    "certificates.issue.after_fetch",
    "certificates.issue.after_commit",
    "certificates.revoke.before_ca",
    "certificates.revoke.after_ca",
    "certificates.revoke.after_commit",
]


class Died(Exception):
    """Stands for SIGKILL: what was committed stays, nothing else happens."""


@pytest.fixture
def die_at(monkeypatch):
    """Die once at a seam; `die.reached` tells whether it was met."""

    class Die:
        seam, reached = "", False

        def __call__(self, name):
            if name == self.seam and not self.reached:
                self.reached = True
                raise Died(name)

    die = Die()
    for module in (checking, issuing, revocation_pursuit):
        monkeypatch.setattr(module, "crashpoint", die)
    return die


@pytest.mark.parametrize("seam", SEAMS)
def test_it_is_finished_once(owner, reviewer, validating, publish, work, issuer, die_at, at, seam):
    die_at.seam = seam
    certificate = validating()
    publish(certificate)
    work(at)
    certificate.refresh_from_db()
    assert certificate.state == "issued"
    assert len(issuer.orders) == 1 and len(x509s(certificate)) == 1
    request = revoking.request_revocation(owner.actor, certificate, at=at)
    revoking.approve_revocation(reviewer.actor, request, at=at)
    work(at)
    certificate.refresh_from_db()
    assert die_at.reached
    assert certificate.state == "revoked" and len(issuer.revoked) == 1
    assert OrderLine.objects.get(pk=certificate.line_id).quota_available == 1
    assert not IssuerOrder.objects.exclude(due_at=None).exists()


@pytest.mark.parametrize(
    "seam", ["certificates.issue.after_submit", "certificates.issue.after_revoking_unwanted"]
)
def test_what_a_dead_worker_ordered_is_revoked_after_a_withdrawal(
    owner, validating, publish, work, issuer, die_at, at, seam
):
    certificate = validating()
    publish(certificate)
    die_at.seam = "certificates.issue.after_submit"
    work(at, rounds=2)
    assert die_at.reached and len(issuer.orders) == 1
    withdrawing.withdraw(owner.actor, certificate, at=at)
    die_at.seam, die_at.reached = seam, False
    work(at)
    order = certificate.issuer_orders.get()
    assert order.state == "discarded" and order.revoked_at is not None
    assert len(issuer.orders) == len(issuer.revoked) == 1
    certificate.refresh_from_db()
    assert certificate.state == "pending_application"
