"""How much goes back, and to which payment (R3, and the later policy's part for a used gateway)."""

from hanaper.core.money import allocate
from hanaper.core.refund.decision import Amount, Share
from hanaper.core.refund.facts import Facts, Gateway
from hanaper.core.refund.policy import Consumed, Policy


def money_back(facts: Facts, policy: Policy) -> Amount:
    """What is returned if nothing bars it: never more than was paid in money."""
    # R3: what a voucher or a coupon covered is not returned.
    parts = [part for part in facts.order.payments if part.is_money and part.amount > 0]
    paid = sum(part.amount for part in parts)
    if policy.consumed is Consumed.PARTIAL and facts.gateway is not None and facts.gateway.consumed:
        total = _part_left(paid, facts.gateway)
        shares = allocate(total, [part.amount for part in parts])
        by_means = tuple(Share(part.means, share) for part, share in zip(parts, shares, strict=True))
        return Amount(facts.order.currency, total, by_means)
    return Amount(facts.order.currency, paid, tuple(Share(part.means, part.amount) for part in parts))


def _part_left(paid: int, gateway: Gateway) -> int:
    """Money paid times GRCQ left over GRCQ included, rounded down."""
    left = max(0, gateway.grcq_included - gateway.grcq_used)
    return paid * left // gateway.grcq_included
