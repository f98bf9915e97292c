"""The words of orders, with their tables of moves (SPEC section 4)."""

from enum import StrEnum


class OrderState(StrEnum):
    UNPAID = "unpaid"  # the customer acts next: pay or cancel
    PAID = "paid"  # the customer uses it, or asks for a refund
    CANCELLED = "cancelled"  # never paid; the end
    REFUND_IN_PROGRESS = "refund_in_progress"  # we act next: locked (D11)
    REFUNDED = "refunded"  # `Refund successfully` (R6); the end


MOVES: dict[OrderState, frozenset[OrderState]] = {
    OrderState.UNPAID: frozenset({OrderState.PAID, OrderState.CANCELLED}),
    OrderState.PAID: frozenset({OrderState.REFUND_IN_PROGRESS}),
    OrderState.REFUND_IN_PROGRESS: frozenset({OrderState.REFUNDED, OrderState.PAID}),
    OrderState.CANCELLED: frozenset(),
    OrderState.REFUNDED: frozenset(),
}

# What people read, in the words of the document where it has one.
LABELS = {
    OrderState.UNPAID: "Unpaid",
    OrderState.PAID: "Paid",
    OrderState.CANCELLED: "Cancelled",
    OrderState.REFUND_IN_PROGRESS: "Refund in progress",
    OrderState.REFUNDED: "Refund successfully",
}


class OrderOrigin(StrEnum):
    PURCHASE = "purchase"
    RENEWAL = "renewal"  # of an expired certificate: refundable like a purchase
    EARLY_RENEWAL = "early_renewal"  # R14: not by self-service


class CancelReason(StrEnum):
    CUSTOMER = "customer"
    EXPIRED = "expired"  # not paid in time


class MovementKind(StrEnum):
    """How quota moves; `CHANGES` says what each does to what is available."""

    GRANT = "grant"  # the order was paid
    TAKE = "take"  # an application was created
    RESTORE = "restore"  # it was cancelled, or revoked in time
    FORFEIT = "forfeit"  # the order was refunded: for good
    COMBINE = "combine"  # quota already taken went into a combined certificate


CHANGES = {
    MovementKind.GRANT: 1,
    MovementKind.TAKE: -1,
    MovementKind.RESTORE: 1,
    MovementKind.FORFEIT: -1,
    MovementKind.COMBINE: 0,
}
