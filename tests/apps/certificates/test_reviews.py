"""The warning before revoking, the queue of the reviewers, and their decisions (R12, R13, D10, D12)."""

from datetime import date, timedelta

import pytest

from hanaper.apps.certificates import queries
from hanaper.apps.certificates.services import revoking
from hanaper.apps.certificates.sweep import sweep
from hanaper.core.errors import Refusal
from tests.apps.certificates.conftest import DV, DV2, PUBLIC

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("issuer")]

DAY = timedelta(days=1)


def test_the_warning_names_the_last_sure_day(owner, issued, at):
    certificate = issued(DV)
    warned = revoking.prepare_revocation(owner.actor, certificate, at=at)
    (outlook,) = warned.outlooks
    # Paid on Monday the 2nd: open until the 9th; five business days fit only if asked for before the 2nd.
    assert outlook.closes_at.isoformat() == "2026-03-10T00:00:00+00:00"
    assert (outlook.revoke_by, outlook.passed) == (date(2026, 3, 2), False)
    later = revoking.prepare_revocation(owner.actor, certificate, at=at + 2 * DAY)
    assert later.outlooks[0].passed
    assert "cannot be restored" in warned.text


def test_cancelling_a_later_year_is_warned_of_too(owner, issued, at):
    first = issued(DV2)
    second = queries.siblings(first).get()
    warned = revoking.prepare_cancel(owner.actor, second, at=at)
    assert warned.outlooks[0].revoke_by == date(2026, 3, 2)
    revoking.confirm_cancel(owner.actor, second, warned.token, at=at)
    second.refresh_from_db()
    assert second.state == "removed"


def test_a_confirmation_is_for_one_warning(owner, stranger, issued, at):
    certificate = issued(DV)
    warned = revoking.prepare_revocation(owner.actor, certificate, at=at)

    def confirm(who, token, at):
        return revoking.confirm_revocation(who.actor, certificate, token, at=at)

    for who, token, moment, code in (
        (owner, "x", at, "confirmation_invalid"),
        (stranger, warned.token, at, "warning_changed"),
        # The last sure day has passed meanwhile: that must be read first.
        (owner, warned.token, at + 2 * DAY, "warning_changed"),
    ):
        with pytest.raises(Refusal) as refused:
            confirm(who, token, moment)
        assert refused.value.code == code
        certificate.refresh_from_db()
        assert certificate.state == "issued" and not certificate.revocations.exists()
    assert confirm(owner, warned.token, at).state == "pending"


def test_a_publicly_trusted_one_is_due_within_a_day(validating_revocation, at):
    assert validating_revocation(PUBLIC).revocations.get().due_at == at + DAY


def test_the_queue_goes_by_refund_window_then_by_due_date(owner, issued, pending, at, work):
    late = issued(DV, at=at + 2 * DAY)
    early = issued(PUBLIC, at=at)
    now = at + 3 * DAY
    second = revoking.request_revocation(owner.actor, late, at=now - DAY)
    first = revoking.request_revocation(owner.actor, early, at=now)
    queue = queries.revocations_to_review().order_by("queue_key", "pk")
    assert list(queue) == [first, second]
    # The window of the first closes at the 10th, of the second at the 12th.
    sweep(at + 9 * DAY, at)
    assert list(queue.all()) == [second, first]


def test_a_refused_one_is_issued_again(owner, reviewer, validating_revocation, at):
    certificate = validating_revocation(DV)
    request = certificate.revocations.get()
    with pytest.raises(Refusal) as refused:
        revoking.refuse_revocation(reviewer.actor, request, reason=" ", at=at)
    assert refused.value.field == "reason"
    revoking.refuse_revocation(reviewer.actor, request, reason="Asked for by mistake.", at=at)
    certificate.refresh_from_db()
    assert certificate.state == "issued"
    with pytest.raises(Refusal) as again:
        revoking.approve_revocation(reviewer.actor, request, at=at)
    assert again.value.code == "not_in_this_state"
    # And may be asked for anew.
    revoking.request_revocation(owner.actor, certificate, at=at)


def test_a_subscribers_own_request_is_not_refused_for_public_trust(reviewer, validating_revocation, at):
    certificate = validating_revocation(PUBLIC)
    request = certificate.revocations.get()
    with pytest.raises(Refusal) as refused:
        revoking.refuse_revocation(reviewer.actor, request, reason="no", at=at)
    assert (refused.value.code, refused.value.clause) == ("subscribers_request", "D10")
    certificate.refresh_from_db()
    assert certificate.state == "validating_revocation"
    revoking.refuse_revocation(
        reviewer.actor, request, reason="A stolen key.", not_the_subscriber=True, at=at
    )
    certificate.refresh_from_db()
    request.refresh_from_db()
    assert certificate.state == "issued" and not request.by_subscriber


def test_a_lost_answer_of_the_ca_revokes_once(reviewer, validating_revocation, issuer, work, at):
    certificate = validating_revocation(DV)
    issuer.answers["revoke"].append("lost")
    revoking.approve_revocation(reviewer.actor, certificate.revocations.get(), at=at)
    work(at)
    certificate.refresh_from_db()
    assert certificate.state == "revoked" and issuer.calls["revoke"] == 2
    work(at)
    assert issuer.calls["revoke"] == 2
