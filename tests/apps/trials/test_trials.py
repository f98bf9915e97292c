"""A policy tried on the whole order book: everything judged twice, once, in whatever steps it takes."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from hanaper import clock
from hanaper.apps.audit.models import AuditEntry
from hanaper.apps.orders.models import Order
from hanaper.apps.payments import sweep as payments_sweep
from hanaper.apps.policies import services as policies
from hanaper.apps.refunds import services as refunds
from hanaper.apps.trials import queries, running, services, sweep
from hanaper.apps.trials.models import PolicyTrial, TrialFinding
from hanaper.core.errors import Forbidden, NotFound, Refusal
from hanaper.core.refund.trial import Change
from tests.apps.policies.conftest import policy_text
from tests.people import Person
from tests.shop import SINGLE, buy, place

DAY = timedelta(days=1)
ROOT_CA, GATEWAY, MONITORING = "private-root-ca", "https-gateway-1m", "domain-monitoring-12m"


@pytest.fixture
def draft(administrator: Person, generous: str, at: datetime) -> str:
    return policies.write_draft(administrator.actor, text=generous, at=at).name


@pytest.fixture
def strict(administrator: Person, at: datetime) -> str:
    return policies.write_draft(administrator.actor, text=policy_text("strict", days=1), at=at).name


def run(trial: PolicyTrial, at: datetime) -> PolicyTrial:
    while running.advance(trial.pk, at):
        pass
    trial.refresh_from_db()
    return trial


def found(trial: PolicyTrial) -> dict[str, list[str]]:
    """Public ids of orders, by what becomes of them."""
    by_change: dict[str, list[str]] = {}
    for one in queries.findings(trial).order_by("pk"):
        by_change.setdefault(one.change, []).append(one.order.public_id)
    return by_change


def test_who_gains_and_how_much(
    owner: Person, administrator: Person, catalogue: None, at: datetime, draft: str
) -> None:
    old, late, early = (buy(owner, SINGLE, at=at + days * DAY) for days in (0, 30, 38))
    place(owner, SINGLE, at=at)  # not paid: nothing to return
    now = at + 40 * DAY
    trial = run(services.start_trial(administrator.actor, policy=draft, at=now), now)
    assert trial.state == "done" and trial.finished_at == now
    assert (trial.total, trial.looked_at, trial.unreadable) == (3, 3, 0)
    assert found(trial) == {Change.GAINS: [late.public_id], Change.LATER: [early.public_id]}
    assert old.public_id not in str(found(trial))
    gains, later = trial.tally
    assert gains == {
        "subject": "order", "product": "ssl_certificate", "currency": "USD", "change": "gains",
        "count": 1, "before": 0, "after": 9000,
    }  # fmt: skip
    assert (later["change"], later["before"], later["after"]) == ("later", 9000, 9000)
    (most,) = trial.accounts
    assert owner.account is not None
    assert most == {
        "account": owner.account.public_id, "name": owner.account.name, "currency": "USD",
        "orders": 2, "gaining": 1, "difference": 9000,
    }  # fmt: skip
    gained = TrialFinding.objects.get(change=Change.GAINS)
    assert (gained.because_before, gained.because_after) == ("R1", "R5")


def test_a_stricter_policy_takes_refunds_back_in_thought_only(
    owner: Person, administrator: Person, catalogue: None, at: datetime, strict: str
) -> None:
    """A refund that was paid is judged as it was asked for (D2); nothing is changed by a trial."""
    paid_back, soon = buy(owner, SINGLE, at=at), buy(owner, SINGLE, at=at)
    refund = refunds.request_refund(owner.actor, paid_back, at=at + 3 * DAY)
    payments_sweep.sweep(at + 3 * DAY, clock.system_now())
    before = Order.objects.values_list("state", flat=True).order_by("pk")
    states = list(before)
    trial = run(services.start_trial(administrator.actor, policy=strict, at=at + 3 * DAY), at)
    assert found(trial) == {Change.LOSES: [soon.public_id, paid_back.public_id]}
    of_refund = TrialFinding.objects.get(subject="refund")
    assert of_refund.refund == refund and (of_refund.before, of_refund.after) == (9000, 0)
    assert [(row["subject"], row["before"], row["after"]) for row in trial.tally] == [
        ("order", 9000, 0), ("refund", 9000, 0),
    ]  # fmt: skip
    assert list(before.all()) == states


def test_so_many_days_after_payment(
    owner: Person, administrator: Person, catalogue: None, at: datetime, draft: str
) -> None:
    """An order of last year is judged as if asked for on its tenth day."""
    order, at = buy(owner, SINGLE, at=at), at + 300 * DAY
    now = run(services.start_trial(administrator.actor, policy=draft, at=at), at)
    assert found(now) == {}
    tenth = run(services.start_trial(administrator.actor, policy=draft, days=10, at=at), at)
    assert found(tenth) == {Change.GAINS: [order.public_id]}
    twentieth = run(services.start_trial(administrator.actor, policy=draft, days=20, at=at), at)
    assert found(twentieth) == {}


@pytest.mark.usefixtures("builtin_ca")
def test_the_load_on_reviewers(
    owner: Person,
    administrator: Person,
    issued: Callable[..., Any],
    validating_revocation: Callable[..., Any],
    at: datetime,
) -> None:
    """R13, D10: under a quicker review what waits would be overdue; under a longer window more is asked."""
    issued()
    validating_revocation()
    quick = policy_text("quick").replace("publicly_trusted_hours = 24", "publicly_trusted_hours = 0")
    quick = quick.replace("working_days = 5", "working_days = 0")
    policies.write_draft(administrator.actor, text=quick, at=at)
    trial = run(services.start_trial(administrator.actor, policy="quick", at=at + DAY), at)
    assert trial.reviews == {"needed": 2, "needed_before": 2, "overdue": 1, "overdue_before": 0}
    policies.write_draft(administrator.actor, text=policy_text("long", days=30), at=at)
    trial = run(services.start_trial(administrator.actor, policy="long", at=at + 12 * DAY), at)
    assert (trial.reviews["needed"], trial.reviews["needed_before"]) == (2, 0)


def test_it_asks_no_query_for_each_order(
    owner: Person,
    administrator: Person,
    catalogue: None,
    at: datetime,
    draft: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def cost(orders: int) -> int:
        for _ in range(orders):
            for product in (SINGLE, ROOT_CA, GATEWAY, MONITORING):
                buy(owner, product, at=at)
        trial = services.start_trial(administrator.actor, policy=draft, at=at + 10 * DAY)
        with CaptureQueriesContext(connection) as captured:
            running.advance(trial.pk, at)
        services.cancel_trial(administrator.actor, trial, at=at)
        return len(captured)

    assert cost(4) == cost(1)


def test_in_whatever_steps_the_sums_are_the_same(
    owner: Person,
    administrator: Person,
    catalogue: None,
    at: datetime,
    draft: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for days in range(6):
        buy(owner, SINGLE, at=at + days * DAY)
    now = at + 10 * DAY
    once = run(services.start_trial(administrator.actor, policy=draft, at=now), now)
    monkeypatch.setattr(running, "BATCH", 1)
    steps = run(services.start_trial(administrator.actor, policy=draft, at=now), now)
    assert steps.version > once.version
    assert (steps.tally, steps.reviews, steps.accounts) == (once.tally, once.reviews, once.accounts)
    assert found(steps) == found(once)


def test_two_at_it_count_nothing_twice(
    owner: Person, administrator: Person, catalogue: None, at: datetime, draft: str, monkeypatch: Any
) -> None:
    """Whoever is slower finds the trial further on, and writes nothing."""
    order = buy(owner, SINGLE, at=at)
    now = at + 10 * DAY
    trial = services.start_trial(administrator.actor, policy=draft, at=now)
    judge = running.judge_orders

    def overtaken(*arguments: Any) -> Any:
        slow = judge(*arguments)
        monkeypatch.setattr(running, "judge_orders", judge)
        assert running.advance(trial.pk, now)
        return slow

    monkeypatch.setattr(running, "judge_orders", overtaken)
    run(trial, now)
    assert found(trial) == {Change.GAINS: [order.public_id]} and trial.looked_at == 1


def test_one_that_cannot_be_judged_holds_up_no_other(
    owner: Person, administrator: Person, catalogue: None, at: datetime, draft: str
) -> None:
    broken, fine = buy(owner, SINGLE, at=at), buy(owner, SINGLE, at=at)
    Order.objects.filter(pk=broken.pk).update(policy="gone")
    now = at + 10 * DAY
    trial = run(services.start_trial(administrator.actor, policy=draft, at=now), now)
    assert (trial.state, trial.looked_at, trial.unreadable) == ("done", 2, 1)
    assert found(trial) == {Change.GAINS: [fine.public_id]}


def test_what_is_bought_later_is_not_of_this_trial(
    owner: Person, administrator: Person, catalogue: None, at: datetime, draft: str
) -> None:
    buy(owner, SINGLE, at=at)
    trial = services.start_trial(administrator.actor, policy=draft, at=at + 10 * DAY)
    buy(owner, SINGLE, at=at)
    assert run(trial, at).looked_at == 1


def test_the_text_is_the_one_it_began_with(
    owner: Person, administrator: Person, catalogue: None, at: datetime, draft: str
) -> None:
    buy(owner, SINGLE, at=at)
    now = at + 10 * DAY
    trial = services.start_trial(administrator.actor, policy=draft, at=now)
    policies.change_draft(administrator.actor, draft, text=policy_text(days=7), version=None, at=at)
    assert list(found(run(trial, now))) == [Change.GAINS]


def test_one_at_a_time_cancelled_and_removed(
    owner: Person, administrator: Person, catalogue: None, at: datetime, draft: str, monkeypatch: Any
) -> None:
    for _ in range(2):
        buy(owner, SINGLE, at=at)
    monkeypatch.setattr(running, "BATCH", 1)
    now = at + 10 * DAY
    trial = services.start_trial(administrator.actor, policy=draft, at=now)
    with pytest.raises(Refusal) as refused:
        services.start_trial(administrator.actor, policy=draft, at=now)
    assert refused.value.code == "trial_running"
    with pytest.raises(Refusal) as refused:
        services.remove_trial(administrator.actor, trial, at=now)
    assert refused.value.code == "trial_running"
    running.advance(trial.pk, now)
    trial = services.cancel_trial(administrator.actor, trial, at=now)
    assert trial.state == "cancelled" and not running.advance(trial.pk, now)
    assert trial.looked_at == 1 and TrialFinding.objects.count() == 1
    with pytest.raises(Refusal) as refused:
        services.cancel_trial(administrator.actor, trial, at=now)
    assert refused.value.code == "trial_not_running"
    services.remove_trial(administrator.actor, trial, at=now)
    with pytest.raises(NotFound):
        queries.trial(trial.public_id)
    sweep.sweep(now, clock.system_now())
    assert not PolicyTrial.objects.exists() and not TrialFinding.objects.exists()
    assert AuditEntry.objects.filter(action__startswith="policy.trial").count() == 2


def test_the_sweep_goes_on_with_what_nobody_is_at(
    owner: Person, administrator: Person, catalogue: None, at: datetime, draft: str, monkeypatch: Any
) -> None:
    monkeypatch.setattr(running, "BATCH", 1)
    orders = [buy(owner, SINGLE, at=at) for _ in range(3)]
    now, system_at = at + 10 * DAY, clock.system_now()
    trial = services.start_trial(administrator.actor, policy=draft, at=now)
    running.advance(trial.pk, now)
    sweep.sweep(now, system_at + timedelta(seconds=5))
    trial.refresh_from_db()
    assert trial.state == "running"  # somebody was at it a moment ago
    sweep.sweep(now, system_at + timedelta(minutes=2))
    trial.refresh_from_db()
    assert trial.state == "done" and found(trial) == {Change.GAINS: [one.public_id for one in orders]}


def test_a_look_ends_in_time_and_wakes_the_next(
    owner: Person, administrator: Person, catalogue: None, at: datetime, draft: str, monkeypatch: Any
) -> None:
    buy(owner, SINGLE, at=at)
    trial = services.start_trial(administrator.actor, policy=draft, at=at)
    woken: list[int] = []
    monkeypatch.setattr(running, "wake_pursuit", lambda _name, pk: woken.append(pk))
    monkeypatch.setattr(running, "SECONDS", -1.0)
    running.pursue_trial(trial.pk, at, clock.system_now())
    assert woken == [trial.pk]
    monkeypatch.setattr(running, "SECONDS", 60.0)
    running.pursue_trial(trial.pk, at, clock.system_now())
    assert woken == [trial.pk]
    trial.refresh_from_db()
    assert trial.state == "done"


def test_whose_it_is(
    owner: Person, finance: Person, reviewer: Person, administrator: Person, at: datetime, draft: str
) -> None:
    trial = services.start_trial(administrator.actor, policy=draft, at=at)
    for person in (owner, finance, reviewer):
        for verb in (
            lambda actor: services.start_trial(actor, policy=draft, at=at),
            lambda actor: services.cancel_trial(actor, trial, at=at),
            lambda actor: services.remove_trial(actor, trial, at=at),
        ):
            with pytest.raises(Forbidden):
                verb(person.actor)
    with pytest.raises(NotFound):
        services.start_trial(administrator.actor, policy="none", at=at)
    with pytest.raises(Refusal) as refused:
        services.start_trial(administrator.actor, policy=draft, days=1001, at=at)
    assert refused.value.code == "out_of_range" and refused.value.field == "days"
