"""The panel Refund Application, the plan that leads to a refund, and refunds themselves."""

import json

from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from hanaper.apps.audit import queries as audit
from hanaper.apps.refunds import queries, services
from hanaper.apps.refunds.models import RefundPlan
from hanaper.apps.refunds.vocabulary import PlanState, RefundState
from hanaper.core.errors import Refusal
from hanaper.core.refund import Verdict
from hanaper.core.refund.explain import step_sentence
from hanaper.faces.console.faults import answer
from hanaper.faces.console.places import PlaceRequest, customer_page, done, go, shared_page

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
    content = {
        "refund": found,
        "decision": json.loads(found.decision),
        "returns": queries.returns_of(found),
        "transfers": queries.transfers_of(found),
        "timeline": audit.of_thing(found.public_id),
        "moving": found.state == RefundState.PAYING,
    }
    return render(request, "console/refund.html", content)


def _panel(request: PlaceRequest, order: str, refusal: Refusal | None = None) -> HttpResponse:
    found = queries.order_of(request.place.actor, order)
    facts, decision = services.decision_for(found, request.at)
    content = {
        "order": found,
        "decision": decision,
        "steps": [(step, step_sentence(step, facts)) for step in decision.steps],
        "refundable": decision.verdict is Verdict.REFUNDABLE,
        "action_needed": decision.verdict is Verdict.ACTION_NEEDED,
        "open_plan": next(
            (one for one in queries.plans(request.place.actor, order_id=order) if one.state in OPEN), None
        ),
    }
    return answer(request, "console/application.html", content, refusal)


def _plan_page(request: PlaceRequest, found: RefundPlan, refusal: Refusal | None = None) -> HttpResponse:
    paying = found.refund is not None and found.refund.state == RefundState.PAYING
    content = {
        "plan": found,
        "order": found.order,
        "steps": found.steps.all(),
        "irreversible": any(step["irreversible"] for step in found.decision["steps"]),
        "awaited": found.state in AWAITED,
        # The plan is done once the refund was asked for; whoever follows it wants to see the money arrive.
        "moving": found.state in MOVING or paying,
        "mendable": found.state in MENDABLE,
        "open": found.state in OPEN,
    }
    return answer(request, "console/plan.html", content, refusal)
