"""Timelines: what was done with a thing, oldest first, as its page tells it."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from hanaper.apps.audit.models import AuditEntry
from hanaper.apps.ledger.models import Transfer
from hanaper.apps.payments.models import RefundAttempt, Return
from hanaper.apps.refunds.models import Refund, RefundPlan
from hanaper.apps.refunds.vocabulary import StepProgress
from hanaper.core.actor import ActorKind
from hanaper.faces.console.deeds import ledger_account
from hanaper.faces.console.labels import label
from hanaper.faces.console.places import Place


@dataclass(frozen=True, slots=True)
class Moment:
    """One entry. `amount` is minor units of what the timeline is about; `times`: how often in a row."""

    at: datetime
    what: str
    who: str = ""
    thing: str = ""
    amount: int | None = None
    tries: tuple[RefundAttempt, ...] = ()
    times: int = 1


def deeds(entries: Iterable[AuditEntry], place: Place) -> list[Moment]:
    """Of the audit log; what one person did several times in a row is told once, with the last time.

    Customers read their own people's names; of operators they read that it was one.
    """
    told: list[Moment] = []
    for entry in entries:
        by_name = entry.actor_kind == ActorKind.CUSTOMER or place.account is None
        who = entry.actor_name if by_name else label(entry.actor_kind)
        one = Moment(entry.at, label(entry.action), who)
        if told and (told[-1].what, told[-1].who) == (one.what, one.who):
            told[-1] = replace(one, times=told[-1].times + 1)
        else:
            told.append(one)
    return told


def of_refund(
    refund: Refund,
    plan: RefundPlan | None,
    named: dict[str, str],
    returns: Iterable[Return],
    transfers: Iterable[Transfer],
    entries: Iterable[AuditEntry],
    place: Place,
) -> list[Moment]:
    """A refund from its order to the last ledger leg: facts, steps, tries at the provider, and the books."""
    order = refund.order
    told = [Moment(order.placed_at, label("order.placed"), thing=order.public_id)]
    if order.paid_at is not None:
        told.append(Moment(order.paid_at, label("order.paid"), amount=order.money))
    if plan is not None and plan.confirmed_at is not None:
        told.append(Moment(plan.confirmed_at, label("refund_plan.confirmed"), thing=plan.public_id))
    told += [
        Moment(step.changed_at, label(step.action), label(step.by), named.get(step.target, step.target))
        for step in (plan.steps.all() if plan is not None else ())
        if step.progress == StepProgress.DONE
    ]
    done = deeds(entries, place)
    told += done[:1]  # the request; the rest follows what came of it in the same moment
    told += [
        Moment(one.asked_at, _("Sent on its way"), thing=_where(one), amount=one.amount, tries=_tries(one))
        for one in returns
    ]
    told += [
        Moment(leg.at, label(leg.kind), thing=_between(leg, place), amount=leg.amount) for leg in transfers
    ]
    told += done[1:]
    return sorted(told, key=lambda one: one.at)


def _between(leg: Transfer, place: Place) -> str:
    """Operators read the ledger's own names, customers what these accounts are to them."""
    if place.account is None:
        return f"{leg.debit} → {leg.credit}"
    return f"{ledger_account(leg.debit)} → {ledger_account(leg.credit)}"


def _where(one: Any) -> str:
    if one.destination == "balance":
        return label("balance")
    return label(one.part.means) + (f" ···{one.part.last_four}" if one.part.last_four else "")


def _tries(one: Return) -> tuple[RefundAttempt, ...]:
    attempts: Any = one
    return tuple(attempts.attempts.all())
