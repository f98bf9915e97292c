"""What one policy grants or refuses that another does not, in words: `hanaper policy differences A B`."""

from collections.abc import Iterator
from dataclasses import dataclass

from hanaper.core.refund.policy import Bar, Consumed, Inside, Opens, Policy, Use

# What each bar is about, as the middle of a sentence.
BARS = {
    Bar.UNPAID: "an order that was not paid",
    Bar.NOTHING_TO_RETURN: "an order for which nothing was paid in money",
    Bar.REFUNDED: "an order that was refunded",
    Bar.USED_SERVICE: "a service of another kind that was used",
    Bar.COMBINED: "an order that gave quota to a combined several-wildcard or hybrid certificate",
    Bar.EXPIRED: "an order with a certificate whose term has ended",
    Bar.EARLY_RENEWAL: "an order that came from an early renewal",
    Bar.CONSUMED: "a gateway of which some quota was consumed",
    Bar.UNDER_WAY: "an order whose refund is under way",
}
USES = {
    Use.UNUSED: "what was never used",
    Use.CERTIFICATES: "certificates that were applied for",
    Use.PRIVATE_CA: "a private CA that was enabled",
    Use.GATEWAY: "a gateway that had a domain",
    Use.OTHER_SERVICE: "a service of another kind",
}
OPENS = {Opens.PAID: "completed payment", Opens.PLACED: "placing the order"}
INSIDE = {Inside.REQUEST: "the request", Inside.RESET: "the reset"}


@dataclass(frozen=True, slots=True)
class Difference:
    """`clause` of SPEC.md, and a sentence about what `new` does that `old` did not.

    `rule`: what it says now, if that is only the same in other words.
    """

    clause: str
    text: str
    rule: str = ""

    def __str__(self) -> str:
        return f"{self.text} {self.rule}".rstrip()


def differences(old: Policy, new: Policy) -> list[Difference]:
    """What changes for orders if `new` binds them instead of `old`; first what holds for all, then each use.

    A sentence that only says the same in other words counts as a difference too, and comes last: customers
    read it.
    """
    return [
        *_windows(old, new),
        *_reviews(old, new),
        *_uses(old, new),
        *_refusals(old, new),
        *_senses(old, new),
        *_wordings(old, new),
    ]


def _windows(old: Policy, new: Policy) -> Iterator[Difference]:
    clause = new.window.clause
    if old.window_days != new.window_days:
        yield Difference(
            clause, f"The refund window has {new.window_days} days instead of {old.window_days}."
        )
    if old.counting is not new.counting:
        counted, before = (one.counting.replace("_", " ") for one in (new, old))
        yield Difference(clause, f"The window is counted as {counted} instead of {before}.")


def _reviews(old: Policy, new: Policy) -> Iterator[Difference]:
    clause, now, before = new.review.clause, new.review_time, old.review_time
    if now.working_days != before.working_days:
        yield Difference(
            clause,
            f"A revocation is reviewed within {now.working_days} business days "
            f"instead of {before.working_days}.",
        )
    if now.publicly_trusted_hours != before.publicly_trusted_hours:
        yield Difference(
            clause,
            f"The revocation of a publicly trusted certificate is reviewed within "
            f"{now.publicly_trusted_hours} hours instead of {before.publicly_trusted_hours}.",
        )


def _uses(old: Policy, new: Policy) -> Iterator[Difference]:
    for use, rule in new.uses.items():
        before = old.uses[use]
        if rule.opens is not before.opens:
            yield Difference(
                rule.clause,
                f"For {USES[use]} the window opens with {OPENS[rule.opens]} "
                f"instead of {OPENS[before.opens]}.",
            )
        if rule.inside is not before.inside:
            yield Difference(
                rule.clause,
                f"What must happen inside the window is {INSIDE[rule.inside]} "
                f"instead of {INSIDE[before.inside]}, for {USES[use]}.",
            )
        if (rule.clause, rule.late) != (before.clause, before.late):
            yield Difference(
                rule.clause,
                f"For {USES[use]} a decision cites {rule.clause}, and once it is too late {rule.late}, "
                f"instead of {before.clause} and {before.late}.",
            )


def _refusals(old: Policy, new: Policy) -> Iterator[Difference]:
    for bar in Bar:
        # What becomes of a gateway that was used is said by its own rule below.
        if bar is Bar.CONSUMED:
            continue
        if bar in new.refused and bar not in old.refused:
            yield Difference(new.refused[bar].clause, f"Refused from now on: {BARS[bar]}.")
        if bar in old.refused and bar not in new.refused:
            yield Difference(old.refused[bar].clause, f"No longer refused: {BARS[bar]}.")
    if old.consumed is not new.consumed:
        granted = new.consumed is Consumed.PARTIAL
        yield Difference(
            new.gateway_quota.clause,
            "A gateway of which some quota was consumed is refunded in part instead of refused."
            if granted
            else "A gateway of which some quota was consumed is refused instead of refunded in part.",
        )


def _senses(old: Policy, new: Policy) -> Iterator[Difference]:
    clause = new.uses[Use.OTHER_SERVICE].clause
    for service in sorted(old.senses.keys() | new.senses.keys()):
        now, before = new.senses.get(service), old.senses.get(service)
        if before is None:
            yield Difference(clause, f"The {service} service says when it counts as unused: {now}.")
        elif now is None:
            yield Difference(clause, f"The {service} service says no longer when it counts as unused.")
        elif now != before:
            yield Difference(clause, f"The {service} service counts as unused if {now}; before, if {before}.")


def _wordings(old: Policy, new: Policy) -> Iterator[Difference]:
    was, said = dict(_sentences(old)), dict(_sentences(new))
    for rule, (clause, text) in said.items():
        if rule in was and was[rule][1] != text:
            yield Difference(clause, "Said in other words:", text)
    for rule in _left_behind(old, new):
        clause, text = said[rule]
        yield Difference(clause, "The number is another, the sentence is not, and customers read it:", text)


def _left_behind(old: Policy, new: Policy) -> Iterator[str]:
    """Where a sentence stays that told of a number which does not."""
    if new.window_days != old.window_days:
        yield from (name for name in ("window", "promotion") if getattr(new, name) == getattr(old, name))
    if new.review_time != old.review_time and new.review == old.review:
        yield "review"


def _sentences(policy: Policy) -> Iterator[tuple[str, tuple[str, str]]]:
    """Every rule by its place in the file, with its clause and sentence."""
    for name in ("window", "promotion", "review", "several_years", "gateway_quota"):
        rule = getattr(policy, name)
        yield name, (rule.clause, rule.text)
    for use, use_rule in policy.uses.items():
        yield f"uses.{use}", (use_rule.clause, use_rule.text)
    for bar, rule in policy.refused.items():
        yield f"refused.{bar}", (rule.clause, rule.text)
