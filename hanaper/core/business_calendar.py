"""The working days of a country, written down as the calendar of the facts (D10).

Kept apart from `calendar` because it needs the library `holidays`; a decision does not: the calendar is
part of the facts, so that it can be replayed after the library has learnt better.
"""

from collections.abc import Iterable
from datetime import date, time
from functools import lru_cache
from importlib import import_module

from hanaper.core.calendar import ONE_DAY, SATURDAY, BusinessCalendar
from hanaper.core.errors import InvalidInput

# The default of D10: Monday to Friday, no holidays.
NO_COUNTRY = "none"


def business_calendar(
    country: str, years: Iterable[int], *, day_ends: time = time(18, 0)
) -> BusinessCalendar:
    """The days of `years` on which `country` differs from Monday to Friday.

    `country` is an ISO 3166 code, with a subdivision if wanted (`CN`, `DE-BY`), or `none`. Make-up
    working Saturdays are included, and so are weekends that are not Saturday and Sunday. Give every year
    that a review can reach: the year of the purchase and the one after.
    """
    wanted = tuple(sorted(set(years)))
    if country == NO_COUNTRY:
        return BusinessCalendar(NO_COUNTRY, day_ends=day_ends)
    closed, opened = _different_days(country, wanted)
    return BusinessCalendar(country, closed, opened, day_ends)


@lru_cache(maxsize=64)
def _different_days(country: str, years: tuple[int, ...]) -> tuple[tuple[date, ...], tuple[date, ...]]:
    holidays = import_module("holidays")  # large, and the default needs none of it
    code, _, subdivision = country.partition("-")
    # The neighbouring years too: a make-up day for New Year lies in the year before.
    reach = sorted({near for year in years for near in (year - 1, year, year + 1)})
    try:
        library = holidays.country_holidays(code, subdiv=subdivision or None, years=reach)
    except NotImplementedError as error:
        raise InvalidInput(
            f"There is no calendar of holidays for {country!r}; give an ISO 3166 code, or {NO_COUNTRY!r}.",
            field="country",
        ) from error
    closed: list[date] = []
    opened: list[date] = []
    for year in years:
        day = date(year, 1, 1)
        while day.year == year:
            works = library.is_working_day(day)
            if works and day.weekday() >= SATURDAY:
                opened.append(day)
            elif not works and day.weekday() < SATURDAY:
                closed.append(day)
            day += ONE_DAY
    return tuple(closed), tuple(opened)
