"""Every clause that bars a refund, whatever could still be done first (section 7, Reasons)."""

from dataclasses import dataclass
from zoneinfo import ZoneInfo

from hanaper.core.refund import words
from hanaper.core.refund.decision import Amount
from hanaper.core.refund.facts import CaState, CertificateState, Facts, Origin, RefundProgress
from hanaper.core.refund.policy import Bar, Policy, Use
from hanaper.core.refund.window import Window


@dataclass(frozen=True, slots=True)
class Barred:
    """`texts`: clause to text, one entry for a clause; empty if nothing bars.

    `for_good`: no window could help. Being late is not that: the window tells when it was too late. Nor is
    a refund under way, which may still be given up (D11).
    """

    texts: dict[str, str]
    for_good: bool


def bars(facts: Facts, policy: Policy, use: Use, window: Window, amount: Amount, zone: ZoneInfo) -> Barred:
    found: dict[str, str] = {}
    for_good = False
    promotion = facts.order.promotion
    # R2, D16: a refusal that comes from the promotion's terms cites R2, the passed window included, and
    # does so instead of the clause whose days it replaces.
    if promotion is not None and not promotion.refundable:
        found[policy.promotion.clause] = words.promotion_excludes(promotion)
        for_good = True
    elif window.passed and window.closes_at is not None:
        late = policy.uses[use].late if promotion is None else policy.promotion.clause
        ended = words.deadline(window.closes_at, zone, policy.counting)
        found[late] = words.too_late(facts, policy, use, window, ended)
    for bar in _things_in_the_way(facts, amount):
        rule = policy.refused.get(bar)
        if rule is not None:
            said = found.get(rule.clause)
            found[rule.clause] = rule.text if said is None else f"{said} {rule.text}"
            for_good = for_good or bar is not Bar.UNDER_WAY
    return Barred(found, for_good)


def _things_in_the_way(facts: Facts, amount: Amount) -> list[Bar]:
    """What stands in the way of this order, before the policy is asked whether it minds."""
    order = facts.order
    found = []
    if order.paid_at is None:
        # R3
        found.append(Bar.UNPAID)
    elif amount.total == 0:
        # R3, D6
        found.append(Bar.NOTHING_TO_RETURN)
    if order.refund is RefundProgress.SUCCEEDED or (
        facts.ca is not None and facts.ca.state is CaState.REFUNDED
    ):
        # R6; R7: a CA is Refunded after its order was refunded the same way.
        found.append(Bar.REFUNDED)
    elif order.refund is RefundProgress.IN_PROGRESS:
        # D11
        found.append(Bar.UNDER_WAY)
    if facts.service is not None and facts.service.used:
        # R8
        found.append(Bar.USED_SERVICE)
    if order.combined:
        # R9, D4
        found.append(Bar.COMBINED)
    if facts.certificates is not None and any(
        certificate.state is CertificateState.EXPIRED for certificate in facts.certificates
    ):
        # R10, D5: that service year was used up.
        found.append(Bar.EXPIRED)
    if order.origin is Origin.EARLY_RENEWAL:
        # R14
        found.append(Bar.EARLY_RENEWAL)
    if facts.gateway is not None and facts.gateway.consumed:
        # R18, D8
        found.append(Bar.CONSUMED)
    return found
