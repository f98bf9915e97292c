"""The sentences of a decision, for the customer: plain words, with dates in the order's zone."""

from datetime import date, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from hanaper.core.calendar import Counting, local_date
from hanaper.core.refund.decision import Action, Step
from hanaper.core.refund.facts import Facts, Promotion
from hanaper.core.refund.policy import Inside, Policy, Use
from hanaper.core.refund.window import Window, reset_of

# Not strftime: its names follow the locale of the process, and decisions are the same bytes everywhere.
MONTHS = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September",
    "October", "November", "December",
)  # fmt: skip


def long_date(day: date) -> str:
    return f"{day.day} {MONTHS[day.month - 1]} {day.year}"


def long_moment(moment: datetime, zone: ZoneInfo) -> str:
    local = moment.astimezone(zone)
    return f"{local.hour:02}:{local.minute:02} on {long_date(local)} ({zone.key})"


@lru_cache(maxsize=4096)
def deadline(closes_at: datetime, zone: ZoneInfo, counting: Counting) -> str:
    """The end of a window as people say it: the last day that is in, or the moment that is out."""
    if counting is Counting.ELAPSED_TIME:
        return long_moment(closes_at, zone)
    last_day = local_date(closes_at - timedelta(microseconds=1), zone)
    return f"the end of {long_date(last_day)} ({zone.key})"


def days_in_words(days: int, counting: Counting) -> str:
    plural = "" if days == 1 else "s"
    if counting is Counting.ELAPSED_TIME:
        return f"{days} day{plural} ({days * 24} hours)"
    return f"{days} calendar day{plural}"


def promotion_excludes(promotion: Promotion) -> str:
    return f"This order was bought in the promotion {promotion.id}, whose terms exclude a refund."


def too_late(facts: Facts, policy: Policy, use: Use, window: Window, ended: str) -> str:
    """What to say once the window has passed; `ended` is its deadline in words."""
    days = days_in_words(window.days, policy.counting)
    promotion = facts.order.promotion
    terms = "" if promotion is None else f" under the terms of the promotion {promotion.id}"
    if policy.uses[use].inside is Inside.REQUEST:
        return f"The refund window of {days}{terms} closed at {ended}."
    thing = "private CA was enabled" if use is Use.PRIVATE_CA else "gateway was used"
    return f"The {thing} and not reset within {days} of placing the order{terms}, by {ended}."


def unused(facts: Facts, until: str) -> str:
    if facts.certificates is not None:
        return f"No certificate of this order is on the list; the refund can be asked for until {until}."
    return f"Nothing was done with this service since it was paid; the refund can be asked for until {until}."


def certificates_ready(until: str) -> str:
    return (
        "Every certificate of this order was cancelled or revoked; "
        f"the refund can be asked for until {until}."
    )


def certificates_first(until: str) -> str:
    return (
        "Quota of this order was used to apply for certificates. First every application must be cancelled "
        f"and every issued certificate revoked; then the refund must be asked for by {until}."
    )


def several_years_first(count: int) -> str:
    those = "the certificate" if count == 1 else f"the {count} certificates"
    return (
        f"The first certificate of several years was issued, so {those} not activated must be cancelled "
        "before it is revoked. Cancelling cannot be undone and restores no quota."
    )


def review_warning(revoke_by: date, purchased: date, today: date, allowed: str) -> str:
    """D12: the last day on which a review is sure to come in time, and whether it has passed."""
    irrevocable = (
        "Revoking cannot be undone, and once the refund window has passed a refund is impossible: "
        "do not revoke unless it is required."
    )
    if revoke_by < purchased:
        return (
            f"A revocation is reviewed, which takes up to {allowed}: on no day of the window is a request "
            f"sure to be reviewed in time. {irrevocable}"
        )
    if today > revoke_by:
        return (
            f"A revocation is reviewed, which takes up to {allowed}: the last day on which a request was "
            f"sure to be reviewed in time, {long_date(revoke_by)}, has passed. {irrevocable}"
        )
    return (
        f"A revocation is reviewed, which takes up to {allowed}: a request by {long_date(revoke_by)} is sure "
        f"to be reviewed in time. {irrevocable}"
    )


def reset_needed(use: Use, steps: tuple[Step, ...], until: str) -> str:
    below = [step.target for step in steps if step.action is Action.RESET][:-1]
    first = ""
    if below:
        # D7
        first = (
            f" Its enabled intermediates are reset before it: {', '.join(below)}; those that belong to other "
            "orders are not refunded by this."
        )
    if use is Use.PRIVATE_CA:
        used, lost = "The private CA was enabled.", "all data of the CA"
    else:
        used, lost = "The gateway was used.", "the gateway's settings"
    return (
        f"{used} It must be reset by {until}; after that the refund can be asked for at any time.{first} "
        f"Resetting deletes {lost} and cannot be undone."
    )


def reset_done(facts: Facts, use: Use, zone: ZoneInfo) -> str:
    reset_at = reset_of(facts)
    thing = "private CA" if use is Use.PRIVATE_CA else "gateway"
    when = "" if reset_at is None else f", at {long_moment(reset_at, zone)}"
    return f"The {thing} was reset in time{when}; the refund can be asked for at any time."


def partial(left: int, included: int) -> str:
    return (
        f"Some of its GRCQ quota was consumed: {left} of {included} are left, and that part of the money "
        "paid is returned, rounded down."
    )
