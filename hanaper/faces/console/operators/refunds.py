"""Refunds of every account; by hand with a reason and a second person's approval (R14)."""

from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from hanaper.apps.refunds import queries, services
from hanaper.apps.refunds.vocabulary import RefundState
from hanaper.core.actor import StaffRole
from hanaper.core.errors import Refusal
from hanaper.faces.console.amounts import amount_of
from hanaper.faces.console.faults import answer
from hanaper.faces.console.places import PlaceRequest, done, operator_page
from hanaper.storage.paging import page


@operator_page()
def refunds(request: PlaceRequest) -> HttpResponse:
    state = request.GET.get("state", "")
    found = queries.refunds(
        request.place.actor,
        state=RefundState(state) if state in list(RefundState) else None,
        needs_person=request.GET.get("needs_person") == "yes",
    )
    listed = page(found, sort="-requested_at", cursor=request.GET.get("cursor"))
    content = {
        "rows": listed.rows,
        "next_cursor": listed.next_cursor,
        "states": list(RefundState),
        "state": state,
        "needs_person": request.GET.get("needs_person") == "yes",
    }
    return render(request, "console/operators/refunds.html", content)


@operator_page("GET", "POST", role=StaffRole.FINANCE)
def propose(request: PlaceRequest, order: str) -> HttpResponse:
    found = queries.order_of(request.place.actor, order)
    refusal = None
    if request.method == "POST":
        try:
            made = services.propose_refund(
                request.place.actor,
                found,
                reason=request.POST.get("reason", "").strip(),
                amount=amount_of(request.POST.get("amount", ""), found.currency),
                despite_use=request.POST.get("despite_use") == "yes",
                at=request.at,
            )
            return done(request, _("Proposed; a second person must approve it."), "refund", made.public_id)
        except Refusal as met:
            refusal = met
    _facts, decision = services.decision_for(found, request.at)
    content = {"order": found, "decision": decision, "given": request.POST}
    return answer(request, "console/operators/propose.html", content, refusal)


@operator_page("POST", role=StaffRole.FINANCE)
def decide(request: PlaceRequest, refund: str) -> HttpResponse:
    """As the second person: approve or decline."""
    found = queries.refund(request.place.actor, refund)
    if request.POST.get("decision") == "approve":
        services.approve_refund(request.place.actor, found, at=request.at)
        return done(request, _("Approved: the refund begins."), "refund", refund)
    reason = request.POST.get("reason", "").strip()
    services.decline_refund(request.place.actor, found, reason=reason, at=request.at)
    return done(request, _("Declined; nothing happened."), "refund", refund)


@operator_page("POST", role=StaffRole.FINANCE)
def give_up(request: PlaceRequest, refund: str) -> HttpResponse:
    found = queries.refund(request.place.actor, refund)
    reason = request.POST.get("reason", "").strip()
    services.give_up(request.place.actor, found, reason=reason, at=request.at)
    return done(request, _("Given up; the order goes on as it was."), "refund", refund)
