"""Where days begin and end, and who works when (D1, D10)."""

from datetime import UTC, date, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hanaper.core.business_calendar import business_calendar
from hanaper.core.calendar import (
    BusinessCalendar,
    Counting,
    ReviewTime,
    UnknownZone,
    last_sure_day,
    local_date,
    review_due,
    start_of_day,
    window_end,
    zone_named,
)
from hanaper.core.errors import InvalidInput

REVIEW = ReviewTime(working_days=5, publicly_trusted_hours=24)
ZONES = [
    "UTC",
    "Africa/Cairo",
    "America/Goose_Bay",
    "America/Havana",
    "America/New_York",
    "America/Sao_Paulo",
    "America/Toronto",
    "Asia/Beirut",
    "Asia/Kathmandu",
    "Asia/Shanghai",
    "Australia/Lord_Howe",
    "Europe/Berlin",
    "Pacific/Apia",
    "Pacific/Kiritimati",
]


@pytest.mark.parametrize(
    ("zone", "day", "starts"),
    [
        ("UTC", date(2026, 3, 9), "2026-03-09T00:00:00+00:00"),
        ("Europe/Berlin", date(2026, 3, 29), "2026-03-28T23:00:00+00:00"),
        # Midnight is skipped.
        ("Africa/Cairo", date(2026, 4, 24), "2026-04-23T22:00:00+00:00"),
        ("Asia/Beirut", date(2026, 3, 29), "2026-03-28T22:00:00+00:00"),
        ("America/Sao_Paulo", date(2018, 11, 4), "2018-11-04T03:00:00+00:00"),
        # The gap began half an hour before midnight.
        ("America/Toronto", date(1919, 3, 31), "1919-03-31T04:30:00+00:00"),
        # Midnight comes twice.
        ("America/Havana", date(2026, 11, 1), "2026-11-01T04:00:00+00:00"),
        # There was no such day.
        ("Pacific/Apia", date(2011, 12, 30), "2011-12-30T10:00:00+00:00"),
        ("Pacific/Apia", date(2011, 12, 31), "2011-12-30T10:00:00+00:00"),
    ],
)
def test_first_existing_instant(zone, day, starts):
    assert start_of_day(day, zone_named(zone)).isoformat() == starts


@given(st.sampled_from(ZONES), st.dates(date(1971, 1, 1), date(2040, 1, 1)))
def test_a_day_begins_where_the_one_before_ends(name, day):
    zone = zone_named(name)
    begins = start_of_day(day, zone)
    before = begins - timedelta(microseconds=1)
    assert local_date(begins, zone) >= day
    assert local_date(before, zone) < day
    assert begins.tzinfo is UTC


@pytest.mark.parametrize(
    "name", ["", "Mars/Olympus", "../UTC", "posix/UTC", "localtime", "\ud800", "x" * 9999]
)
def test_no_such_zone(name):
    with pytest.raises(UnknownZone):
        zone_named(name)


def test_elapsed_time_is_hours():
    start = datetime(2026, 3, 7, 12, tzinfo=UTC)
    end = window_end(start, 7, zone_named("America/New_York"), Counting.ELAPSED_TIME)
    assert end - start == timedelta(hours=168)


@given(
    st.datetimes(datetime(2026, 1, 1), datetime(2026, 12, 31), timezones=st.just(UTC)),
    st.sampled_from(ZONES),
    st.sets(st.dates(date(2025, 12, 20), date(2027, 1, 20)), max_size=40),
    st.sets(st.dates(date(2025, 12, 20), date(2027, 1, 20)), max_size=40),
    st.booleans(),
    st.sampled_from([time(0, 0), time(18, 0), time(23, 59)]),
    st.sampled_from(Counting),
)
def test_last_sure_day_is_the_last_and_is_sure(paid, name, closed, opened, public, ends, counting):
    zone = zone_named(name)
    calendar = BusinessCalendar("test", tuple(closed), tuple(opened), ends)
    closes = window_end(paid, 7, zone, counting)
    first = local_date(paid, zone)
    found = last_sure_day(closes, first, REVIEW, calendar, zone, publicly_trusted=[public])

    def sure(day):
        # Any request of the day, so the last one of it.
        moment = start_of_day(day + timedelta(days=1), zone) - timedelta(microseconds=1)
        return review_due(moment, REVIEW, calendar, zone, publicly_trusted=public) < closes

    days = [first + timedelta(days=number) for number in range(9)]
    assert found == max([day for day in days if sure(day)], default=first - timedelta(days=1))


def test_china_with_make_up_saturdays():
    calendar = business_calendar("CN", [2026])
    assert date(2026, 10, 1) in calendar.closed
    assert date(2026, 10, 10) in calendar.open
    assert all(day.year == 2026 for day in (*calendar.closed, *calendar.open))
    assert calendar.name == "CN"


def test_a_weekend_that_is_not_saturday_and_sunday():
    calendar = business_calendar("EG", [2026])
    assert not calendar.is_working_day(date(2026, 3, 6))
    assert calendar.is_working_day(date(2026, 3, 8))


def test_no_country_is_monday_to_friday():
    assert business_calendar("none", [2026]) == BusinessCalendar("none")


def test_subdivision_and_several_years():
    calendar = business_calendar("DE-BY", [2027, 2026, 2026])
    assert date(2026, 1, 6) in calendar.closed
    assert date(2027, 1, 6) in calendar.closed


@pytest.mark.parametrize("country", ["XX", "", "DE-XX"])
def test_no_such_country(country):
    with pytest.raises(InvalidInput) as caught:
        business_calendar(country, [2026])
    assert caught.value.field == "country"
