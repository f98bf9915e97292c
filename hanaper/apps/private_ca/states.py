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
    # A renewal that was ordered in time and paid after the end.
    PrivateCaState.EXPIRED: frozenset(
        {PrivateCaState.NOT_ENABLED, PrivateCaState.ENABLED, PrivateCaState.REFUNDED}
    ),
    PrivateCaState.REFUNDED: frozenset(),
}


class PrivateCertificateState(StrEnum):
    ISSUING = "issuing"  # known, and not signed yet
    ISSUED = "issued"
    HELD = "held"  # on the list, and may be released
    REVOKED = "revoked"
    EXPIRED = "expired"  # its time was over before it was revoked
    FAILED = "failed"  # nobody knows whether it was signed: its serial is on the list, its quota given back


class Operation(StrEnum):
    """What takes two persons while the account's rule says so. A word is never renamed: rows keep it."""

    ENABLE = "enable"  # a root, or an intermediate that a root signs
    RESET = "reset"  # a root
    RENEW = "renew"  # a root, or an intermediate that a root signs
    CROSS_SIGN = "cross_sign"  # by a root
    REQUEST = "request"  # what a CA that is not here is to sign: the first time, or again
    COMPLETE = "complete"  # what it has signed comes in
    ONE_PERSON = "one_person"  # the end of the rule itself


class CeremonyState(StrEnum):
    PROPOSED = "proposed"  # a second person acts next
    APPROVED = "approved"  # we act next; the sweep too
    CARRIED_OUT = "carried_out"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"
    EXPIRED = "expired"  # nobody decided in time
    FAILED = "failed"  # approved, and refused by what it was for


OPEN_CEREMONY = (CeremonyState.PROPOSED, CeremonyState.APPROVED)


# It may have keys, and what it issued is trusted: after its term too.
WITH_KEYS = (PrivateCaState.ENABLED, PrivateCaState.EXPIRED)


# What relying parties may meet before its time is over: a hold can be released.
GOOD = (PrivateCertificateState.ISSUED, PrivateCertificateState.HELD)


class BatchState(StrEnum):
    """Of certificates that were ordered in a table."""

    RUNNING = "running"
    STOPPED = "stopped"  # what holds for every row is in the way; it may be resumed
    DONE = "done"
    CANCELLED = "cancelled"


class BatchRowState(StrEnum):
    WAITING = "waiting"
    BEGUN = "begun"  # its certificate is known: the state of that says the rest
    REFUSED = "refused"
    CANCELLED = "cancelled"


# The words of the document.
LABELS = {
    PrivateCaState.NOT_ENABLED: "Not enabled",
    PrivateCaState.ENABLED: "Enabled",
    PrivateCaState.EXPIRED: "Expired",
    PrivateCaState.REFUNDED: "Refunded",
}
