"""Facts that cannot be true together are senseless, and get no decision (section 7 of SPEC.md)."""

from datetime import datetime

from hanaper.core.refund.facts import (
    PART_OF_PRODUCT,
    PRIVATE_ROOT_CA,
    CaState,
    Facts,
    Gateway,
    Order,
    PrivateCa,
)
from hanaper.core.refund.senseless import SenselessFacts


def check_facts(facts: Facts) -> None:
    """Raise SenselessFacts for the first thing that contradicts another."""
    order = facts.order
    part = PART_OF_PRODUCT.get(order.product, "service")
    if getattr(facts, part) is None:
        raise SenselessFacts(part, f"is missing, and needed for the product {order.product}")
    # Written out rather than looped: every decision comes through here.
    if facts.certificates is not None and part != "certificates":
        raise SenselessFacts("certificates", f"does not belong to the product {order.product}")
    if facts.ca is not None and part != "ca":
        raise SenselessFacts("ca", f"does not belong to the product {order.product}")
    if facts.gateway is not None and part != "gateway":
        raise SenselessFacts("gateway", f"does not belong to the product {order.product}")
    if facts.service is not None and part != "service":
        raise SenselessFacts("service", f"does not belong to the product {order.product}")
    if order.paid_at is not None and order.paid_at < order.placed_at:
        raise SenselessFacts("order.paid_at", "is before order.placed_at")
    if facts.ca is not None:
        _check_ca(order, facts.ca)
    if facts.gateway is not None:
        _check_gateway(order, facts.gateway)


def check_moment(facts: Facts, at: datetime) -> None:
    """Raise SenselessFacts if a decision at `at` would look into the future."""
    order = facts.order
    if order.paid_at is not None and at < order.paid_at:
        raise SenselessFacts("at", "is before order.paid_at")
    if facts.ca is not None and facts.ca.reset_at is not None and facts.ca.reset_at > at:
        raise SenselessFacts("ca.reset_at", "is after the moment of the decision")
    if facts.gateway is not None and facts.gateway.reset_at is not None and facts.gateway.reset_at > at:
        raise SenselessFacts("gateway.reset_at", "is after the moment of the decision")


def no_earlier(facts: Facts, at: datetime) -> datetime:
    """`at`, but never before what the facts recorded last.

    A request may wait while its order is being paid, and the clocks of two machines may disagree.
    """
    known = (
        facts.order.paid_at,
        facts.ca.reset_at if facts.ca is not None else None,
        facts.gateway.reset_at if facts.gateway is not None else None,
    )
    return max([at, *(moment for moment in known if moment is not None)])


def _check_ca(order: Order, ca: PrivateCa) -> None:
    if ca.reset_at is not None:
        if ca.reset_at < order.placed_at:
            raise SenselessFacts("ca.reset_at", "is before order.placed_at")
        # D2: only a reset counts after which the CA was not enabled again.
        if ca.state is CaState.ENABLED:
            raise SenselessFacts("ca.reset_at", "must be null: the CA was enabled after it")
    # A root is enabled before its intermediates, and not reset while one of them is (D7).
    if order.product == PRIVATE_ROOT_CA and ca.state is not CaState.ENABLED and ca.enabled_intermediates:
        raise SenselessFacts("ca.enabled_intermediates", "must be empty: the root is not enabled")


def _check_gateway(order: Order, gateway: Gateway) -> None:
    if gateway.grcq_included <= 0:
        raise SenselessFacts("gateway.grcq_included", "must be above zero")
    if gateway.reset_at is not None:
        if gateway.reset_at < order.placed_at:
            raise SenselessFacts("gateway.reset_at", "is before order.placed_at")
        # D2: only a reset counts after which no domain was added again.
        if gateway.domains > 0:
            raise SenselessFacts("gateway.reset_at", "must be null: a domain was added after it")
