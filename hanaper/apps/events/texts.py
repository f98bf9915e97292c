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
    EventKind.VALIDATION_NEEDED: (
        "Show that you control {domains}",
        "The certificate {subject} waits until control of {domains} is shown. Its page says which DNS record"
        " or file to set up; we keep looking by ourselves.",
    ),
    EventKind.CERTIFICATE_ISSUED: (
        "A certificate for {domains} was issued",
        "The certificate {subject} for {domains} was issued with the serial number {serial}. Its year ends"
        " {term_end}.",
    ),
    EventKind.CERTIFICATE_REISSUED: (
        "The certificate for {domains} was reissued",
        "The certificate {subject} for {domains} was reissued with the serial number {serial}, valid until"
        " {not_after}. Install it in place of the one before.",
    ),
    EventKind.CERTIFICATE_FAILED: (
        "The application for {domains} has failed",
        "The application for the certificate {subject} has failed: {reason} Modify it and submit it again.",
    ),
    EventKind.CERTIFICATE_EXPIRING: (
        "The certificate for {domains} ends soon",
        "The year of the certificate {subject} for {domains} ends {term_end}. Renew it before that.",
    ),
    EventKind.CERTIFICATE_EXPIRED: (
        "The certificate for {domains} has expired",
        "The year of the certificate {subject} for {domains} has ended.",
    ),
    EventKind.CERTIFICATE_ACTIVATED: (
        "The next year of {domains} was activated",
        "The certificate {subject} was activated and applied for with the data of the year before.",
    ),
    EventKind.CERTIFICATE_REVOKED: (
        "The certificate for {domains} is revoked",
        "The certificate {subject} for {domains} is revoked and must not be used any more. {text}",
    ),
    EventKind.REISSUE_FAILED: (
        "Reissuing the certificate for {domains} has failed",
        "The certificate {subject} is still valid, but could not be reissued: {reason} We try again.",
    ),
    EventKind.REVIEW_NEEDED: (
        "An application of {company} waits for review",
        "The application for the certificate {subject} ({domains}) waits for a reviewer.",
    ),
    EventKind.REVOCATION_ASKED: (
        "A revocation waits for review until {due_at}",
        "The certificate {subject} ({domains}) is to be revoked: {reason}. The review is due {due_at}.",
    ),
    EventKind.REVOCATION_REFUSED: (
        "The revocation for {domains} was refused",
        "The certificate {subject} stays issued: {reason}",
    ),
    EventKind.REVOCATION_OVERDUE: (
        "The review of {request} is overdue",
        "The request {request} to revoke the certificate {subject} ({domains}) was due {due_at}.",
    ),
    EventKind.ISSUER_TROUBLE: (
        "An issuer does not answer",
        "The issuer does not answer about the certificate {subject} ({domains}): {fault}",
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
