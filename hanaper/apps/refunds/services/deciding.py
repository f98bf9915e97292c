"""The decision about an order as it is now: facts gathered from whoever has them, judged by the core."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db.models import prefetch_related_objects

from hanaper.apps.orders.evidence import order_facts
from hanaper.apps.orders.models import Order
from hanaper.apps.orders.products import product_for
from hanaper.apps.policies.registry import POLICIES
from hanaper.apps.refunds.models import Refund
from hanaper.core.calendar import zone_named
from hanaper.core.errors import Refusal
from hanaper.core.refund import (
    Decision,
    Facts,
    SenselessFacts,
    Step,
    Verdict,
    decide,
    no_earlier,
    read_facts,
)
from hanaper.core.refund.explain import step_sentence
from hanaper.core.refund.facts import Origin
from hanaper.core.refund.facts_writing import write_facts
from hanaper.core.refund.plan import plan
from hanaper.core.refund.window import use_of
from hanaper.storage.logs import logger

log = logger(__name__)


def facts_of(order: Order, at: datetime) -> Facts:
    """Everything that a decision about `order` needs (SPEC section 7); reads only."""
    return read_facts(gather([order], at)[order.pk], POLICIES)


def gather(orders: Sequence[Order], at: datetime) -> dict[int, dict[str, Any]]:
    """The facts of each order by its pk, as JSON; as many queries for many as for one of each product."""
    by_kind: dict[str, list[Order]] = {}
    for order in orders:
        by_kind.setdefault(order.product_kind, []).append(order)
    found: dict[int, dict[str, Any]] = {}
    for kind, of_kind in by_kind.items():
        parts = product_for(kind).evidence(of_kind, at)
        found |= {order.pk: {"order": order_facts(order), **parts[order.pk]} for order in of_kind}
    return found


def decision_for(order: Order, at: datetime) -> tuple[Facts, Decision]:
    """The facts, and the decision by the policy that binds the order (D9), as of `no_earlier(facts, at)`."""
    facts = facts_of(order, at)
    return facts, decide(facts, POLICIES[facts.order.policy], no_earlier(facts, at))


def decisions_for(orders: Sequence[Order], at: datetime) -> dict[int, Decision]:
    """The decision about each order by its pk, for lists: in as many queries for many as for one of each
    product. One whose facts cannot be true has none."""
    prefetch_related_objects(orders, "payment__parts")
    found: dict[int, Decision] = {}
    for pk, given in gather(orders, at).items():
        try:
            facts = read_facts(given, POLICIES)
            found[pk] = decide(facts, POLICIES[facts.order.policy], no_earlier(facts, at))
        except SenselessFacts:  # its own page says so; it hides no other
            log.exception("cannot_be_decided", order=given["order"]["id"])
    return found


def under_way(order: Order, facts: Facts, at: datetime) -> str | None:
    """Of a step that was begun in time and is not done: how far it is. None where nothing is under way that
    the refund waits for, or where it would be refused, or something else needed, all the same."""
    begun = product_for(order.product_kind).under_way(order)
    if begun is None:
        return None
    done = read_facts({**write_facts(facts), **begun.part}, POLICIES)
    decision = decide(done, POLICIES[done.order.policy], no_earlier(done, at))
    return begun.sentence if decision.verdict is Verdict.REFUNDABLE else None


def steps_left(facts: Facts) -> tuple[Step, ...]:
    """What is still in use and would have to be undone first, whatever the verdict."""
    policy = POLICIES[facts.order.policy]
    return plan(facts, policy, use_of(facts), zone_named(facts.order.zone))


def replay(refund: Refund) -> bytes:
    """The decision made again from what is stored with the refund: the bytes of `refund.decision`."""
    facts = read_facts(refund.facts, POLICIES)
    return decide(facts, POLICIES[refund.policy], refund.requested_at).to_bytes()


def stored(facts: Facts) -> dict[str, object]:
    return write_facts(facts)


def refuse_unless_refundable(order: Order, facts: Facts, decision: Decision, at: datetime) -> None:
    """Raise the decision as a refusal: every reason, the first clause, and what to do next (R10); while what
    is to be done is under way, how far that is."""
    if decision.verdict is not Verdict.REFUNDABLE and (meanwhile := under_way(order, facts, at)):
        raise Refusal(
            meanwhile,
            code="refund_needs_steps",
            clause=decision.reasons[0].clause,
            next_steps=["Ask again once it is done: it counts from when it was asked for (D2)."],
            details={"order": order.public_id, "decision": decision.to_json()},
        )
    refuse_if_refused(order, facts, decision)
    if decision.verdict is Verdict.ACTION_NEEDED:
        raise _as_refusal(order, decision, "refund_needs_steps", next_steps(facts, decision.steps))


def refuse_if_refused(order: Order, facts: Facts, decision: Decision) -> None:
    """Raise a decision that no step can help as `refund_refused`, with what else there is to do."""
    if decision.verdict is Verdict.REFUSED:
        raise _as_refusal(order, decision, "refund_refused", instead(facts))


def instead(facts: Facts) -> list[str]:
    """What is left to somebody whose refund is refused: R14 names support."""
    early = facts.order.origin is Origin.EARLY_RENEWAL
    return ["Ask support: an operator can refund an early renewal by hand (R14)."] if early else []


def _as_refusal(order: Order, decision: Decision, code: str, steps: list[str]) -> Refusal:
    return Refusal(
        " ".join(reason.text for reason in decision.reasons),
        code=code,
        clause=decision.reasons[0].clause,
        next_steps=steps,
        details={"order": order.public_id, "decision": decision.to_json()},
    )


def told_steps(order: Order, facts: Facts, steps: tuple[Step, ...]) -> list[str]:
    """Each step with what it would take with it, for whoever is to confirm it."""
    product = product_for(order.product_kind)
    also = (product.takes_with_it(order, step.action, step.target) for step in steps)
    return [f"{said} {more}".rstrip() for said, more in zip(next_steps(facts, steps), also, strict=True)]


def next_steps(facts: Facts, steps: tuple[Step, ...]) -> list[str]:
    return [step_sentence(step, facts) for step in steps]
