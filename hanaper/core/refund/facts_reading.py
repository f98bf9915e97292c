"""Facts from JSON, as section 7 of SPEC.md writes them.

Strict about every field that is named there (all are required: "facts are complete"), indifferent to
fields that are not. A part that is null counts as left out.
"""

from collections.abc import Collection
from datetime import date
from enum import StrEnum
from functools import lru_cache
from typing import cast

from hanaper.core.calendar import BusinessCalendar, UnknownZone, zone_named
from hanaper.core.money import is_currency
from hanaper.core.refund.facts import (
    CaState,
    Certificate,
    CertificateState,
    Facts,
    Gateway,
    Order,
    Origin,
    OtherService,
    Payment,
    PrivateCa,
    Promotion,
    RefundProgress,
)
from hanaper.core.refund.policy import SHIPPED_POLICIES
from hanaper.core.refund.reading import (
    JsonObject,
    as_date,
    as_object,
    as_text,
    as_time_of_day,
    get_bool,
    get_integer,
    get_list,
    get_moment,
    get_moment_or_none,
    get_object,
    get_text,
    get_value,
    join,
    senseless,
)
from hanaper.core.refund.sense import check_facts

# Lengths of terms and windows beyond which nobody means it; the end of such a window is still a date.
MOST_YEARS = 100
MOST_DAYS = 36_600
# As many as the days of three centuries.
MOST_CALENDAR_DAYS = 100_000
# What a 64-bit column holds: visits, and bytes that left.
MOST_COUNT = 2**63 - 1


def read_facts(document: object, policies: Collection[str] = SHIPPED_POLICIES) -> Facts:
    """The facts written in a parsed JSON `document`, or SenselessFacts and nothing else.

    `policies` are the names of the policies there are.
    """
    source = as_object(document, "facts")
    facts = Facts(
        order=_read_order(get_object(source, "order", ""), policies),
        certificates=None if source.get("certificates") is None else _read_certificates(source),
        ca=None if source.get("ca") is None else _read_ca(get_object(source, "ca", "")),
        gateway=None if source.get("gateway") is None else _read_gateway(get_object(source, "gateway", "")),
        service=None if source.get("service") is None else _read_service(get_object(source, "service", "")),
    )
    check_facts(facts)
    return facts


def _read_order(source: JsonObject, policies: Collection[str]) -> Order:
    currency = get_text(source, "currency", "order")
    if not is_currency(currency):
        senseless("order", "currency", "is not a currency this service deals in")
    policy = get_text(source, "policy", "order")
    if policy not in policies:
        senseless("order", "policy", "is not a refund policy this service has")
    zone = get_text(source, "zone", "order")
    try:
        zone_named(zone)
    except UnknownZone:
        senseless("order", "zone", "is not a time zone of the zone database")
    return Order(
        id=get_text(source, "id", "order"),
        product=get_text(source, "product", "order"),
        origin=_one_of(Origin, source, "origin", "order"),
        placed_at=get_moment(source, "placed_at", "order"),
        paid_at=get_moment_or_none(source, "paid_at", "order"),
        currency=currency,
        years=get_integer(source, "years", "order", most=MOST_YEARS),
        combined=get_bool(source, "combined", "order"),
        payments=_read_payments(source),
        promotion=_read_promotion(source),
        policy=policy,
        zone=zone,
        calendar=_read_calendar(get_object(source, "calendar", "order")),
        refund=(
            None
            if get_value(source, "refund", "order") is None
            else _one_of(RefundProgress, source, "refund", "order")
        ),
    )


def _one_of[Choice: StrEnum](choices: type[Choice], source: JsonObject, key: str, path: str) -> Choice:
    value = get_value(source, key, path)
    if type(value) is str:
        member = choices._value2member_map_.get(value)
        if member is not None:
            return cast(Choice, member)
    senseless(path, key, "must be one of " + ", ".join(choices))


def _read_payments(order: JsonObject) -> tuple[Payment, ...]:
    payments = []
    for position, value in enumerate(get_list(order, "payments", "order")):
        path = f"order.payments.{position}"
        source = as_object(value, path)
        payments.append(Payment(get_text(source, "means", path), get_integer(source, "amount", path)))
    return tuple(payments)


def _read_promotion(order: JsonObject) -> Promotion | None:
    if get_value(order, "promotion", "order") is None:
        return None
    source = get_object(order, "promotion", "order")
    terms = get_object(source, "policy", "order.promotion")
    path = "order.promotion.policy"
    return Promotion(
        id=get_text(source, "id", "order.promotion"),
        refundable=get_bool(terms, "refundable", path),
        days=get_integer(terms, "days", path, most=MOST_DAYS),
    )


def _read_calendar(source: JsonObject) -> BusinessCalendar:
    path = "order.calendar"
    return _calendar(
        get_text(source, "name", path),
        _texts(source, "closed", path),
        _texts(source, "open", path),
        get_text(source, "day_ends", path),
    )


@lru_cache(maxsize=256)
def _calendar(name: str, closed: tuple[str, ...], opened: tuple[str, ...], day_ends: str) -> BusinessCalendar:
    """Most orders share one calendar of some hundred days: it is built once."""
    return BusinessCalendar(
        name=name,
        closed=_dates(closed, "order.calendar.closed"),
        open=_dates(opened, "order.calendar.open"),
        day_ends=as_time_of_day(day_ends, "order.calendar", "day_ends"),
    )


def _texts(source: JsonObject, key: str, path: str) -> tuple[str, ...]:
    values = get_list(source, key, path)
    if len(values) > MOST_CALENDAR_DAYS:
        senseless(path, key, f"must not have more than {MOST_CALENDAR_DAYS} days")
    # Hundreds of days in every order's facts: ask for all their types at once.
    if not set(map(type, values)) <= {str}:
        position = next(index for index, value in enumerate(values) if type(value) is not str)
        senseless(join(path, key), position, "must be a date, such as 2026-03-01")
    return cast(tuple[str, ...], tuple(values))


def _dates(values: tuple[str, ...], path: str) -> tuple[date, ...]:
    return tuple(as_date(value, path, position) for position, value in enumerate(values))


def _read_certificates(facts: JsonObject) -> tuple[Certificate, ...]:
    certificates = []
    for position, value in enumerate(get_list(facts, "certificates", "")):
        path = f"certificates.{position}"
        source = as_object(value, path)
        certificates.append(
            Certificate(
                id=get_text(source, "id", path),
                state=_one_of(CertificateState, source, "state", path),
                year=get_integer(source, "year", path, least=1, most=MOST_YEARS),
                series=get_text(source, "series", path),
                publicly_trusted=get_bool(source, "publicly_trusted", path),
                revocation_requested_at=get_moment_or_none(source, "revocation_requested_at", path),
            )
        )
    return tuple(certificates)


def _read_ca(source: JsonObject) -> PrivateCa:
    return PrivateCa(
        id=get_text(source, "id", "ca"),
        state=_one_of(CaState, source, "state", "ca"),
        reset_at=get_moment_or_none(source, "reset_at", "ca"),
        enabled_intermediates=tuple(
            as_text(value, "ca.enabled_intermediates", position)
            for position, value in enumerate(get_list(source, "enabled_intermediates", "ca"))
        ),
    )


def _read_gateway(source: JsonObject) -> Gateway:
    return Gateway(
        id=get_text(source, "id", "gateway"),
        domains=get_integer(source, "domains", "gateway", most=MOST_COUNT),
        visits=get_integer(source, "visits", "gateway", most=MOST_COUNT),
        bytes_out=get_integer(source, "bytes_out", "gateway", most=MOST_COUNT),
        grcq_included=get_integer(source, "grcq_included", "gateway", least=1, most=MOST_COUNT),
        grcq_used=get_integer(source, "grcq_used", "gateway", most=MOST_COUNT),
        reset_at=get_moment_or_none(source, "reset_at", "gateway"),
    )


def _read_service(source: JsonObject) -> OtherService:
    return OtherService(used=get_bool(source, "used", "service"))
