"""A one-year certificate from purchase to revoked, and every other way off the list."""

import pytest

from hanaper.apps.certificates.evidence import certificates_evidence
from hanaper.apps.certificates.services import applying, creating, revoking, withdrawing
from hanaper.apps.certificates.undo import undo_step
from hanaper.core.errors import InvalidInput, Refusal
from tests.apps.certificates.conftest import DV, NEEDS_ID, WILD, x509s
from tests.shop import buy

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("issuer")]


def quota(order):
    return sum(line.quota_available for line in order.lines.all())


def test_the_whole_way(owner, reviewer, catalogue, form, publish, work, at, issuer):
    order = buy(owner, DV, at=at)
    assert quota(order) == 1
    certificate = creating.create(owner.actor, creating.line_of(order, None), at=at)
    assert certificate.state == "pending_application" and quota(order) == 0

    applying.submit(owner.actor, certificate, form=form, at=at)
    certificate.refresh_from_db()
    assert certificate.state == "validating_application"
    work(at)
    check = certificate.applications.get().checks.get()
    assert check.state == "pending" and check.seen["problem"] == "no_such_name" and check.tries > 1

    publish(certificate)
    work(at)
    certificate.refresh_from_db()
    assert certificate.state == "issued"
    assert certificate.term_end.year == certificate.term_begin.year + 1
    (x509,) = x509s(certificate)
    assert certificate.current == x509 and x509.not_after < certificate.term_end

    asked = revoking.request_revocation(owner.actor, certificate, at=at)
    certificate.refresh_from_db()
    assert certificate.state == "validating_revocation"
    (fact,) = certificates_evidence([order], at)[order.pk]["certificates"]
    assert fact["revocation_requested_at"] == "2026-03-02T09:00:00Z"
    # Monday: due at the end of the next Monday's working day (D10).
    assert asked.due_at.isoformat() == "2026-03-09T18:00:00+00:00"

    work(at)
    certificate.refresh_from_db()
    assert certificate.state == "validating_revocation"  # nothing is approved by the clock

    revoking.approve_revocation(reviewer.actor, asked, at=at)
    certificate.refresh_from_db()
    assert certificate.state == "validating_revocation"  # not before the CA has done it
    work(at)
    certificate.refresh_from_db()
    assert certificate.state == "revoked" and issuer.revoked
    assert quota(order) == 1  # within 28 days of issue


def test_cancel_apply_restores_the_quota(owner, pending, at):
    certificate = pending()
    withdrawing.cancel_apply(owner.actor, certificate, at=at)
    certificate.refresh_from_db()
    assert certificate.state == "removed"
    assert quota(certificate.order) == 1
    assert certificates_evidence([certificate.order], at)[certificate.order_id] == {"certificates": []}


def test_withdraw_keeps_the_form_and_stops_the_checks(owner, validating, publish, work, at):
    certificate = validating()
    withdrawing.withdraw(owner.actor, certificate, at=at)
    publish(certificate)
    work(at)
    certificate.refresh_from_db()
    assert certificate.state == "pending_application"
    assert certificate.form["domains"] == ["shop.example.com"]
    application = certificate.applications.get()
    assert application.state == "withdrawn" and application.private_key is None
    assert application.checks.get().state == "withdrawn"
    # And again: an application of its own.
    applying.submit(owner.actor, certificate, at=at)
    assert certificate.applications.count() == 2


def test_a_contact_without_an_id_number_is_refused_in_the_documents_words(
    owner, pending, form, company, contact, at
):
    contact.id_number = ""
    contact.save()
    certificate = pending(NEEDS_ID)
    with pytest.raises(InvalidInput) as refused:
        applying.submit(owner.actor, certificate, form={**form, "company": company.public_id}, at=at)
    assert refused.value.message == (
        "The selected contact does not contain the required ID number information"
    )
    assert refused.value.field == "contact"
    certificate.refresh_from_db()
    assert certificate.state == "pending_application" and certificate.form == {}


def test_every_fault_is_named_at_once(owner, pending, at):
    certificate = pending(WILD)
    with pytest.raises(InvalidInput) as refused:
        applying.submit(
            owner.actor,
            certificate,
            form={"domains": ["www.example.com"], "key_algorithm": "rsa-512", "method": "pigeon"},
            at=at,
        )
    fields = [fault.field for fault in refused.value.faults]
    assert fields == ["domains.0", "key_algorithm", "method", "contact"]
    assert certificate.applications.count() == 0


def test_a_failed_application_goes_the_documents_way(owner, validating, work, at):
    certificate = validating()
    check = certificate.applications.get().checks.get()
    check.tries = 249
    check.save()
    work(at)
    certificate.refresh_from_db()
    assert certificate.state == "validation_failed"
    order = certificate.order
    for action in ("modify", "submit", "withdraw", "cancel_apply"):
        for _ in range(2):  # each is safe to take twice
            assert undo_step(owner.actor, order, action, certificate.public_id, at).state == "done"
    certificate.refresh_from_db()
    assert certificate.state == "removed" and quota(order) == 1


def test_the_revocation_of_a_plan_waits_for_approval(owner, reviewer, issued, work, at):
    certificate = issued()
    order, target = certificate.order, certificate.public_id
    assert undo_step(owner.actor, order, "revoke", target, at).state == "done"
    assert undo_step(owner.actor, order, "revoke", target, at).state == "done"
    waiting = undo_step(owner.actor, order, "approve_revocation", target, at)
    assert waiting.state == "waiting" and "2026-03-09" in waiting.note
    revoking.approve_revocation(reviewer.actor, certificate.revocations.get(), at=at)
    work(at)
    assert undo_step(owner.actor, order, "approve_revocation", target, at).state == "done"


def test_a_locked_order_changes_nothing(owner, pending, form, at):
    certificate = pending()
    certificate.order.state = "refund_in_progress"
    certificate.order.save()
    for change in (
        lambda: applying.submit(owner.actor, certificate, form=form, at=at),
        lambda: applying.save_form(owner.actor, certificate, form=form, at=at),
        lambda: withdrawing.cancel_apply(owner.actor, certificate, at=at),
        lambda: creating.create(owner.actor, certificate.line, at=at),
    ):
        with pytest.raises(Refusal) as refused:
            change()
        assert (refused.value.code, refused.value.clause) == ("order_locked", "D11")
    certificate.refresh_from_db()
    assert certificate.state == "pending_application" and certificate.form == {}
