"""What people read about an event. Placeholders are fields of the event's data, and `subject`.

An event without a text of its own is told by its name; nothing is lost because a text is missing.
"""

from collections.abc import Mapping
from typing import Any

from hanaper.apps.events.vocabulary import EventKind

# kind: (title, text)
TEXTS: dict[EventKind, tuple[str, str]] = {
    EventKind.MEMBER_ADDED: ("{email} joined the account", "{email} is now a member with the role {role}."),
    EventKind.VOUCHER_CREATED: (
        "A voucher of {price} for this account",
        "The voucher {subject} is worth {price} and can be spent until {expires_at}.",
    ),
    EventKind.ORDER_PLACED: (
        "Order {subject} was placed",
        "The order {subject} comes to {price}. It is kept until {expires_at}; pay it before that.",
    ),
    EventKind.ORDER_PAID: (
        "Order {subject} is paid",
        "The order {subject} over {price} is paid and what was bought is ready to use.",
    ),
    EventKind.ORDER_CANCELLED: (
        "Order {subject} was cancelled",
        "The unpaid order {subject} was cancelled; vouchers and coupon are free again.",
    ),
    EventKind.ORDER_EXPIRED: (
        "Order {subject} was not paid in time",
        "The order {subject} was not paid in time and has ended; vouchers and coupon are free again.",
    ),
    EventKind.POLICY_PUBLISHED: (
        "Refund policy {subject} was published",
        "The refund policy {subject} holds for orders placed from {holds_from} on.",
    ),
}


class _Fields(dict[str, Any]):
    def __missing__(self, name: str) -> str:
        return "?"


def text_of(kind: str, subject: str, data: Mapping[str, Any]) -> tuple[str, str]:
    """Title (one line, at most 300 characters) and text of an event."""
    fields = _Fields({**data, "subject": subject})
    plain = kind.replace(".", ": ").replace("_", " ").capitalize()
    known = TEXTS.get(EventKind(kind)) if kind in set(EventKind) else None
    title, text = known or (plain + " ({subject})", plain + ": {subject}.")
    title = " ".join(title.format_map(fields).split())
    return title[:300], text.format_map(fields)
