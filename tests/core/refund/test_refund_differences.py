"""Two policies side by side, in words; two decisions side by side."""

import dataclasses
from datetime import UTC, datetime
from typing import Any

import pytest

from hanaper.core.calendar import ReviewTime
from hanaper.core.refund import SHIPPED_POLICIES
from hanaper.core.refund.decision import Action, Amount, By, Decision, Reason, Step, Verdict
from hanaper.core.refund.differences import differences
from hanaper.core.refund.policy import Rule, parse_policy, shipped_text
from hanaper.core.refund.trial import Change, change, overdue, reviews

DOCUMENT, LATER = SHIPPED_POLICIES["2024-10-25"], SHIPPED_POLICIES["2026-03-18"]


def test_a_policy_does_nothing_otherwise_than_itself() -> None:
    assert differences(DOCUMENT, DOCUMENT) == []


def test_the_two_that_are_shipped() -> None:
    said = [(one.clause, one.text) for one in differences(DOCUMENT, LATER)]
    assert (
        "R18",
        "A gateway of which some quota was consumed is refunded in part instead of refused.",
    ) in said
    assert (
        "R8", "The message service says when it counts as unused: no notification was configured.",
    ) in said  # fmt: skip
    back = [one.text for one in differences(LATER, DOCUMENT)]
    assert "A gateway of which some quota was consumed is refused instead of refunded in part." in back
    assert "The message service says no longer when it counts as unused." in back


@pytest.mark.parametrize(
    ("old", "new", "clause", "said"),
    [
        ("days = 7", "days = 14", "R1", "The refund window has 14 days instead of 7."),
        (
            'counting = "calendar_days"', 'counting = "elapsed_time"', "R1",
            "The window is counted as elapsed time instead of calendar days.",
        ),
        (
            "working_days = 5", "working_days = 3", "R13",
            "A revocation is reviewed within 3 business days instead of 5.",
        ),
        (
            "publicly_trusted_hours = 24", "publicly_trusted_hours = 12", "R13",
            "The revocation of a publicly trusted certificate is reviewed within 12 hours instead of 24.",
        ),
        (
            'late = "R17"\nopens = "placed"', 'late = "R17"\nopens = "paid"', "R17",
            "For a private CA that was enabled the window opens with completed payment "
            "instead of placing the order.",
        ),
        (
            'late = "R17"\nopens = "placed"\ninside = "reset"', 'late = "R17"\nopens = "placed"\ninside = "request"',
            "R17",
            "What must happen inside the window is the request instead of the reset, "
            "for a private CA that was enabled.",
        ),
        (
            'clause = "R17"\nlate = "R17"', 'clause = "R17"\nlate = "R1"', "R17",
            "For a private CA that was enabled a decision cites R17, and once it is too late R1, "
            "instead of R17 and R17.",
        ),
        (
            '[refused.early_renewal]\nclause = "R14"\ntext = "This order came from renewing a certificate ahead of '
            'time and cannot be refunded by self-service; please contact support."\n', "",
            "R14", "No longer refused: an order that came from an early renewal.",
        ),
        (
            "This service was used.", "You used this service.", "R8",
            "Said in other words: You used this service. Of the services that were used, only SSL certificates, "
            "private CAs and the HTTPS acceleration gateway can be refunded.",
        ),
    ],
)  # fmt: skip
def test_each_thing_that_can_differ(old: str, new: str, clause: str, said: str) -> None:
    text = shipped_text("2024-10-25")
    assert text.count(old) == 1
    found, *stays = differences(DOCUMENT, parse_policy(text.replace(old, new)))
    assert (found.clause, str(found)) == (clause, said)
    assert all(one.text.startswith("The number is another") for one in stays)


def test_what_is_refused_from_now_on() -> None:
    refused = {bar: rule for bar, rule in DOCUMENT.refused.items() if bar != "early_renewal"}
    (found,) = differences(dataclasses.replace(DOCUMENT, refused=refused), DOCUMENT)
    assert found.text == "Refused from now on: an order that came from an early renewal."


def decision(
    verdict: Verdict = Verdict.REFUNDABLE, total: int = 100, steps: int = 0, day: int | None = 8
) -> Decision:
    return Decision(
        verdict=verdict,
        amount=Amount("USD", 0 if verdict is Verdict.REFUSED else total),
        reasons=(Reason("R5", "."),),
        steps=(Step(Action.REVOKE, "crt_1"), Step(Action.APPROVE_REVOCATION, "crt_1", By.OPERATOR))[:steps],
        closes_at=None if day is None else datetime(2026, 3, day, tzinfo=UTC),
        revoke_by=None,
        policy="x",
    )


REFUSED = decision(Verdict.REFUSED)


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        (decision(), decision(), None),
        (REFUSED, decision(Verdict.REFUSED, day=9), None),
        (REFUSED, decision(), Change.GAINS),
        (REFUSED, decision(Verdict.ACTION_NEEDED, steps=2), Change.GAINS),
        (decision(Verdict.ACTION_NEEDED, steps=2), REFUSED, Change.LOSES),
        (decision(total=100), decision(total=101), Change.MORE),
        (decision(total=101, day=8), decision(total=100, day=9), Change.LESS),
        (decision(Verdict.ACTION_NEEDED, steps=2), decision(), Change.FEWER_STEPS),
        (
            decision(Verdict.ACTION_NEEDED, steps=1),
            decision(Verdict.ACTION_NEEDED, steps=2),
            Change.MORE_STEPS,
        ),
        (decision(day=8), decision(day=9), Change.LATER),
        (decision(day=9), decision(day=8), Change.EARLIER),
        (decision(day=9), decision(day=None), Change.LATER),
        (decision(day=None), decision(day=9), Change.EARLIER),
    ],
)
def test_what_becomes_of_an_order(before: Decision, after: Decision, expected: Change | None) -> None:
    assert change(before, after) is expected


def test_the_reviews_that_a_refund_asks_for() -> None:
    due = datetime(2026, 3, 5, tzinfo=UTC)
    asked = (Step(Action.APPROVE_REVOCATION, "crt_1", By.OPERATOR, due), Step(Action.REVOKE, "crt_2"))
    found = dataclasses.replace(decision(Verdict.ACTION_NEEDED), steps=asked)
    assert reviews(found) == 1
    assert overdue(found, due) == 1
    assert overdue(found, datetime(2026, 3, 4, tzinfo=UTC)) == 0


@pytest.mark.parametrize(
    ("numbers", "left_behind"),
    [
        ({"window_days": 14}, ["R1", "R2"]),
        ({"window_days": 14, "window": Rule("R1", "Inside fourteen days.")}, ["R2"]),
        ({"review_time": ReviewTime(3, 24)}, ["R13"]),
        ({}, []),
    ],
)
def test_a_sentence_that_stays_although_its_number_does_not_is_told(
    numbers: dict[str, Any], left_behind: list[str]
) -> None:
    new = dataclasses.replace(DOCUMENT, **numbers)
    told = [one for one in differences(DOCUMENT, new) if one.text.startswith("The number is another")]
    assert [one.clause for one in told] == left_behind
    assert all(
        one.rule in (DOCUMENT.window.text, DOCUMENT.promotion.text, DOCUMENT.review.text) for one in told
    )
