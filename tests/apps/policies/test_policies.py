"""Policies of an operator's own: written, published, and binding from then on (D9, D17)."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import DatabaseError, transaction

from hanaper.apps.audit.models import AuditEntry
from hanaper.apps.orders.terms import refund_terms, window_closes_at
from hanaper.apps.policies import queries, services
from hanaper.apps.policies.models import PolicyDocument, PolicyDraft, PublishedPolicy
from hanaper.apps.policies.registry import POLICIES
from hanaper.apps.refunds import services as refunds
from hanaper.core.actor import Actor
from hanaper.core.errors import Forbidden, NotFound, Refusal
from hanaper.core.refund import Verdict
from tests.apps.policies.conftest import policy_text
from tests.people import Person
from tests.shop import SINGLE, buy

DAY = timedelta(days=1)


def refused(code: str, verb: Any, *arguments: Any, **named: Any) -> Refusal:
    before = (PolicyDraft.objects.count(), PublishedPolicy.objects.count(), AuditEntry.objects.count())
    with pytest.raises(Refusal) as caught:
        verb(*arguments, **named)
    assert caught.value.code == code
    assert before == (
        PolicyDraft.objects.count(),
        PublishedPolicy.objects.count(),
        AuditEntry.objects.count(),
    )
    return caught.value


def test_a_draft_binds_nobody_until_it_is_published(
    owner: Person, administrator: Person, catalogue: None, at: datetime, generous: str
) -> None:
    services.write_draft(administrator.actor, text=generous, at=at)
    before = buy(owner, SINGLE, at=at)
    services.publish_policy(administrator.actor, name="2027-01-01", holds_from=at + DAY, at=at)
    after = buy(owner, SINGLE, at=at + DAY)
    assert (before.policy, after.policy) == ("2024-10-25", "2027-01-01")
    assert not PolicyDraft.objects.exists()
    assert refund_terms(after).days == 14
    closes_at = window_closes_at(after)
    assert closes_at is not None and closes_at > at + 14 * DAY
    # Ten days later the old order is too late, and the new one is not; its refund replays to the same bytes.
    later = at + 11 * DAY
    assert refunds.decision_for(before, later)[1].verdict is Verdict.REFUSED
    assert refunds.decision_for(after, later)[1].verdict is Verdict.REFUNDABLE
    refund = refunds.request_refund(owner.actor, after, at=later)
    assert (refund.policy, refunds.replay(refund).decode()) == ("2027-01-01", refund.decision)


def test_what_was_published_is_never_changed(
    administrator: Person, at: datetime, db: None, generous: str
) -> None:
    services.write_draft(administrator.actor, text=generous, at=at)
    services.publish_policy(administrator.actor, name="2027-01-01", holds_from=at, at=at)
    with pytest.raises(DatabaseError), transaction.atomic():
        PolicyDocument.objects.update(text=policy_text(days=1))
    with pytest.raises(DatabaseError), transaction.atomic():
        PolicyDocument.objects.all().delete()
    refused("policy_exists", services.write_draft, administrator.actor, text=generous, at=at)
    refused("policy_exists", services.write_draft, administrator.actor, text=policy_text("2024-10-25"), at=at)
    assert list(POLICIES) == ["2024-10-25", "2026-03-18", "2027-01-01"] and len(POLICIES) == 3


@pytest.mark.parametrize(
    ("text", "code", "said"),
    [
        ("", "bad_policy", "policy.window: must be a table"),
        ("name = 'x", "bad_policy", "is not TOML"),
        (policy_text(days=-1), "bad_policy", "policy.window.days: must be between 0 and 1000"),
        (policy_text().replace("[refused.under_way]", "[refused.whim]"), "bad_policy", "whim"),
        (policy_text().replace('[refused.unpaid]\nclause = "R3"', '[refused.unpaid]\nclause = "R99"'), "bad_policy", "R99"),
        (policy_text("Not A Name"), "bad_policy_name", "small letters"),
        (policy_text("a" * 41), "bad_policy_name", "40"),
        (policy_text() + "# " + "x" * 70_000, "policy_too_long", "64 kB"),
        (policy_text(**{"Refund policies of 25 October 2024": "t" * 201}), "bad_policy_title", "200"),
    ],
)  # fmt: skip
def test_what_is_no_policy_is_refused_at_its_place(
    administrator: Person, at: datetime, text: str, code: str, said: str
) -> None:
    refusal = refused(code, services.write_draft, administrator.actor, text=text, at=at)
    assert said in refusal.message and refusal.field == "text"


def test_two_who_change_a_draft_do_not_overwrite_each_other(
    administrator: Person, at: datetime, generous: str
) -> None:
    draft = services.write_draft(administrator.actor, text=generous, at=at)
    services.change_draft(
        administrator.actor, draft.name, text=policy_text(days=10), version=draft.version, at=at
    )
    refused(
        "draft_changed", services.change_draft, administrator.actor, draft.name,
        text=generous, version=draft.version, at=at,
    )  # fmt: skip
    assert queries.policy_or_draft(draft.name).window_days == 10
    refused(
        "policy_renamed", services.change_draft, administrator.actor, draft.name,
        text=policy_text("other"), version=None, at=at,
    )  # fmt: skip
    services.remove_draft(administrator.actor, draft.name, at=at)
    with pytest.raises(NotFound):
        services.change_draft(administrator.actor, draft.name, text=generous, version=None, at=at)
    written = AuditEntry.objects.filter(action__startswith="policy.").order_by("pk")
    assert [entry.action for entry in written] == [
        "policy.drafted", "policy.draft_changed", "policy.draft_removed",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("columns", "code"),
    [
        ({"name": "2030-01-01"}, "unknown_policy"),
        ({"holds_from": -timedelta(microseconds=1)}, "policy_in_the_past"),
        ({"holds_from": DAY}, "policy_published"),
    ],
)
def test_publications_that_make_no_sense(
    administrator: Person, at: datetime, columns: dict[str, Any], code: str
) -> None:
    services.publish_policy(administrator.actor, name="2026-03-18", holds_from=at + DAY, at=at)
    given = {"name": "2024-10-25", **columns, "holds_from": at + columns.get("holds_from", 2 * DAY)}
    refused(code, services.publish_policy, administrator.actor, **given, at=at)


def test_a_publication_that_is_refused_leaves_the_draft(
    administrator: Person, at: datetime, generous: str
) -> None:
    services.publish_policy(administrator.actor, name="2026-03-18", holds_from=at, at=at)
    services.write_draft(administrator.actor, text=generous, at=at)
    refused(
        "policy_published", services.publish_policy, administrator.actor,
        name="2027-01-01", holds_from=at, at=at,
    )  # fmt: skip
    assert "2027-01-01" not in POLICIES and queries.draft("2027-01-01").text == generous


def test_only_administrators_write_and_publish(
    owner: Person, finance: Person, reviewer: Person, administrator: Person, at: datetime, generous: str
) -> None:
    services.write_draft(administrator.actor, text=generous, at=at)

    def attempts(actor: Actor) -> list[Any]:
        return [
            lambda: services.write_draft(actor, text=policy_text("other"), at=at),
            lambda: services.change_draft(actor, "2027-01-01", text=generous, version=None, at=at),
            lambda: services.remove_draft(actor, "2027-01-01", at=at),
            lambda: services.publish_policy(actor, name="2027-01-01", holds_from=at, at=at),
        ]

    for person in (owner, finance, reviewer):
        for attempt in attempts(person.actor):
            with pytest.raises(Forbidden):
                attempt()
    assert PolicyDraft.objects.count() == 1 and not PublishedPolicy.objects.exists()
