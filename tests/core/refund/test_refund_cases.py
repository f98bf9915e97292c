"""The rules as tables: at least one case on each side of every clause and decision."""

from collections import defaultdict
from datetime import datetime

import pytest

from hanaper.core.refund import decide, read_facts
from tests.core.refund.refund_cases import facts_of_case, load_cases, policy_of_case

CASES = load_cases()


def null(value):
    return "null" if value is None else value


def spelled(step):
    words = [step["action"], step["target"]]
    words += ["by operator"] if step["by"] == "operator" else []
    words += [f"due {step['due']}"] if step["due"] else []
    return " ".join(words)


@pytest.mark.parametrize("case", CASES, ids=[case["id"] for case in CASES])
def test_case(case):
    facts = facts_of_case(case)
    decision = decide(
        read_facts(facts), policy_of_case(case, facts), datetime.fromisoformat(case["at"])
    ).to_json()
    expected = case["expect"]
    seen = {
        "verdict": decision["verdict"],
        "clauses": [reason["clause"] for reason in decision["reasons"]],
        "total": decision["amount"]["total"],
        "shares": [f"{share['means']} {share['amount']}" for share in decision["amount"]["by_means"]],
        "steps": [spelled(step) for step in decision["steps"]],
        "closes_at": null(decision["closes_at"]),
        "revoke_by": null(decision["revoke_by"]),
        "says": next((word for word in [expected.get("says")] if word and word in str(decision)), None),
    }
    assert {key: seen[key] for key in expected} == expected
    assert all(reason["text"] for reason in decision["reasons"])
    assert all(
        step["irreversible"] == (step["action"] in ("cancel", "revoke", "reset"))
        for step in decision["steps"]
    )
    if decision["verdict"] == "refused":
        assert decision["amount"] == {"currency": "USD", "total": 0, "by_means": []}
        assert decision["steps"] == []
    else:
        assert bool(decision["steps"]) == (decision["verdict"] == "action_needed")


def test_every_clause_and_decision_has_a_case_on_each_side():
    sides = defaultdict(set)
    for case in CASES:
        for clause in case["clause"].split():
            sides[clause].add(case["side"])
    wanted = [f"R{number}" for number in range(1, 19)] + [f"D{number}" for number in range(1, 18)]
    assert {clause: sides[clause] for clause in wanted if sides[clause] != {"in", "out"}} == {}
