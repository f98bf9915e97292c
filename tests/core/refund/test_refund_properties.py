"""What holds for every decision, whatever the facts."""

import json
from datetime import UTC, date, datetime, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from hanaper.core.refund import SHIPPED_POLICIES, SenselessFacts, decide, read_facts, write_facts
from hanaper.core.refund.explain import explain
from hanaper.core.refund.facts_writing import write_calendar
from tests.core.refund.refund_cases import facts_of
from tests.core.refund.refund_strategies import carry_out, minutes, sensible_facts

MORE = settings(max_examples=150)


def judge(facts, at, policy=None):
    facts = read_facts(facts)
    return decide(facts, SHIPPED_POLICIES[policy or facts.order.policy], at)


@MORE
@given(sensible_facts(), minutes, st.sampled_from([None, *SHIPPED_POLICIES]))
def test_a_closed_window_never_reopens(drawn, later, policy):
    facts, at = drawn
    before, after = judge(facts, at, policy), judge(facts, at + later, policy)
    if before.verdict == "refused":
        assert after.verdict == "refused"
        assert set(before.clauses) <= set(after.clauses)
    elif after.verdict == "refused":
        assert after.clauses in (("R1",), ("R2",), ("R17",), ("R18",))
        assert before.closes_at is not None and at < before.closes_at <= at + later


@MORE
@given(sensible_facts())
def test_never_more_than_was_paid_in_money(drawn):
    facts, at = drawn
    decision = judge(facts, at)
    money = [
        part
        for part in facts["order"]["payments"]
        if part["means"] not in ("voucher", "coupon") and part["amount"] > 0
    ]
    shares = decision.amount.by_means
    assert decision.amount.total == sum(share.amount for share in shares)
    if decision.verdict == "refused":
        assert shares == ()
        return
    assert [share.means for share in shares] == [part["means"] for part in money]
    assert all(0 <= share.amount <= part["amount"] for share, part in zip(shares, money, strict=True))
    assert 0 < decision.amount.total <= sum(part["amount"] for part in money)


@MORE
@given(sensible_facts(), st.lists(st.integers(0, 600), min_size=30, max_size=30))
def test_every_plan_ends_in_a_refund_or_a_stated_refusal(drawn, waits):
    facts, now = drawn
    first = judge(facts, now)
    decision, total = first, first.amount.total
    for step in first.to_json()["steps"]:
        now += timedelta(minutes=waits.pop())
        facts = carry_out(facts, step, now)
    decision = judge(facts, now)
    if first.verdict == "refused":
        assert decision == first
    elif decision.verdict == "refused":
        assert first.closes_at is not None and now >= first.closes_at
    else:
        assert decision.verdict == "refundable"
        assert decision.amount.total == total


@MORE
@given(sensible_facts())
def test_facts_and_decisions_survive_json(drawn):
    document, at = drawn
    facts = read_facts(document)
    written = write_facts(facts)
    again = read_facts(json.loads(json.dumps(written)))
    assert again == facts
    assert write_facts(again) == written
    policy = SHIPPED_POLICIES[facts.order.policy]
    first = decide(facts, policy, at)
    assert decide(again, policy, at.astimezone()).to_bytes() == first.to_bytes()
    assert json.loads(first.to_bytes()) == first.to_json()
    assert explain(facts, first)


@MORE
@given(sensible_facts())
def test_the_shape_of_a_decision(drawn):
    facts, at = drawn
    decision = judge(facts, at)
    assert decision.reasons
    assert list(decision.clauses) == sorted(
        set(decision.clauses), key=lambda clause: (clause[0] == "D", int(clause[1:]))
    )
    assert bool(decision.steps) == (decision.verdict == "action_needed")
    issued = [one for one in facts.get("certificates") or [] if one["state"] == "issued"]
    if not issued:
        assert decision.revoke_by is None
    if decision.closes_at is not None:
        # Too late is refused; in time only a refund under way is (D11).
        late = {"R1", "R2", "R17", "R18"} & set(decision.clauses)
        assert (at >= decision.closes_at) <= (decision.verdict == "refused" and bool(late))
        if decision.revoke_by is not None:
            assert decision.revoke_by < decision.closes_at.date() + timedelta(days=1)
    actions = [step.action.value for step in decision.steps]
    assert actions == sorted(
        actions, key=lambda action: {"cancel": 0, "approve_revocation": 2}.get(action, 1)
    )


anything = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=8)
    | st.sampled_from(["2026-03-02T09:00:00Z", "9999-12-31T23:59:59-12:00", "UTC", "issued", 10**40, -1]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=6,
)


def paths_of(value, path=()):
    yield path
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, inner in items:
        yield from paths_of(inner, (*path, key))


@MORE
@given(anything)
def test_arbitrary_json_is_senseless_at_worst(document):
    try:
        judge(document, datetime(2026, 3, 5, tzinfo=UTC))
    except SenselessFacts as error:
        assert error.field


@settings(max_examples=300)
@given(sensible_facts(), st.data())
def test_one_value_replaced_is_senseless_at_worst(drawn, data):
    facts, at = drawn
    path = data.draw(st.sampled_from([path for path in paths_of(facts) if path]))
    value = data.draw(anything)
    place = facts
    for key in path[:-1]:
        place = place[key]
    place[path[-1]] = value
    try:
        decision = judge(facts, at)
        json.loads(decision.to_bytes())
    except SenselessFacts as error:
        assert error.field
        assert error.message


def test_a_calendar_is_written_as_the_facts_have_it():
    document = facts_of()["order"]["calendar"] | {"closed": ["2026-05-01"], "day_ends": "17:05"}
    facts = read_facts(facts_of(order__calendar=document))
    assert write_calendar(facts.order.calendar) == document
    assert facts.order.calendar.closed == (date(2026, 5, 1),)
