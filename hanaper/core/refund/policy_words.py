"""A policy in plain words: `hanaper policy show` and docs/policies.md say the same."""

from collections.abc import Iterator

from hanaper.core.refund.policy import Policy


def policy_rules(policy: Policy) -> Iterator[tuple[str, str]]:
    """Clause and sentence of every rule: first what holds for all, then what grants, then what refuses."""
    for rule in (policy.window, policy.promotion, policy.review):
        yield rule.clause, rule.text
    for use_rule in policy.uses.values():
        yield use_rule.clause, use_rule.text
    for rule in (policy.several_years, policy.gateway_quota, *policy.refused.values()):
        yield rule.clause, rule.text


def policy_lines(policy: Policy) -> list[str]:
    lines = [
        f"{policy.name}: {policy.title}",
        f"Source: {policy.source}.",
        f"Window: {policy.window_days} days, counted as {policy.counting.replace('_', ' ')}.",
        "",
    ]
    lines += [f"{clause:>4}  {text}" for clause, text in policy_rules(policy)]
    if policy.senses:
        lines += ["", "Unused, in the sense of the service:"]
        lines += [f"      {service}: {sense}." for service, sense in policy.senses.items()]
    return lines
