"""The panel Refund Application, the plan that leads to a refund, and refunds themselves."""

import json
from collections.abc import Iterable
from datetime import date, datetime

from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from hanaper.apps.audit import queries as audit
from hanaper.apps.certificates import queries as certificates
from hanaper.apps.certificates.models.certificates import Certificate
from hanaper.apps.gateway import queries as gateways
from hanaper.apps.orders.models import Order
from hanaper.apps.private_ca import queries as private_cas
from hanaper.apps.refunds import queries, services
from hanaper.apps.refunds.models import RefundPlan
from hanaper.apps.refunds.vocabulary import PlanState, RefundState
from hanaper.core.calendar import local_date, zone_named
from hanaper.core.errors import Refusal
from hanaper.core.refund import Verdict
from hanaper.faces.console.faults import answer
from hanaper.faces.console.places import PlaceRequest, customer_page, done, go, shared_page
from hanaper.faces.console.tags import names
from hanaper.faces.console.timeline import of_refund

MOVING = (PlanState.RUNNING, PlanState.WAITING)
AWAITED = (PlanState.PREPARED, PlanState.NEEDS_CONFIRMATION)
MENDABLE = (PlanState.STOPPED,)
OPEN = (*AWAITED, *MOVING, *MENDABLE)


@shared_page()
def application(request: PlaceRequest, order: str) -> HttpResponse:
    return _panel(request, order)


@customer_page("POST")
def request_refund(request: PlaceRequest, order: str) -> HttpResponse:
    """This moment is the receipt of the request (D2)."""
    found = queries.order_of(request.place.actor, order)
    try:
        made = services.request_refund(request.place.actor, found, at=request.at)
    except Refusal as refusal:
        return _panel(request, order, refusal)
    return done(request, _("The refund was asked for."), "refund", made.public_id)


@customer_page("POST")
def prepare(request: PlaceRequest, order: str) -> HttpResponse:
    found = queries.order_of(request.place.actor, order)
    try:
        made = services.prepare_plan(request.place.actor, found, at=request.at)
    except Refusal as refusal:
        return _panel(request, order, refusal)
    return go(request, "plan", made.public_id)


@customer_page()
def plan(request: PlaceRequest, plan: str) -> HttpResponse:
    return _plan_page(request, queries.plan(request.place.actor, plan))


@customer_page("POST")
def confirm(request: PlaceRequest, plan: str) -> HttpResponse:
    found = queries.plan(request.place.actor, plan)
    try:
        services.confirm_plan(
            request.place.actor,
            found,
            token=request.POST.get("token", ""),
            accept=request.POST.get("accept") == "yes",
            at=request.at,
        )
    except Refusal as refusal:
        return _plan_page(request, queries.plan(request.place.actor, plan), refusal)
    return done(request, _("Confirmed. It runs by itself from here."), "plan", plan)


@customer_page("POST")
def resume(request: PlaceRequest, plan: str) -> HttpResponse:
    services.resume_plan(request.place.actor, queries.plan(request.place.actor, plan), at=request.at)
    return done(request, _("The plan goes on."), "plan", plan)


@customer_page("POST")
def cancel(request: PlaceRequest, plan: str) -> HttpResponse:
    services.cancel_plan(request.place.actor, queries.plan(request.place.actor, plan), at=request.at)
    return done(request, _("The plan is cancelled; what it did stays done."), "plan", plan)


@shared_page()
def refund(request: PlaceRequest, refund: str) -> HttpResponse:
    found = queries.refund(request.place.actor, refund)
    plan, returns = queries.plan_of(found), queries.returns_of(found)
    content = {
        "refund": found,
        "decision": json.loads(found.decision),
        "returns": returns,
        "plan": plan,
        "currency": found.currency,
        "timeline": of_refund(
            found,
            plan,
            _named(request, found.order),
            returns,
            queries.transfers_of(found),
            audit.of_thing(found.public_id),
            request.place,
        ),
        "moving": found.state == RefundState.PAYING,
    }
    return render(request, "console/refund.html", content)


def _panel(request: PlaceRequest, order: str, refusal: Refusal | None = None) -> HttpResponse:
    found = queries.order_of(request.place.actor, order)
    facts, decision = services.decision_for(found, request.at)
    named = _named(request, found)
    content = {
        "order": found,
        "decision": decision,
        "under_way": services.under_way(found, facts, request.at),
        "steps": [
            (step, told, named.get(step.target))
            for step, told in zip(
                decision.steps, services.told_steps(found, facts, decision.steps), strict=True
            )
        ],
        "late": _is_past(found, decision.revoke_by, request.at),
        "refundable": decision.verdict is Verdict.REFUNDABLE,
        "action_needed": decision.verdict is Verdict.ACTION_NEEDED,
        "open_plan": next(
            (one for one in queries.plans(request.place.actor, order_id=order) if one.state in OPEN), None
        ),
    }
    return answer(request, "console/application.html", content, refusal)


def _plan_page(request: PlaceRequest, found: RefundPlan, refusal: Refusal | None = None) -> HttpResponse:
    paying = found.refund is not None and found.refund.state == RefundState.PAYING
    named, decision = _named(request, found.order), found.decision
    due = certificates.reviews_due(found.order)
    revoke_by = date.fromisoformat(decision["revoke_by"]) if decision["revoke_by"] else None
    content = {
        "plan": found,
        "order": found.order,
        "steps": [
            (step, named.get(step.target), due.get(step.target) if step.by == "operator" else None)
            for step in found.steps.all()
        ],
        "amount": decision["amount"],
        "closes_at": datetime.fromisoformat(decision["closes_at"]) if decision["closes_at"] else None,
        "revoke_by": revoke_by,
        "late": _is_past(found.order, revoke_by, request.at),
        "irreversible": any(step["irreversible"] for step in decision["steps"]),
        "awaited": found.state in AWAITED,
        "foreseen": services.foreseen(found) if found.state in AWAITED else None,
        # The plan is done once the refund was asked for; whoever follows it wants to see the money arrive.
        "moving": found.state in MOVING or paying,
        "mendable": found.state in MENDABLE,
        "open": found.state in OPEN,
    }
    return answer(request, "console/plan.html", content, refusal)


def _named(request: PlaceRequest, order: Order) -> dict[str, str]:
    """The order's things by their names, for people know those and not the ids; also private CAs of other
    orders that are reset with it (D7)."""
    actor = request.place.actor
    named = {one.public_id: one.name for one in private_cas.cas_of(actor, order) if one.name}
    sites = gateways.gateways(actor).filter(order=order)
    named |= {one.public_id: one.domain for one in sites if one.domain}
    found = certificates.certificates(actor, order=order.public_id, off_the_list=True)
    return named | _years(found)


def _years(found: Iterable[Certificate]) -> dict[str, str]:
    """Certificates by their names; a year that is not activated has those of the first."""
    rows = sorted(found, key=lambda row: row.year)
    firsts = {row.series: names(row) for row in reversed(rows) if names(row) != row.public_id}
    return {
        row.public_id: firsts[row.series]
        + (", " + _("year %(year)s") % {"year": row.year} if row.year > 1 else "")
        for row in rows
        if row.series in firsts
    }


def _is_past(order: Order, revoke_by: date | None, at: datetime) -> bool:
    """Whether the last day on which a revocation was sure to be reviewed in time has passed (D12)."""
    return revoke_by is not None and local_date(at, zone_named(order.zone)) > revoke_by
