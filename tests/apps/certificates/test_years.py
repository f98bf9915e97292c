"""Several years, reissuing within one, and ends: what the moved clock does (D13, D18)."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest

from hanaper.apps.certificates.at_issuer import Progress, Standing
from hanaper.apps.certificates.evidence import certificates_evidence
from hanaper.apps.certificates.models.certificates import Certificate
from hanaper.apps.certificates.services import applying, creating, reissuing, renewing, revoking, withdrawing
from hanaper.apps.events.models import Event
from hanaper.core.certificate.validity import reissue_calendar
from hanaper.core.errors import Refusal
from tests.apps.certificates.conftest import DV, DV3, PUBLIC, x509s
from tests.shop import pay_by_balance

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("issuer")]

DAY = timedelta(days=1)
AFTER_MARCH = datetime(2026, 4, 1, 9, 0, tzinfo=UTC)  # at most 199 days from 2026-03-15 on


def year(certificate, number):
    return Certificate.objects.get(series=certificate.series, year=number)


def test_three_years_one_after_the_other(issued, publish, work, at):
    first = issued(DV3)
    second, third = year(first, 2), year(first, 3)
    assert (second.state, third.state) == ("not_activated", "not_activated")

    work(first.term_end - 31 * DAY)
    second.refresh_from_db()
    assert second.state == "not_activated"

    soon = first.term_end - 29 * DAY
    work(soon)
    second.refresh_from_db()
    assert second.state == "validating_application"
    publish(second)
    work(soon)
    second.refresh_from_db()
    assert second.state == "issued"
    # Its term begins at the old end, though its X.509 certificate is there before.
    assert second.term_begin == first.term_end
    assert second.term_end == first.term_end.replace(year=first.term_end.year + 1)
    assert second.domains == first.domains

    work(first.term_end)
    first.refresh_from_db()
    third.refresh_from_db()
    assert first.state == "expired" and third.state == "not_activated"
    facts = certificates_evidence([first.order], at)[first.order_id]["certificates"]
    assert [fact["state"] for fact in facts] == ["expired", "issued", "not_activated"]
    assert {fact["series"] for fact in facts} == {first.series}
    assert [fact["year"] for fact in facts] == [1, 2, 3]


def test_the_later_years_leave_with_the_first(owner, pending, at):
    first = pending(DV3)
    withdrawing.cancel_apply(owner.actor, first, at=at)  # R15
    assert [year(first, number).state for number in (1, 2, 3)] == ["removed"] * 3
    assert first.line.__class__.objects.get(pk=first.line_id).quota_available == 1


def test_later_years_are_not_activated_while_the_first_is_revoked(owner, reviewer, issued, work):
    first = issued(DV3)
    soon = first.term_end - 20 * DAY
    request = revoking.request_revocation(owner.actor, first, at=soon)
    work(soon)
    assert year(first, 2).state == "not_activated"
    revoking.approve_revocation(reviewer.actor, request, at=soon)
    work(soon)
    work(first.term_end + DAY)
    assert [year(first, number).state for number in (1, 2, 3)] == [
        "revoked",
        "not_activated",
        "not_activated",
    ]
    # Asked for after 28 days: nothing is restored.
    assert first.line.__class__.objects.get(pk=first.line_id).quota_available == 0
    withdrawing.cancel_not_activated(owner.actor, year(first, 2), at=soon)
    assert year(first, 2).state == "removed"
    assert first.line.__class__.objects.get(pk=first.line_id).quota_available == 0


@pytest.mark.parametrize(
    ("begin", "most_days", "count"),
    [
        (AFTER_MARCH, 199, 2),
        (datetime(2027, 4, 1, 9, 0, tzinfo=UTC), 99, 5),
        (datetime(2029, 4, 1, 9, 0, tzinfo=UTC), 46, 12),
    ],
)
def test_a_year_reissues_by_itself_and_never_beyond_its_end(issued, publish, work, begin, most_days, count):
    certificate = issued(PUBLIC, at=begin)
    chain = x509s(certificate)
    while certificate.reissue_due_at is not None:
        due = certificate.reissue_due_at
        work(due - timedelta(seconds=1), rounds=1)
        assert len(x509s(certificate)) == len(chain)
        work(due, rounds=2)
        publish(certificate)  # only asks for something once the validation is too old
        work(due, rounds=2)
        certificate.refresh_from_db()
        chain = x509s(certificate)
        assert certificate.current == chain[-1]
    planned = reissue_calendar(certificate.term_begin, certificate.term_end)
    assert [(one.not_before, one.not_after) for one in chain] == planned
    assert len(chain) == count
    for one in chain:
        assert one.not_after - one.not_before < most_days * DAY
        assert one.not_after < certificate.term_end
    for before, after in pairwise(chain):
        assert after.not_before < before.not_after  # never a gap
    assert len({bytes(one.application.spki) for one in chain}) == len(chain)
    assert certificate.line.__class__.objects.get(pk=certificate.line_id).quota_available == 0


def test_revoking_revokes_every_valid_x509_of_the_year(owner, reviewer, issued, publish, work, issuer):
    certificate = issued(PUBLIC, at=AFTER_MARCH)
    due = certificate.reissue_due_at
    work(due)
    first, second = x509s(certificate)
    assert first.not_after > due
    request = revoking.request_revocation(owner.actor, certificate, at=due)
    revoking.approve_revocation(reviewer.actor, request, at=due)
    work(due)
    assert set(issuer.revoked) == {int(first.serial, 16), int(second.serial, 16)}
    certificate.refresh_from_db()
    assert certificate.state == "revoked" and certificate.reissue_due_at is None


def test_what_has_ended_is_not_revoked_again(owner, reviewer, issued, work, issuer):
    certificate = issued(PUBLIC, at=AFTER_MARCH)
    due = certificate.reissue_due_at
    work(due)
    first, second = x509s(certificate)
    later = first.not_after + DAY
    request = revoking.request_revocation(owner.actor, certificate, at=later)
    revoking.approve_revocation(reviewer.actor, request, at=later)
    work(later)
    assert set(issuer.revoked) == {int(second.serial, 16)}


def test_a_failed_reissue_leaves_it_issued_alerts_and_retries(issued, work, issuer):
    certificate = issued(PUBLIC, at=AFTER_MARCH)
    due = certificate.reissue_due_at
    issuer.answers["submit"].append(Progress(Standing.REFUSED, message="CAA forbids it"))
    work(due, rounds=1)
    work(due, rounds=1)
    certificate.refresh_from_db()
    assert certificate.state == "issued" and certificate.retries == 1
    told = Event.objects.filter(kind="certificate.reissue_failed")
    assert {event.account_id for event in told} == {certificate.account_id, None}
    work(due, rounds=8)
    certificate.refresh_from_db()
    assert len(x509s(certificate)) == 2 and certificate.retries == 0


def test_reissue_with_a_new_key_costs_no_quota(owner, issued, work, at):
    certificate = issued()
    reissuing.reissue(owner.actor, certificate, key_algorithm="rsa-2048", at=at + DAY)
    with pytest.raises(Refusal) as refused:
        reissuing.reissue(owner.actor, certificate, at=at + DAY)
    assert refused.value.code == "reissue_under_way"
    work(at + DAY)
    certificate.refresh_from_db()
    first, second = x509s(certificate)
    assert certificate.current == second and certificate.state == "issued"
    assert first.revoked_at is None
    assert bytes(first.application.spki) != bytes(second.application.spki)
    assert second.application.checks.get().reused == first.application.checks.get()


def test_a_term_ends_while_its_revocation_is_reviewed(owner, issued, work):
    certificate = issued()
    revoking.request_revocation(owner.actor, certificate, at=certificate.term_end - DAY)
    work(certificate.term_end)
    certificate.refresh_from_db()
    assert certificate.state == "expired"
    assert certificate.revocations.get().state == "lapsed"


def test_the_29th_of_february(issued):
    certificate = issued(at=datetime(2028, 2, 29, 12, tzinfo=UTC))
    assert certificate.term_end == datetime(2029, 2, 28, 12, tzinfo=UTC)


def test_early_renewal_begins_at_the_old_end(owner, issued, publish, work, at, form):
    old = issued()
    order = renewing.renew(owner.actor, old, at=at + DAY)
    assert (order.origin, order.renews) == ("early_renewal", old.public_id)
    with pytest.raises(Refusal) as refused:
        renewing.renew(owner.actor, old, at=at + DAY)
    assert refused.value.code == "already_renewed"
    order = pay_by_balance(owner, order, at + DAY)
    new = creating.create(owner.actor, creating.line_of(order, None), at=at + DAY)
    assert new.form == form  # carried over
    applying.submit(owner.actor, new, at=at + DAY)
    work(at + DAY)
    new.refresh_from_db()
    assert (new.state, new.term_begin) == ("issued", old.term_end)


def test_an_expired_one_is_renewed_like_a_purchase(owner, issued, work):
    old = issued()
    work(old.term_end)
    order = renewing.renew(owner.actor, old, at=old.term_end)
    assert order.origin == "renewal"


def test_overdue_reviews_alert_once_and_approve_nothing(validating_revocation, work, at):
    certificate = validating_revocation(DV)
    due = certificate.revocations.get().due_at
    work(due)
    work(due + DAY)
    certificate.refresh_from_db()
    assert certificate.state == "validating_revocation"
    assert Event.objects.filter(kind="revocation.overdue", account=None).count() == 1
