"""Dates and durations at their edges, to the second."""

from datetime import UTC, datetime, timedelta, timezone
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hanaper.core.certificate.validity import (
    DOMAIN_VALIDATION_REUSE,
    LONGEST_LEAD,
    MAX_VALIDITY,
    ORGANISATION_VALIDATION_REUSE,
    limit_at,
    longest_validity,
    reissue_calendar,
    reissue_due,
    service_year,
    validation_usable,
    validation_usable_until,
    validity_for,
)

SECOND = timedelta(seconds=1)
MOMENTS = st.datetimes(min_value=datetime(2024, 1, 1), max_value=datetime(2034, 1, 1), timezones=st.just(UTC))


def utc(*parts):
    return datetime(*parts, tzinfo=UTC)


@pytest.mark.parametrize(
    ("limits", "date", "before", "after"),
    [
        (MAX_VALIDITY, utc(2026, 3, 15), 398, 200),
        (MAX_VALIDITY, utc(2027, 3, 15), 200, 100),
        (MAX_VALIDITY, utc(2029, 3, 15), 100, 47),
        (DOMAIN_VALIDATION_REUSE, utc(2026, 3, 15), 398, 200),
        (DOMAIN_VALIDATION_REUSE, utc(2027, 3, 15), 200, 100),
        (DOMAIN_VALIDATION_REUSE, utc(2029, 3, 15), 100, 10),
        (ORGANISATION_VALIDATION_REUSE, utc(2026, 3, 15), 825, 398),
    ],
)
def test_rule_changes_at_midnight(limits, date, before, after):
    assert limit_at(limits, date - timedelta(microseconds=1)) == timedelta(days=before)
    assert limit_at(limits, date) == timedelta(days=after)


@pytest.mark.parametrize(
    ("issued_at", "days"),
    [
        (utc(2026, 3, 14, 23, 59, 59), 397),
        (utc(2026, 3, 15), 199),
        (utc(2027, 3, 15), 99),
        (utc(2029, 3, 15), 46),
    ],
)
def test_validity_is_one_day_under_the_rule_and_counts_both_ends(issued_at, days):
    not_before, not_after = validity_for(issued_at, issued_at + timedelta(days=1000))
    assert not_before == issued_at
    assert not_after - not_before + SECOND == timedelta(days=days) == longest_validity(issued_at)


def test_validity_ends_with_the_term():
    term_end = utc(2027, 1, 1)
    assert validity_for(utc(2026, 12, 1), term_end) == (utc(2026, 12, 1), term_end - SECOND)


def test_fractions_are_dropped_and_zones_converted():
    east = timezone(timedelta(hours=8))
    issued = datetime(2026, 12, 1, 8, 0, 0, 999_999, tzinfo=east)
    assert validity_for(issued, utc(2026, 12, 2))[0] == utc(2026, 12, 1)


@pytest.mark.parametrize("late", [timedelta(0), SECOND, timedelta(days=1)])
def test_nothing_is_issued_after_the_term(late):
    with pytest.raises(ValueError, match="ended"):
        validity_for(utc(2027, 1, 1) + late, utc(2027, 1, 1))


def test_naive_times_are_refused():
    with pytest.raises(ValueError, match="zone"):
        service_year(datetime(2026, 1, 1))


@pytest.mark.parametrize(
    ("begin", "end"),
    [
        (utc(2026, 11, 23, 9, 30), utc(2027, 11, 23, 9, 30)),
        (utc(2027, 3, 1), utc(2028, 3, 1)),  # 366 days
        (utc(2028, 2, 29, 12), utc(2029, 2, 28, 12)),
        (utc(2027, 2, 28), utc(2028, 2, 28)),
        (utc(2026, 12, 31, 23, 59, 59), utc(2027, 12, 31, 23, 59, 59)),
    ],
)
def test_service_year_ends_on_the_same_date(begin, end):
    assert service_year(begin) == (begin, end)


@pytest.mark.parametrize(
    ("days", "due"),
    [
        (199, timedelta(days=169)),  # thirty days before the end, not sixty-six
        (99, timedelta(days=69)),
        (90, timedelta(days=60)),  # where both parts of the rule meet
        (46, timedelta(days=30, hours=16)),  # two thirds
        (6, timedelta(days=4)),
    ],
)
def test_reissue_is_due(days, due):
    begin = utc(2027, 1, 1)
    not_after = begin + timedelta(days=days) - SECOND
    assert reissue_due(begin, not_after, utc(2030, 1, 1)) == begin + due


def test_last_certificate_of_a_term_is_not_reissued():
    begin, end = utc(2027, 1, 1), utc(2027, 2, 1)
    assert reissue_due(begin, end - SECOND, end) is None
    assert reissue_due(begin, end - 2 * SECOND, end) is not None


@pytest.mark.parametrize(
    ("begin", "count"),
    [(utc(2025, 12, 1), 1), (utc(2026, 3, 15), 2), (utc(2027, 3, 15), 5), (utc(2029, 3, 15), 12)],
)
def test_calendar_of_a_year(begin, count):
    assert len(reissue_calendar(*service_year(begin))) == count


@given(MOMENTS)
def test_calendar_covers_the_year_without_a_gap_within_the_rules(begin):
    begin, end = service_year(begin)
    planned = reissue_calendar(begin, end)
    assert planned[0][0] == begin
    assert planned[-1][1] == end - SECOND
    for not_before, not_after in planned:
        assert not_after < end
        assert not_after - not_before + SECOND <= limit_at(MAX_VALIDITY, not_before) - timedelta(days=1)
    for (_, ends), (begins, _) in pairwise(planned):
        assert timedelta(0) < ends - begins <= LONGEST_LEAD


@given(MOMENTS)
def test_usable_until_is_the_last_usable_instant(validated_at):
    until = validation_usable_until(validated_at, DOMAIN_VALIDATION_REUSE)
    assert validation_usable(validated_at, until, DOMAIN_VALIDATION_REUSE)
    later = until + timedelta(microseconds=1)
    assert not validation_usable(validated_at, later, DOMAIN_VALIDATION_REUSE)


@pytest.mark.parametrize(
    ("validated_at", "until"),
    [
        (utc(2028, 12, 1), utc(2029, 3, 11)),
        (utc(2029, 1, 10), utc(2029, 3, 15) - timedelta(microseconds=1)),  # ends on the eve
        (utc(2029, 3, 10), utc(2029, 3, 20)),
        (utc(2029, 4, 1), utc(2029, 4, 11)),
    ],
)
def test_validation_ends_by_the_rule_of_the_issue(validated_at, until):
    assert validation_usable_until(validated_at, DOMAIN_VALIDATION_REUSE) == until


def test_validation_of_the_future_is_not_usable():
    assert not validation_usable(utc(2027, 1, 2), utc(2027, 1, 1), DOMAIN_VALIDATION_REUSE)
