"""Reading refunds and plans, for faces; no query per row."""

from datetime import datetime

from django.db.models import Prefetch, Q

from hanaper.apps.ledger.models import Transfer
from hanaper.apps.orders.models import Order
from hanaper.apps.payments.models import RefundAttempt, Return
from hanaper.apps.payments.vocabulary import AttemptState
from hanaper.apps.refunds.models import PlanStep, Refund, RefundPlan
from hanaper.apps.refunds.vocabulary import RefundOrigin, RefundState
from hanaper.core.actor import Actor
from hanaper.storage.walls import ScopedQuerySet

# Pending is an answer, which may take days.
UNANSWERED = (AttemptState.PREPARED, AttemptState.SUBMITTED, AttemptState.UNKNOWN)
MANY_TRIES = 8


def order_of(actor: Actor, order_id: str) -> Order:
    """The order with everything a decision reads."""
    orders = Order.objects.select_related("account", "payment").prefetch_related("payment__parts", "lines")
    return orders.get_visible(actor, order_id, what="order")


def refunds(
    actor: Actor,
    *,
    state: RefundState | None = None,
    origin: RefundOrigin | None = None,
    order_id: str = "",
    requested_after: datetime | None = None,
    requested_before: datetime | None = None,
    needs_person: bool = False,
) -> ScopedQuerySet[Refund]:
    found = Refund.objects.visible_to(actor).select_related("order", "account", "proposed_by", "approved_by")
    if state is not None:
        found = found.filter(state=state)
    if origin is not None:
        found = found.filter(origin=origin)
    if order_id:
        found = found.filter(order__public_id=order_id)
    if requested_after is not None:
        found = found.filter(requested_at__gte=requested_after)
    if requested_before is not None:
        found = found.filter(requested_at__lt=requested_before)
    return found.filter(_waits_for_a_person()) if needs_person else found


def _waits_for_a_person() -> Q:
    """Proposed and not approved (R14); or a provider that waits for somebody, or has given no answer so often
    that it will hardly give one by itself."""
    stuck = Q(state=AttemptState.REQUIRES_ACTION) | Q(state__in=UNANSWERED, tries__gte=MANY_TRIES)
    references = RefundAttempt.objects.filter(stuck).values("of__reference")
    return Q(state=RefundState.PROPOSED) | Q(state=RefundState.PAYING, public_id__in=references)


def refund(actor: Actor, refund_id: str) -> Refund:
    return refunds(actor).get_visible(actor, refund_id, what="refund")


def returns_of(refund: Refund) -> list[Return]:
    """Where the money of a refund went, part by part, each with its tries."""
    tries = Prefetch("attempts", RefundAttempt.objects.order_by("pk"))
    found = Return.objects.filter(reference=refund.public_id).select_related("part").prefetch_related(tries)
    return list(found.order_by("part__position"))


def transfers_of(refund: Refund) -> list[Transfer]:
    """The ledger's rows of a refund, in the order they were written."""
    return list(Transfer.objects.filter(reference=refund.public_id).order_by("pk"))


def plan_of(refund: Refund) -> RefundPlan | None:
    """The plan that asked for a refund, with its steps, for whoever may see the refund."""
    steps = Prefetch("steps", PlanStep.objects.order_by("position"))
    return RefundPlan.objects.filter(refund=refund).prefetch_related(steps).first()


def plans(actor: Actor, *, order_id: str = "") -> ScopedQuerySet[RefundPlan]:
    steps = Prefetch("steps", PlanStep.objects.order_by("position"))
    found = RefundPlan.objects.visible_to(actor).select_related("order", "refund").prefetch_related(steps)
    return found.filter(order__public_id=order_id) if order_id else found


def plan(actor: Actor, plan_id: str) -> RefundPlan:
    return plans(actor).get_visible(actor, plan_id, what="refund plan")
