"""What an order is pinned to when it is placed (D9): the policy, the zone, and the working days."""

from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any

from django.conf import settings

from hanaper.apps.catalog.models import Promotion
from hanaper.apps.orders.models import Order
from hanaper.apps.policies.registry import POLICIES
from hanaper.core.business_calendar import business_calendar
from hanaper.core.calendar import local_date, window_end, zone_named
from hanaper.core.refund.facts_writing import write_calendar


def calendar_for(at: datetime) -> dict[str, Any]:
    """The calendar object of SPEC section 7 for an order placed at `at`: its year and the one after."""
    year = local_date(at, zone_named(settings.ZONE)).year
    return dict(_calendar(settings.COUNTRY, year))


@lru_cache(maxsize=16)
def _calendar(country: str, year: int) -> dict[str, Any]:
    return write_calendar(business_calendar(country, (year, year + 1)))


def promotion_terms(promotion: Promotion | None) -> dict[str, Any] | None:
    """The promotion as an order keeps it: its refund terms are those it had then (R2, D9, D16)."""
    if promotion is None:
        return None
    return {
        "id": promotion.public_id,
        "name": promotion.name,
        "percent": promotion.percent,
        "policy": {"refundable": promotion.refundable, "days": promotion.refund_days},
    }


@dataclass(frozen=True, slots=True)
class RefundTerms:
    """What holds for a refund of an order, in short: R1, or the promotion's own terms (R2, D16)."""

    refundable: bool
    days: int


def refund_terms(order: Order) -> RefundTerms:
    return terms_under(order.policy, order.promotion)


def terms_under(policy: str, promotion: dict[str, Any] | None) -> RefundTerms:
    """The terms of a policy, and of a promotion as `promotion_terms` writes it."""
    if promotion is not None:
        return RefundTerms(promotion["policy"]["refundable"], promotion["policy"]["days"])
    return RefundTerms(True, POLICIES[policy].window_days)


def window_closes_at(order: Order) -> datetime | None:
    """Until when the refund of an order can be asked for if nothing of it is used (R1, R5, D1); None: never.

    Read from the order alone, for lists; what holds for one order is said by its decision.
    """
    terms = refund_terms(order)
    if order.paid_at is None or not terms.refundable:
        return None
    return window_end(order.paid_at, terms.days, zone_named(order.zone), POLICIES[order.policy].counting)


def reset_window_closes_at(order: Order) -> datetime | None:
    """Until when what the order bought, and is used by now, can be reset for a refund (R17, R18, D3)."""
    terms = refund_terms(order)
    if order.paid_at is None or not terms.refundable:
        return None
    return window_end(order.placed_at, terms.days, zone_named(order.zone), POLICIES[order.policy].counting)
