"""What events are about, as people choose which letters they want; and what they get who chose nothing."""

from enum import StrEnum

from hanaper.apps.events.vocabulary import EventKind
from hanaper.core.actor import AccountRole, StaffRole


class Topic(StrEnum):
    VALIDATION = "validation"
    ISSUED = "issued"
    FAILED = "failed"
    EXPIRING = "expiring"
    REVOCATION = "revocation"
    REFUND_WINDOW = "refund_window"
    REFUNDS = "refunds"
    MONEY = "money"
    MEMBERS = "members"
    GATEWAY = "gateway"
    WEBHOOKS = "webhooks"
    OPERATORS = "operators"  # what concerns no account


TOPIC_OF: dict[EventKind, Topic] = {
    EventKind.MEMBER_ADDED: Topic.MEMBERS,
    EventKind.WEBHOOK_TEST: Topic.WEBHOOKS,
    EventKind.WEBHOOK_GIVEN_UP: Topic.WEBHOOKS,
    EventKind.WEBHOOK_DISABLED: Topic.WEBHOOKS,
    EventKind.VOUCHER_CREATED: Topic.MONEY,
    EventKind.BALANCE_CREDITED: Topic.MONEY,
    EventKind.PAYMENT_FAILED: Topic.MONEY,
    EventKind.RETURN_BOUNCED: Topic.REFUNDS,
    EventKind.RETURN_NEEDS_OPERATOR: Topic.OPERATORS,
    EventKind.EXTERNAL_REFUND_FOUND: Topic.OPERATORS,
    EventKind.RECOVERY_FOUND: Topic.OPERATORS,
    EventKind.ORDER_PLACED: Topic.MONEY,
    EventKind.ORDER_PAID: Topic.MONEY,
    EventKind.ORDER_CANCELLED: Topic.MONEY,
    EventKind.ORDER_EXPIRED: Topic.MONEY,
    EventKind.POLICY_PUBLISHED: Topic.OPERATORS,
    EventKind.VALIDATION_NEEDED: Topic.VALIDATION,
    EventKind.CERTIFICATE_ISSUED: Topic.ISSUED,
    EventKind.CERTIFICATE_REISSUED: Topic.ISSUED,
    EventKind.CERTIFICATE_FAILED: Topic.FAILED,
    EventKind.CERTIFICATE_EXPIRING: Topic.EXPIRING,
    EventKind.CERTIFICATE_EXPIRED: Topic.EXPIRING,
    EventKind.CERTIFICATE_ACTIVATED: Topic.ISSUED,
    EventKind.CERTIFICATE_REVOKED: Topic.REVOCATION,
    EventKind.REISSUE_FAILED: Topic.FAILED,
    EventKind.PRIVATE_CA_ENABLED: Topic.ISSUED,
    EventKind.PRIVATE_CA_RESET: Topic.REVOCATION,
    EventKind.PRIVATE_CA_EXPIRING: Topic.EXPIRING,
    EventKind.PRIVATE_CA_EXPIRED: Topic.EXPIRING,
    # Members too: one of them is the second person.
    EventKind.CEREMONY_PROPOSED: Topic.ISSUED,
    EventKind.CEREMONY_CARRIED_OUT: Topic.ISSUED,
    EventKind.CEREMONY_ENDED: Topic.ISSUED,
    EventKind.PRIVATE_CA_QUOTA_LOW: Topic.EXPIRING,
    EventKind.PRIVATE_CERTIFICATE_EXPIRING: Topic.EXPIRING,
    EventKind.PRIVATE_CERTIFICATE_REVOKED: Topic.REVOCATION,
    EventKind.PRIVATE_CERTIFICATE_SAME_KEY: Topic.REVOCATION,
    EventKind.CERTIFICATE_BATCH_DONE: Topic.ISSUED,
    EventKind.CERTIFICATE_BATCH_STOPPED: Topic.FAILED,
    EventKind.PRIVATE_CA_RENEWED: Topic.ISSUED,
    EventKind.PRIVATE_CA_REVOKED: Topic.REVOCATION,
    EventKind.REVIEW_NEEDED: Topic.OPERATORS,
    EventKind.REVOCATION_ASKED: Topic.OPERATORS,
    EventKind.REVOCATION_REFUSED: Topic.REVOCATION,
    EventKind.REVOCATION_OVERDUE: Topic.OPERATORS,
    EventKind.ISSUER_TROUBLE: Topic.OPERATORS,
    EventKind.GATEWAY_ACTIVE: Topic.GATEWAY,
    EventKind.GATEWAY_TAKEN_OVER: Topic.GATEWAY,
    EventKind.GATEWAY_QUOTA_LOW: Topic.GATEWAY,
    EventKind.GATEWAY_QUOTA_EXHAUSTED: Topic.GATEWAY,
    EventKind.GATEWAY_RESET: Topic.GATEWAY,
    EventKind.GATEWAY_EXPIRING: Topic.GATEWAY,
    EventKind.GATEWAY_EXPIRED: Topic.GATEWAY,
    EventKind.GATEWAY_CERTIFICATE_ORDERED: Topic.GATEWAY,
    EventKind.GATEWAY_CERTIFICATE_FAILED: Topic.GATEWAY,
    EventKind.GATEWAY_CERTIFICATE_RENEWED: Topic.GATEWAY,
    EventKind.GATEWAY_CERTIFICATE_ENDING: Topic.GATEWAY,
    EventKind.REFUND_WINDOW_CLOSING: Topic.REFUND_WINDOW,
    EventKind.REFUND_REQUESTED: Topic.REFUNDS,
    EventKind.REFUND_SUCCEEDED: Topic.REFUNDS,
    EventKind.REFUND_TO_BALANCE: Topic.REFUNDS,
    EventKind.REFUND_GIVEN_UP: Topic.REFUNDS,
    EventKind.REFUND_PROPOSED: Topic.OPERATORS,
    EventKind.PLAN_NEEDS_CUSTOMER: Topic.REFUNDS,
    EventKind.PLAN_ENDED: Topic.REFUNDS,
}

# Beside administrators, who get every letter to the operators.
STAFF_OF: dict[EventKind, StaffRole] = {
    EventKind.REVIEW_NEEDED: StaffRole.REVIEWER,
    EventKind.REVOCATION_ASKED: StaffRole.REVIEWER,
    EventKind.REVOCATION_OVERDUE: StaffRole.REVIEWER,
    EventKind.RETURN_NEEDS_OPERATOR: StaffRole.FINANCE,
    EventKind.EXTERNAL_REFUND_FOUND: StaffRole.FINANCE,
    EventKind.RECOVERY_FOUND: StaffRole.FINANCE,
    EventKind.REFUND_PROPOSED: StaffRole.FINANCE,
}

ACCOUNT_TOPICS = tuple(topic for topic in Topic if topic is not Topic.OPERATORS)

# Members do the work with certificates; the money and the people are the owners'.
BY_DEFAULT: dict[AccountRole, frozenset[Topic]] = {
    AccountRole.OWNER: frozenset(ACCOUNT_TOPICS),
    AccountRole.MEMBER: frozenset({Topic.VALIDATION, Topic.ISSUED, Topic.FAILED, Topic.EXPIRING}),
    AccountRole.READ_ONLY: frozenset(),
}


def topics_of(account_id: int | None) -> tuple[Topic, ...]:
    """What somebody chooses from in an account, or as an operator."""
    return (Topic.OPERATORS,) if account_id is None else ACCOUNT_TOPICS


def topic_of(kind: str, account_id: int | None) -> Topic | None:
    """None: a kind that nobody knows any more, told to whoever gets everything by default."""
    if account_id is None:
        return Topic.OPERATORS
    return TOPIC_OF.get(EventKind(kind)) if kind in set(EventKind) else None
