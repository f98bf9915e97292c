"""The work queue of reviewers: revocations in D10's order, and the applications of OV and EV."""

from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from hanaper.apps.certificates import queries
from hanaper.apps.certificates.services import cause, reviewing, revoking
from hanaper.apps.certificates.vocabulary import NEVER, RevocationReason
from hanaper.core.actor import StaffRole
from hanaper.core.errors import InvalidInput, Refusal
from hanaper.faces.console.customers.acts import reason_of
from hanaper.faces.console.faults import answer
from hanaper.faces.console.places import PlaceRequest, done, operator_page
from hanaper.storage.paging import page

AT_ONCE = 50  # approved with one press
REASONS = tuple(RevocationReason)


@operator_page(role=StaffRole.REVIEWER)
def reviews(request: PlaceRequest) -> HttpResponse:
    return _queue(request)


@operator_page("POST", role=StaffRole.REVIEWER)
def decide_revocation(request: PlaceRequest, revocation: str) -> HttpResponse:
    found = queries.revocation(request.place.actor, revocation)
    if request.POST.get("decision") == "approve":
        revoking.approve_revocation(request.place.actor, found, at=request.at)
        return done(request, _("Approved: the CA revokes all of the year."), "reviews")
    try:
        revoking.refuse_revocation(
            request.place.actor,
            found,
            reason=_reason(request),
            not_the_subscriber=request.POST.get("not_the_subscriber") == "yes",
            at=request.at,
        )
    except Refusal as refusal:
        return _queue(request, refusal)
    return done(request, _("Refused; the customer reads the reason."), "reviews")


@operator_page("POST", role=StaffRole.REVIEWER)
def approve_several(request: PlaceRequest) -> HttpResponse:
    """Each by itself, in the order in which they were shown: one that is refused stops none of the others."""
    approved, refusals = 0, []
    chosen = request.POST.getlist("revocation")[:AT_ONCE]
    if not chosen:
        return _queue(request, InvalidInput("Choose one at least.", field="revocation"))
    for public_id in chosen:
        try:
            found = queries.revocation(request.place.actor, public_id)
            revoking.approve_revocation(request.place.actor, found, at=request.at)
            approved += 1
        except Refusal as refusal:
            refusals.append(refusal)
    if refusals:
        return _queue(request, refusals[0], approved=approved)
    return done(request, _("%(number)d approved.") % {"number": approved}, "reviews")


@operator_page("POST", role=StaffRole.REVIEWER)
def decide_application(request: PlaceRequest, application: str) -> HttpResponse:
    found: Any = queries.application(request.place.actor, application)
    if request.POST.get("decision") == "approve":
        reviewing.approve_application(request.place.actor, found, at=request.at)
        return done(request, _("Approved: the organisation is vetted."), "reviews")
    try:
        reviewing.refuse_application(request.place.actor, found, reason=_reason(request), at=request.at)
    except Refusal as refusal:
        return _queue(request, refusal)
    return done(request, _("Refused; the customer reads the reason."), "reviews")


@operator_page("GET", "POST", role=StaffRole.REVIEWER)
def for_cause(request: PlaceRequest, certificate: str) -> HttpResponse:
    """The CA or an operator revokes for cause, without a review: the warning, then OK (R12, D12)."""
    actor, found = request.place.actor, queries.certificate(request.place.actor, certificate)
    if request.method == "POST":
        more = reason_of(request.POST, REASONS)
        cause.confirm_cause(actor, found, request.POST.get("confirmation", ""), **more, at=request.at)
        return done(request, _("It is revoked."), "certificate", certificate)
    content = {
        "certificate": found,
        "title": _("Revoke for cause"),
        "warned": cause.prepare_cause(actor, found, at=request.at),
        "reasons": REASONS,
    }
    return render(request, "console/note.html", content)


def _queue(request: PlaceRequest, refusal: Refusal | None = None, *, approved: int = 0) -> HttpResponse:
    revocations = page(queries.revocations_to_review(), sort="queue_key", cursor=request.GET.get("cursor"))
    content = {
        "revocations": [
            (row, None if row.window_closes_at == NEVER else row.window_closes_at, row.due_at <= request.at)
            for row in revocations.rows
        ],
        "next_cursor": revocations.next_cursor,
        "applications": queries.applications_to_review().order_by("submitted_at", "pk")[:50],
        "approved": approved,
    }
    return answer(request, "console/operators/reviews.html", content, refusal)


def _reason(request: PlaceRequest) -> str:
    reason = request.POST.get("reason", "").strip()
    if not 0 < len(reason) <= 1000:
        raise InvalidInput(
            "A reason has between 1 and 1000 characters; the customer reads it.", field="reason"
        )
    return reason
