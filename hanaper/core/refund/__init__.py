"""Refund decisions: `decide(facts, policy, at) -> Decision`, pure and replayable (SPEC.md, 2, 5, 7)."""

from hanaper.core.refund.decision import Action, Amount, By, Decision, Reason, Share, Step, Verdict
from hanaper.core.refund.facts import Facts
from hanaper.core.refund.facts_reading import read_facts
from hanaper.core.refund.facts_writing import write_calendar, write_facts
from hanaper.core.refund.policy import DEFAULT_POLICY, SHIPPED_POLICIES, Policy
from hanaper.core.refund.sense import no_earlier
from hanaper.core.refund.senseless import SenselessFacts
from hanaper.core.refund.verdict import decide

__all__ = [
    "DEFAULT_POLICY",
    "SHIPPED_POLICIES",
    "Action",
    "Amount",
    "By",
    "Decision",
    "Facts",
    "Policy",
    "Reason",
    "SenselessFacts",
    "Share",
    "Step",
    "Verdict",
    "decide",
    "no_earlier",
    "read_facts",
    "write_calendar",
    "write_facts",
]
