"""Which window an order has, and whether what must happen inside it still can (D1, D2, D3, D16)."""

from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from hanaper.core.calendar import window_end
from hanaper.core.refund.facts import CaState, Facts
from hanaper.core.refund.policy import Inside, Opens, Policy, Use


@dataclass(frozen=True, slots=True)
class Window:
    """`closes_at` is None while nothing was paid and the clock has not started.

    `passed`: what must happen inside did not, and no longer can. `kept`: it has happened, in time.
    """

    days: int
    closes_at: datetime | None
    passed: bool
    kept: bool


def use_of(facts: Facts) -> Use:
    """What was done with what the order bought, as far as refunds care."""
    if facts.certificates is not None:
        # R10: a certificate on the list was made from the order's quota. R5: none, nothing was done.
        return Use.CERTIFICATES if facts.certificates else Use.UNUSED
    if facts.ca is not None:
        # R17, D8: enabled now, or enabled once and reset since.
        used = facts.ca.state is CaState.ENABLED or facts.ca.reset_at is not None
        return Use.PRIVATE_CA if used else Use.UNUSED
    if facts.gateway is not None:
        # D8: no domain, never reset and nothing consumed is unused. Consumption is judged first.
        gateway = facts.gateway
        used = gateway.consumed or gateway.domains > 0 or gateway.reset_at is not None
        return Use.GATEWAY if used else Use.UNUSED
    # R8
    return Use.OTHER_SERVICE if facts.service is not None and facts.service.used else Use.UNUSED


def reset_of(facts: Facts) -> datetime | None:
    """When the CA or gateway was reset, if it stayed so since (D2)."""
    if facts.ca is not None:
        return facts.ca.reset_at
    return None if facts.gateway is None else facts.gateway.reset_at


def window_of(facts: Facts, policy: Policy, use: Use, zone: ZoneInfo, at: datetime) -> Window:
    order, rule = facts.order, policy.uses[use]
    # D16: a promotion's number of days replaces seven; where the clock starts stays.
    days = policy.window_days if order.promotion is None else order.promotion.days
    # D3: R1 and R5 from completed payment, R17 and R18 from placing the order.
    opened_at = order.paid_at if rule.opens is Opens.PAID else order.placed_at
    if opened_at is None:
        return Window(days, None, passed=False, kept=False)
    closes_at = window_end(opened_at, days, zone, policy.counting)
    # D2: the request for SSL certificates and whatever is unused; the reset for a used CA or gateway.
    reset_at = reset_of(facts) if rule.inside is Inside.RESET else None
    if reset_at is None:
        return Window(days, closes_at, passed=at >= closes_at, kept=False)
    return Window(days, closes_at, passed=reset_at >= closes_at, kept=reset_at < closes_at)
