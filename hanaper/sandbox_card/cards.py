"""The test cards: what each does. No other number is taken, so that nobody types a real one."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Card:
    """`charge` and `refund` say what happens to either; empty: it simply works."""

    name: str
    number: str
    does: str
    charge: str = ""
    refund: str = ""


def _number(index: int) -> str:
    return f"400000000000{index:04d}"


_TABLE = (
    ("success", "Works.", "", ""),
    ("declined", "Every charge is declined.", "declined", ""),
    ("insufficient_funds", "Every charge is declined for lack of funds.", "insufficient_funds", ""),
    ("charge_late", "A charge is pending first, then succeeds.", "late", ""),
    ("charge_pending_fails", "A charge is pending first, then fails.", "pending_fails", ""),
    ("charge_timeout_before", "The first charge is never answered, and was not made.", "timeout_before", ""),
    ("charge_timeout_after", "The first charge is never answered, but was made.", "timeout_after", ""),
    (
        "charge_error_500",
        "The first key gets an error, kept under it; another key works.",
        "error",
        "",
    ),
    ("charge_busy", "The first try is answered with 429.", "busy", ""),
    ("refund_pending", "A refund is pending first, then succeeds.", "", "late"),
    ("refund_stuck", "A refund stays pending until it is resolved by hand.", "", "stuck"),
    ("refund_requires_action", "A refund waits for somebody to act.", "", "requires_action"),
    ("refund_fails", "A refund fails at once.", "", "fails"),
    ("refund_fails_later", "A refund is pending first, then fails.", "", "pending_fails"),
    ("refund_bounces", "A refund succeeds, and fails later after all.", "", "bounces"),
    ("refund_arrives_after_all", "A refund fails, and turns out to have succeeded.", "", "arrives"),
    ("refund_timeout_before", "The first refund is never answered, and was not made.", "", "timeout_before"),
    ("refund_timeout_after", "The first refund is never answered, but was made.", "", "timeout_after"),
    ("refund_error_500", "The first key gets an error, kept under it; another works.", "", "error"),
    ("refund_busy", "The first try of a refund is answered with 429.", "", "busy"),
    ("refund_partial", "A refund gives back half of what it is asked to.", "", "partial"),
    ("webhooks_unordered", "Works; its webhooks arrive in the wrong order.", "", "unordered"),
)

CARDS = tuple(
    Card(name, _number(index), does, charge, refund)
    for index, (name, does, charge, refund) in enumerate(_TABLE, start=1)
)
BY_NUMBER = {card.number: card for card in CARDS}
BY_NAME = {card.name: card for card in CARDS}
