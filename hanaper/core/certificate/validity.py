"""How long things hold: a service year, a certificate within it, a validation that may be reused.

Limits are dated tables, since the rules of public CAs shrink by the year (ballot SC-081v3, Baseline
Requirements 4.2.1 and 6.3.2). All times are aware and reckoned in UTC; a term is a half-open span
[begin, end), while an X.509 validity counts both of its end seconds (RFC 5280 4.1.2.5).
"""

from datetime import UTC, datetime, timedelta

from hanaper.core.x509.dated_limits import ALWAYS, MAX_VALIDITY, DatedLimits, limit_at, since

_SECOND = timedelta(seconds=1)
_DAY = timedelta(days=1)

# BR 4.2.1: for how long a validated domain name may be used again, by the date of issue.
DOMAIN_VALIDATION_REUSE: DatedLimits = (
    (ALWAYS, timedelta(days=398)),
    (since(2026, 3, 15), timedelta(days=200)),
    (since(2027, 3, 15), timedelta(days=100)),
    (since(2029, 3, 15), timedelta(days=10)),
)

# BR 4.2.1: the same for what was established about an organisation (OV, EV).
ORGANISATION_VALIDATION_REUSE: DatedLimits = (
    (ALWAYS, timedelta(days=825)),
    (since(2026, 3, 15), timedelta(days=398)),
)

# A certificate is replaced this long before it ends at the earliest; see `reissue_due`.
LONGEST_LEAD = timedelta(days=30)


def longest_validity(issued_at: datetime) -> timedelta:
    """What this service issues at most: one day under the rule, as BR 6.3.2 recommends."""
    return limit_at(MAX_VALIDITY, issued_at) - _DAY


def service_year(begin: datetime) -> tuple[datetime, datetime]:
    """The term that begins at `begin` and ends at the same hour of the same date a year after (D18).

    29 February ends on 28 February. Fractions of a second are dropped.
    """
    begin = _whole_second(begin)
    try:
        return begin, begin.replace(year=begin.year + 1)
    except ValueError:
        return begin, begin.replace(year=begin.year + 1, day=28)


def validity_for(issued_at: datetime, term_end: datetime) -> tuple[datetime, datetime]:
    """`not_before` and `not_after` of a certificate issued now within a term that ends at `term_end`.

    As long as this service issues, and never beyond the term (D13). Raises ValueError when the term
    has ended.
    """
    not_before, term_end = _whole_second(issued_at), _whole_second(term_end)
    if term_end <= not_before + _SECOND:
        raise ValueError("the term has ended: nothing can be issued in it")
    # Both end seconds count, so a span of n days ends one second before n days have passed.
    return not_before, min(not_before + longest_validity(not_before), term_end) - _SECOND


def reissue_due(not_before: datetime, not_after: datetime, term_end: datetime) -> datetime | None:
    """When to replace a certificate by the next one of its year; None if it reaches the term's end.

    After two thirds of its life, as ACME clients do, but not earlier than 30 days before it ends: a
    199-day certificate would otherwise be thrown away with 66 days left. What remains is the time for
    retries (D18).
    """
    ends = not_after + _SECOND
    if ends >= _whole_second(term_end):
        return None
    return max(not_before + (ends - not_before) * 2 // 3, ends - LONGEST_LEAD)


def reissue_calendar(begin: datetime, term_end: datetime) -> list[tuple[datetime, datetime]]:
    """Every certificate of a term if each is replaced when due: what a buyer of a year will get."""
    planned: list[tuple[datetime, datetime]] = []
    due: datetime | None = begin
    while due is not None:
        planned.append(validity_for(due, term_end))
        due = reissue_due(*planned[-1], term_end)
    return planned


def validation_usable_until(validated_at: datetime, limits: DatedLimits) -> datetime:
    """The last instant at which a certificate may be issued upon a validation made at `validated_at`.

    The limit is that of the issue's date and shrinks at fixed dates, so a validation can end on the
    eve of a new rule.
    """
    usable_until = validated_at
    for index, (first, limit) in enumerate(limits):
        until = validated_at + limit
        if index + 1 < len(limits):
            until = min(until, limits[index + 1][0] - timedelta(microseconds=1))
        if until >= first:
            usable_until = max(usable_until, until)
    return usable_until


def validation_usable(validated_at: datetime, at: datetime, limits: DatedLimits) -> bool:
    """Whether a certificate may be issued at `at` upon a validation made at `validated_at`."""
    return validated_at <= at <= validated_at + limit_at(limits, at)


def _whole_second(at: datetime) -> datetime:
    if at.tzinfo is None:
        raise ValueError("a time needs its zone")
    return at.astimezone(UTC).replace(microsecond=0)
