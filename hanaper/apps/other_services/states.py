"""The states of any other service: used or not, nothing else matters to a refund (R8)."""

from enum import StrEnum


class SubscriptionState(StrEnum):
    UNUSED = "unused"  # the customer acts next: use it, or refund
    USED = "used"  # R8: no refund any more
    REFUNDED = "refunded"  # the end


MOVES: dict[SubscriptionState, frozenset[SubscriptionState]] = {
    SubscriptionState.UNUSED: frozenset({SubscriptionState.USED, SubscriptionState.REFUNDED}),
    # An operator may refund what was used (SPEC section 1), so the end is reached from here too.
    SubscriptionState.USED: frozenset({SubscriptionState.REFUNDED}),
    SubscriptionState.REFUNDED: frozenset(),
}

LABELS = {
    SubscriptionState.UNUSED: "Unused",
    SubscriptionState.USED: "Used",
    SubscriptionState.REFUNDED: "Refunded",
}
