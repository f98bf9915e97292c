"""The states of a private CA (SPEC section 4)."""

from enum import StrEnum


class PrivateCaKind(StrEnum):
    ROOT = "root"
    INTERMEDIATE = "intermediate"


class PrivateCaState(StrEnum):
    NOT_ENABLED = "not_enabled"  # the customer acts next: enable, or refund
    ENABLED = "enabled"  # the customer uses it, or resets it
    EXPIRED = "expired"  # its term has ended
    REFUNDED = "refunded"  # R7: cannot be enabled again; the end


MOVES: dict[PrivateCaState, frozenset[PrivateCaState]] = {
    PrivateCaState.NOT_ENABLED: frozenset(
        {PrivateCaState.ENABLED, PrivateCaState.EXPIRED, PrivateCaState.REFUNDED}
    ),
    # An operator may refund by hand what was not reset (SPEC section 1).
    PrivateCaState.ENABLED: frozenset(
        {PrivateCaState.NOT_ENABLED, PrivateCaState.EXPIRED, PrivateCaState.REFUNDED}
    ),
    PrivateCaState.EXPIRED: frozenset({PrivateCaState.REFUNDED}),
    PrivateCaState.REFUNDED: frozenset(),
}

# The words of the document.
LABELS = {
    PrivateCaState.NOT_ENABLED: "Not enabled",
    PrivateCaState.ENABLED: "Enabled",
    PrivateCaState.EXPIRED: "Expired",
    PrivateCaState.REFUNDED: "Refunded",
}
