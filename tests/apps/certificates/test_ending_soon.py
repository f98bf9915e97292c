"""An account hears 60, 30, 14, 7 and 1 days before that a year ends, each once, and only if it must renew."""

from datetime import timedelta

import pytest

from hanaper.apps.certificates.models.certificates import Certificate
from hanaper.apps.certificates.services.ending_soon import warn
from hanaper.apps.events.models import Event
from hanaper.core.certificate.states import CertificateState
from hanaper.core.ending_soon import WARNED_DAYS, next_warning
from tests.apps.certificates.conftest import DV2

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("issuer")]
DAY, SECOND = timedelta(days=1), timedelta(seconds=1)


def told() -> list[int]:
    events = Event.objects.filter(kind="certificate.expiring").order_by("pk")
    return [event.data["days"] for event in events]


def test_each_of_the_five_is_told_once(issued, work):
    certificate = issued()
    end = certificate.term_end
    assert certificate.warn_at == end - 60 * DAY
    for number, days in enumerate(WARNED_DAYS):
        work(end - days * DAY - SECOND, rounds=1)
        assert told() == list(WARNED_DAYS[:number])
        work(end - days * DAY, rounds=2)
        work(end - days * DAY + SECOND, rounds=1)
        assert told() == list(WARNED_DAYS[: number + 1])
    certificate.refresh_from_db()
    assert certificate.warn_at is None
    event = Event.objects.filter(kind="certificate.expiring").first()
    assert event.account == certificate.account and event.subject == certificate.public_id
    assert event.data["domains"] == "shop.example.com"


def test_a_jump_of_the_clock_tells_the_last_one_only(issued):
    certificate = issued()
    warn(certificate.term_end - 10 * DAY, 200)
    assert told() == [14]
    warn(certificate.term_end + DAY, 200)
    assert told() == [14]


def test_what_is_followed_or_revoked_is_not_told(issued, revoked):
    certificate = issued()
    following = revoked()
    end = certificate.term_end
    Certificate.objects.filter(pk=following.pk).update(follows=certificate)
    Certificate.objects.filter(pk=following.pk).update(warn_at=end)
    warn(end - 60 * DAY, 200)
    assert told() == [60]  # what follows was revoked
    state = {"state": CertificateState.ISSUED}
    Certificate.objects.filter(pk=following.pk).update(**state)
    warn(end - 30 * DAY, 200)
    assert told() == [60]
    Certificate.objects.filter(pk=following.pk).update(follows=None)
    warn(end - 14 * DAY, 200)
    assert told() == [60, 14]
    Certificate.objects.filter(pk=certificate.pk).update(state=CertificateState.REVOKED)
    warn(end - 7 * DAY, 200)
    assert told() == [60, 14]


def test_a_year_that_goes_on_by_itself_needs_no_renewal(issued, work):
    first = issued(DV2)
    work(first.term_end - 60 * DAY, rounds=1)
    assert told() == []


def test_two_sweeps_tell_once_and_a_batch_costs_the_same(issued, django_assert_num_queries):
    certificate = issued()
    at = certificate.term_end - 60 * DAY
    warn(at, 200)
    Certificate.objects.update(warn_at=at)  # as a slower sweep still sees it
    warn(at, 200)
    assert told() == [60]
    issued(domains=["a.example.com"])
    issued(domains=["b.example.com"])
    Certificate.objects.update(warn_at=at)
    with django_assert_num_queries(5):  # find, begin, tell, move on, commit
        assert warn(at, 2) == 2


def test_the_next_warning(at):
    assert next_warning(at + 100 * DAY, at) == at + 40 * DAY
    assert next_warning(at + 30 * DAY, at) == at + 16 * DAY
    assert next_warning(at + DAY, at) is None
