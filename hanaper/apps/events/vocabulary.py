"""What can happen that somebody is told of: a closed list. Each area adds its own block."""

from enum import StrEnum


class EventKind(StrEnum):
    # accounts
    MEMBER_ADDED = "account.member_added"

    # catalog
    VOUCHER_CREATED = "voucher.created"

    # orders
    ORDER_PLACED = "order.placed"
    ORDER_PAID = "order.paid"
    ORDER_CANCELLED = "order.cancelled"
    ORDER_EXPIRED = "order.expired"
    ORDER_PAID_TOO_LATE = "order.paid_too_late"
    POLICY_PUBLISHED = "policy.published"
