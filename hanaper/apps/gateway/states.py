"""The states of a gateway instance (SPEC section 4)."""

from enum import StrEnum


class GatewayState(StrEnum):
    NO_DOMAIN = "no_domain"  # the customer acts next: add a domain, or refund
    DOMAIN_ADDED = "domain_added"  # the customer acts next: set the CNAME in DNS
    ACTIVE = "active"
    QUOTA_EXHAUSTED = "quota_exhausted"  # the customer acts next: buy more
    EXPIRED = "expired"  # its term has ended
    REFUNDED = "refunded"  # the end


# An operator may refund by hand what was not reset (SPEC section 1).
MOVES: dict[GatewayState, frozenset[GatewayState]] = {
    GatewayState.NO_DOMAIN: frozenset(
        {GatewayState.DOMAIN_ADDED, GatewayState.EXPIRED, GatewayState.REFUNDED}
    ),
    GatewayState.DOMAIN_ADDED: frozenset(
        {GatewayState.ACTIVE, GatewayState.NO_DOMAIN, GatewayState.EXPIRED, GatewayState.REFUNDED}
    ),
    GatewayState.ACTIVE: frozenset(
        {
            GatewayState.QUOTA_EXHAUSTED,
            GatewayState.NO_DOMAIN,
            GatewayState.EXPIRED,
            GatewayState.REFUNDED,
        }
    ),
    GatewayState.QUOTA_EXHAUSTED: frozenset(
        {GatewayState.ACTIVE, GatewayState.NO_DOMAIN, GatewayState.EXPIRED, GatewayState.REFUNDED}
    ),
    GatewayState.EXPIRED: frozenset({GatewayState.REFUNDED}),
    GatewayState.REFUNDED: frozenset(),
}


# What a look may have seen of an instance.
SERVED_FOR_ANOTHER = "served_for_another"  # the problem of its domain
ORIGIN_FAILS = "origin_fails"  # visitors get no answer of it
CERTIFICATE_REVOKED = "certificate_revoked"  # of its certificate
RESET_WAITS = "reset_waits"  # not seen by looking: nodes have not answered


class WishState(StrEnum):
    """Where a certificate stands that an instance is to have by itself."""

    WANTED = "wanted"  # we act next, once the domain leads here where that is the proof
    APPLIED = "applied"  # its issuer acts next
    SERVED = "served"  # until another is due
    FAILED = "failed"  # we act next, after a pause, or when its owner asks
    ENDING = "ending"  # we act next: it is not wanted any more, and what is pending is called off


LABELS = {
    GatewayState.NO_DOMAIN: "No domain",
    GatewayState.DOMAIN_ADDED: "Domain added, waiting for DNS",
    GatewayState.ACTIVE: "Active",
    GatewayState.QUOTA_EXHAUSTED: "Quota exhausted",
    GatewayState.EXPIRED: "Expired",
    GatewayState.REFUNDED: "Refunded",
}

BEING_RESET = "Being reset"  # whatever its state

WISH_LABELS = {
    WishState.WANTED: "Wanted",
    WishState.APPLIED: "Applied for",
    WishState.SERVED: "Served",
    WishState.FAILED: "Failed",
    WishState.ENDING: "Being called off",
}
