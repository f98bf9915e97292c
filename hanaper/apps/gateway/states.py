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

LABELS = {
    GatewayState.NO_DOMAIN: "No domain",
    GatewayState.DOMAIN_ADDED: "Domain added, waiting for DNS",
    GatewayState.ACTIVE: "Active",
    GatewayState.QUOTA_EXHAUSTED: "Quota exhausted",
    GatewayState.EXPIRED: "Expired",
    GatewayState.REFUNDED: "Refunded",
}
