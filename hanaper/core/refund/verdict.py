"""The decision itself: facts, policy and moment in, verdict with its reasons out. Nothing else matters."""

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

from hanaper.core.calendar import UnknownZone, last_sure_day, local_date, zone_named
from hanaper.core.refund import words
from hanaper.core.refund.bars import bars
from hanaper.core.refund.decision import Action, Amount, Decision, Reason, Step, Verdict
from hanaper.core.refund.facts import CertificateState, Facts
from hanaper.core.refund.money_back import money_back
from hanaper.core.refund.plan import plan
from hanaper.core.refund.policy import Consumed, Policy, Use
from hanaper.core.refund.sense import check_facts, check_moment
from hanaper.core.refund.senseless import SenselessFacts
from hanaper.core.refund.window import Window, use_of, window_of


def decide(facts: Facts, policy: Policy, at: datetime) -> Decision:
    """Whether the order can be refunded at `at`, how much, why, and what must be done first.

    `at` is the moment the request is received (D2), with a time zone. The policy that binds an order is
    the one it names (D9); another one may be given to try it out. Raises SenselessFacts for facts that
    cannot be true, or not at `at`.
    """
    if at.tzinfo is None:
        raise SenselessFacts("at", "must have an offset")
    at = at.astimezone(UTC)
    try:
        zone = zone_named(facts.order.zone)
    except UnknownZone as error:
        raise SenselessFacts("order.zone", "is not a time zone of the zone database") from error
    check_facts(facts)
    check_moment(facts, at)
    use = use_of(facts)
    window = window_of(facts, policy, use, zone, at)
    amount = money_back(facts, policy)
    barred = bars(facts, policy, use, window, amount, zone)
    # Section 7: null after a timely reset, and if refused for good.
    closes_at = None if barred.for_good or window.kept else window.closes_at
    revoke_by = _revoke_by(facts, policy, closes_at, zone)
    if barred.texts:
        return Decision(
            verdict=Verdict.REFUSED,
            amount=Amount(facts.order.currency, 0),
            reasons=_in_order(barred.texts),
            steps=(),
            closes_at=closes_at,
            revoke_by=revoke_by,
            policy=policy.name,
        )
    steps = plan(facts, policy, use, zone)
    granted = _grants(facts, policy, use, window, steps, revoke_by, zone, at)
    return Decision(
        verdict=Verdict.ACTION_NEEDED if steps else Verdict.REFUNDABLE,
        amount=amount,
        reasons=_in_order(granted),
        steps=steps,
        closes_at=closes_at,
        revoke_by=revoke_by,
        policy=policy.name,
    )


def _in_order(texts: dict[str, str]) -> tuple[Reason, ...]:
    """R before D, each in ascending order."""
    order = sorted(texts, key=lambda clause: (clause[0] != "R", int(clause[1:])))
    return tuple(Reason(clause, texts[clause]) for clause in order)


def _revoke_by(facts: Facts, policy: Policy, closes_at: datetime | None, zone: ZoneInfo) -> date | None:
    """The last date on which a revocation request is sure to fall due before `closes_at` (D12).

    None if no certificate is issued, and where no request can help any more. "The purchase's" day is the
    day of the payment: for certificates the window opens with it (D3), and before it there is nothing to
    revoke. With several certificates the slowest review counts, as the order is refunded as a whole (D5).
    """
    paid_at = facts.order.paid_at
    if closes_at is None or paid_at is None or not facts.certificates:
        return None
    issued = [one for one in facts.certificates if one.state is CertificateState.ISSUED]
    if not issued:
        return None
    return last_sure_day(
        closes_at,
        local_date(paid_at, zone),
        policy.review_time,
        facts.order.calendar,
        zone,
        publicly_trusted=(one.publicly_trusted for one in issued),
    )


def _grants(
    facts: Facts,
    policy: Policy,
    use: Use,
    window: Window,
    steps: tuple[Step, ...],
    revoke_by: date | None,
    zone: ZoneInfo,
    at: datetime,
) -> dict[str, str]:
    """The clauses that grant, and what each means for this order."""
    clause = policy.uses[use].clause
    until = ""
    if window.closes_at is not None:
        until = words.deadline(window.closes_at, zone, policy.counting)
    if use is Use.CERTIFICATES:
        text = words.certificates_first(until) if steps else words.certificates_ready(until)
        if revoke_by is not None:
            text = f"{text} {_warning(facts, policy, revoke_by, zone, at)}"
        granted = {clause: text}
        cancelled = sum(step.action is Action.CANCEL for step in steps)
        if cancelled:
            # R16 grants where there is something left to cancel; once that is done R10 says it all.
            granted[policy.several_years.clause] = words.several_years_first(cancelled)
        return granted
    if use is Use.UNUSED:
        return {clause: words.unused(facts, until)}
    text = words.reset_needed(use, steps, until) if steps else words.reset_done(facts, use, zone)
    gateway = facts.gateway
    if policy.consumed is Consumed.PARTIAL and gateway is not None and gateway.consumed:
        text = f"{text} {words.partial(gateway.grcq_included - gateway.grcq_used, gateway.grcq_included)}"
    return {clause: text}


def _warning(facts: Facts, policy: Policy, revoke_by: date, zone: ZoneInfo, at: datetime) -> str:
    issued = [one for one in facts.certificates or () if one.state is CertificateState.ISSUED]
    if all(one.publicly_trusted for one in issued):
        allowed = f"{policy.review_time.publicly_trusted_hours} hours"
    else:
        allowed = f"{policy.review_time.working_days} business days"
    paid_at = facts.order.paid_at or facts.order.placed_at
    return words.review_warning(revoke_by, local_date(paid_at, zone), local_date(at, zone), allowed)
