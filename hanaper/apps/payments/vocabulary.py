"""The states of payments, charges, returns and attempts; each says who acts next."""

from enum import StrEnum


class Means(StrEnum):
    """How a part of a payment is paid. Vouchers and coupons are no money: they are never returned (R3)."""

    VOUCHER = "voucher"
    COUPON = "coupon"
    BALANCE = "balance"
    CARD = "card"


MONEY = frozenset({Means.BALANCE, Means.CARD})


class PaymentState(StrEnum):
    OPEN = "open"  # the customer acts
    PROCESSING = "processing"  # a provider acts
    PAID = "paid"
    CANCELLED = "cancelled"


class PartState(StrEnum):
    PLANNED = "planned"  # covered by voucher or coupon; captured with the rest
    HELD = "held"  # taken from the balance, not yet ours
    CHARGING = "charging"
    CAPTURED = "captured"
    RELEASED = "released"  # declined, or given up with the others


class AttemptState(StrEnum):
    """A charge or a refund at a provider. `unknown`: asked, and no answer; only reconciling tells."""

    PREPARED = "prepared"  # our row is committed, the provider not yet called
    SUBMITTED = "submitted"  # the call is, or was, under way
    PENDING = "pending"  # the provider decides later
    REQUIRES_ACTION = "requires_action"
    UNKNOWN = "unknown"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    CANCELLED = "cancelled"


UNFINISHED = (
    AttemptState.PREPARED,
    AttemptState.SUBMITTED,
    AttemptState.PENDING,
    AttemptState.REQUIRES_ACTION,
    AttemptState.UNKNOWN,
)


class ReturnState(StrEnum):
    RESERVED = "reserved"  # we act
    RETURNING = "returning"  # the provider acts
    RETURNED = "returned"
    VOIDED = "voided"


class Destination(StrEnum):
    """Where the money of a return ended (R4)."""

    ORIGINAL = "original"
    BALANCE = "balance"
