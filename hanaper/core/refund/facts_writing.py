"""Facts as JSON, the way section 7 of SPEC.md writes them; `facts_reading` takes them back."""

from datetime import datetime, time

from hanaper.core.calendar import BusinessCalendar
from hanaper.core.refund.canonical import write_moment
from hanaper.core.refund.facts import Certificate, Facts, Gateway, Order, PrivateCa, Promotion
from hanaper.core.refund.reading import JsonObject


def write_facts(facts: Facts) -> JsonObject:
    """The facts as a JSON object, keys in the order of section 7; only the part that the product has."""
    document: JsonObject = {"order": _write_order(facts.order)}
    if facts.certificates is not None:
        document["certificates"] = [_write_certificate(one) for one in facts.certificates]
    if facts.ca is not None:
        document["ca"] = _write_ca(facts.ca)
    if facts.gateway is not None:
        document["gateway"] = _write_gateway(facts.gateway)
    if facts.service is not None:
        document["service"] = {"used": facts.service.used}
    return document


def _moment_or_null(moment: datetime | None) -> str | None:
    return None if moment is None else write_moment(moment)


def _write_certificate(certificate: Certificate) -> JsonObject:
    return {
        "id": certificate.id,
        "state": certificate.state.value,
        "year": certificate.year,
        "series": certificate.series,
        "publicly_trusted": certificate.publicly_trusted,
        "revocation_requested_at": _moment_or_null(certificate.revocation_requested_at),
    }


def _write_ca(ca: PrivateCa) -> JsonObject:
    return {
        "id": ca.id,
        "state": ca.state.value,
        "reset_at": _moment_or_null(ca.reset_at),
        "enabled_intermediates": list(ca.enabled_intermediates),
    }


def _write_gateway(gateway: Gateway) -> JsonObject:
    return {
        "id": gateway.id,
        "domains": gateway.domains,
        "visits": gateway.visits,
        "bytes_out": gateway.bytes_out,
        "grcq_included": gateway.grcq_included,
        "grcq_used": gateway.grcq_used,
        "reset_at": _moment_or_null(gateway.reset_at),
    }


def _write_order(order: Order) -> JsonObject:
    return {
        "id": order.id,
        "product": order.product,
        "origin": order.origin.value,
        "placed_at": write_moment(order.placed_at),
        "paid_at": _moment_or_null(order.paid_at),
        "currency": order.currency,
        "years": order.years,
        "combined": order.combined,
        "payments": [{"means": part.means, "amount": part.amount} for part in order.payments],
        "promotion": None if order.promotion is None else _write_promotion(order.promotion),
        "policy": order.policy,
        "zone": order.zone,
        "calendar": write_calendar(order.calendar),
        "refund": None if order.refund is None else order.refund.value,
    }


def _write_promotion(promotion: Promotion) -> JsonObject:
    return {
        "id": promotion.id,
        "policy": {"refundable": promotion.refundable, "days": promotion.days},
    }


def write_calendar(calendar: BusinessCalendar) -> JsonObject:
    """The facts' calendar object, as kept in the settings of an installation and in every decision."""
    return {
        "name": calendar.name,
        "closed": [day.isoformat() for day in calendar.closed],
        "open": [day.isoformat() for day in calendar.open],
        "day_ends": _write_time(calendar.day_ends),
    }


def _write_time(moment: time) -> str:
    return f"{moment.hour:02}:{moment.minute:02}"
