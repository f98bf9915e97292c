"""Judging a batch of orders, or of refunds, by their own policy and by the one that is tried."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from hanaper.apps.orders.models import Order
from hanaper.apps.policies.registry import POLICIES
from hanaper.apps.refunds.models import Refund
from hanaper.apps.refunds.services.deciding import gather
from hanaper.apps.trials.models import PolicyTrial, TrialFinding
from hanaper.apps.trials.vocabulary import Subject
from hanaper.core.refund import Decision, decide, no_earlier, read_facts
from hanaper.core.refund.policy import Policy
from hanaper.core.refund.trial import change, overdue, reviews
from hanaper.storage.logs import logger

log = logger(__name__)


@dataclass(frozen=True, slots=True)
class Judged:
    """A thing, and what its own policy and the one that is tried decide about it."""

    order: Order
    refund: Refund | None
    before: Decision
    after: Decision


@dataclass(slots=True)
class Found:
    """What a batch adds to a trial."""

    findings: list[TrialFinding] = field(default_factory=list)
    judged: list[Judged] = field(default_factory=list)
    unreadable: int = 0


def judge_orders(trial: PolicyTrial, policy: Policy, orders: Sequence[Order]) -> Found:
    found = Found()
    facts = gather(orders, trial.at)
    for order in orders:
        try:
            read = read_facts(facts[order.pk], POLICIES)
            at = no_earlier(read, _asked_at(trial, order))
            before, after = decide(read, POLICIES[read.order.policy], at), decide(read, policy, at)
        except Exception:  # one that cannot be decided holds up no other
            log.exception("trial_could_not_judge", order=order.public_id)
            found.unreadable += 1
            continue
        found.judged.append(Judged(order, None, before, after))
    found.findings = list(_findings(trial, found.judged))
    return found


def judge_refunds(trial: PolicyTrial, policy: Policy, refunds: Sequence[Refund]) -> Found:
    """From the facts that were kept with each, at the moment it was asked for (D2)."""
    found = Found()
    for refund in refunds:
        try:
            facts, at = read_facts(refund.facts, POLICIES), refund.requested_at
            before, after = decide(facts, POLICIES[refund.policy], at), decide(facts, policy, at)
        except Exception:  # one that cannot be decided holds up no other
            log.exception("trial_could_not_judge", refund=refund.public_id)
            found.unreadable += 1
            continue
        found.judged.append(Judged(refund.order, refund, before, after))
    found.findings = list(_findings(trial, found.judged))
    return found


def _asked_at(trial: PolicyTrial, order: Order) -> datetime:
    if trial.days is None or order.paid_at is None:
        return trial.at
    return order.paid_at + timedelta(days=trial.days)


def _findings(trial: PolicyTrial, judged: Iterable[Judged]) -> Iterator[TrialFinding]:
    for one in judged:
        changed = change(one.before, one.after)
        if changed is None:
            continue
        yield TrialFinding(
            trial=trial,
            subject=Subject.ORDER if one.refund is None else Subject.REFUND,
            account_id=one.order.account_id,
            order=one.order,
            refund=one.refund,
            product=one.order.product_kind,
            currency=one.order.currency,
            change=changed,
            before=one.before.amount.total,
            after=one.after.amount.total,
            because_before=", ".join(one.before.clauses),
            because_after=", ".join(one.after.clauses),
        )


def tallied(tally: Sequence[dict[str, Any]], findings: Iterable[TrialFinding]) -> list[dict[str, Any]]:
    """`tally` with the findings added: a row for each subject, product, currency and change."""
    rows = {tuple(row[key] for key in KEYS): dict(row) for row in tally}
    for one in findings:
        key = tuple(str(getattr(one, name)) for name in KEYS)
        row = rows.setdefault(key, {**dict(zip(KEYS, key, strict=True)), "count": 0, "before": 0, "after": 0})
        row["count"] += 1
        row["before"] += one.before
        row["after"] += one.after
    return [rows[key] for key in sorted(rows)]


KEYS = ("subject", "product", "currency", "change")


def reviewed(sums: dict[str, int], judged: Iterable[Judged], at: datetime) -> dict[str, int]:
    """`sums` with the reviews added that a refund of each thing asks of operators, under either policy."""
    added = {name: sums.get(name, 0) for name in ("needed", "needed_before", "overdue", "overdue_before")}
    for one in judged:
        if one.refund is None:
            added["needed"] += reviews(one.after)
            added["needed_before"] += reviews(one.before)
            added["overdue"] += overdue(one.after, at)
            added["overdue_before"] += overdue(one.before, at)
    return added
