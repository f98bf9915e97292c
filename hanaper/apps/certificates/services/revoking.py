"""Revoke in two steps, and its review (R12, R13, D10); revocation for cause is in cause.py.

What a decision has set in motion is carried out at the CA by services/revocation_pursuit.py.
"""

from datetime import datetime

from django.db import transaction

from hanaper import clock
from hanaper.apps.audit.services import record
from hanaper.apps.audit.vocabulary import AuditAction
from hanaper.apps.certificates.in_use import told_of_sites
from hanaper.apps.certificates.models.certificates import Certificate
from hanaper.apps.certificates.models.revocations import RevocationRequest
from hanaper.apps.certificates.services import warning
from hanaper.apps.certificates.services.claims import (
    lock_for_change,
    move,
    require_party,
)
from hanaper.apps.certificates.services.failing import call_off
from hanaper.apps.certificates.services.telling import alert, tell
from hanaper.apps.certificates.services.withdrawing import cancel_not_activated
from hanaper.apps.certificates.vocabulary import (
    NEVER,
    OPEN_REVOCATION,
    SUBSCRIBER_REASONS,
    RevocationReason,
    RevocationState,
)
from hanaper.apps.events.vocabulary import EventKind
from hanaper.apps.orders.models import Order
from hanaper.apps.policies.registry import POLICIES
from hanaper.core.actor import Actor, StaffRole
from hanaper.core.calendar import review_due, zone_named
from hanaper.core.certificate.states import Action, CertificateState
from hanaper.core.certificate.states import move as legal_move
from hanaper.core.errors import InvalidInput, Refusal
from hanaper.core.refund.canonical import write_moment
from hanaper.storage.crashpoints import crashpoint
from hanaper.storage.wake import wake_pursuit
from hanaper.storage.walls import require_staff, require_write

MOST_TEXT = 1000


def prepare_revocation(actor: Actor, certificate: Certificate, *, at: datetime) -> warning.Warning:
    """The warning of R12 with the dates of D12 for each order and the sites that are served with it, and the
    token that confirms it; reads only."""
    require_write(actor)
    require_party(actor, legal_move(CertificateState(certificate.state), Action.REVOKE).by)
    text = f"{warning.TEXT} {told_of_sites(certificate)}".rstrip()
    return warning.warn(actor, [certificate], Action.REVOKE.value, text, at)


def prepare_cancel(actor: Actor, certificate: Certificate, *, at: datetime) -> warning.Warning:
    """The same before Cancel of a `Not Activated` one: the first irreversible step of R16 (D12)."""
    require_write(actor)
    require_party(actor, legal_move(CertificateState(certificate.state), Action.CANCEL).by)
    text = f"{warning.CANCEL_TEXT} {warning.TEXT}"
    return warning.warn(actor, [certificate], Action.CANCEL.value, text, at)


def confirm_revocation(
    actor: Actor,
    certificate: Certificate,
    confirmation: str,
    *,
    reason: RevocationReason = RevocationReason.UNSPECIFIED,
    text: str = "",
    at: datetime,
) -> RevocationRequest:
    """`request_revocation` for whoever read the warning: `confirmation` is its token."""
    require_write(actor)
    legal_move(CertificateState(certificate.state), Action.REVOKE)
    warning.require_confirmation(actor, [certificate], Action.REVOKE.value, confirmation, at)
    return request_revocation(actor, certificate, reason=reason, text=text, at=at)


def confirm_cancel(actor: Actor, certificate: Certificate, confirmation: str, *, at: datetime) -> Certificate:
    """`cancel_not_activated` for whoever read the warning: `confirmation` is its token."""
    require_write(actor)
    legal_move(CertificateState(certificate.state), Action.CANCEL)
    warning.require_confirmation(actor, [certificate], Action.CANCEL.value, confirmation, at)
    return cancel_not_activated(actor, certificate, at=at)


def request_revocation(
    actor: Actor,
    certificate: Certificate,
    *,
    reason: RevocationReason = RevocationReason.UNSPECIFIED,
    text: str = "",
    at: datetime,
) -> RevocationRequest:
    """`Issued` to `Validating Revocation`: an operator reviews it by D10's date.

    Irreversible: callers have had the warning of R12 confirmed (a plan did so once for all its steps). Later
    years stay `Not Activated` and are not activated meanwhile. Refused: `not_in_this_state`, `order_locked`,
    `being_revoked`.
    """
    require_write(actor)
    if reason not in SUBSCRIBER_REASONS:
        choices = ", ".join(each.value for each in SUBSCRIBER_REASONS)
        raise InvalidInput(f"One of: {choices}.", field="reason", code="unknown_reason")
    check_text(text, "text")
    with transaction.atomic():
        certificate, orders = lock_for_change(certificate.pk)
        _refuse_if_being_revoked(certificate)
        due = min(_due(order, certificate, at) for order in orders)
        told = {"reason": reason.value, "due_at": write_moment(due)}
        certificate = move(actor, certificate, Action.REVOKE, at=at, told=told)
        closes = min((_closes_at(order, at) for order in orders), default=NEVER)
        request = RevocationRequest.objects.create(
            certificate=certificate,
            by_subscriber=True,
            requested_by=actor.name[:300],
            requested_at=at,
            reason=reason,
            text=text,
            due_at=due,
            window_closes_at=closes,
            queue_key=queue_key(closes, due),
        )
        alert(
            EventKind.REVOCATION_ASKED, certificate, at=at, dedupe=request.public_id,
            reason=reason.value, due_at=due,
        )  # fmt: skip
    crashpoint("certificates.revoke.after_request")
    return request


def queue_key(closes: datetime, due: datetime) -> str:
    """D10: the refund window that closes first, then the earlier due date."""
    return f"{closes:%Y-%m-%dT%H:%M:%S} {due:%Y-%m-%dT%H:%M:%S}"


def approve_revocation(actor: Actor, request: RevocationRequest, *, at: datetime) -> RevocationRequest:
    """An operator approves: the CA is told to revoke all of the year, then the certificate is `Revoked`.

    Approving twice changes nothing. Refused: `already_decided`, `order_locked`, and who is no reviewer.
    """
    require_staff(actor, StaffRole.REVIEWER)
    with transaction.atomic():
        certificate, _ = lock_for_change(request.certificate_id)
        request.refresh_from_db()
        if request.state in (RevocationState.APPROVED, RevocationState.DONE) and not request.for_cause:
            return request
        legal_move(CertificateState(certificate.state), Action.APPROVE_REVOCATION)
        _decide(actor, request, RevocationState.APPROVED, at=at, next_at=clock.system_now(), decision="")
        call_off(certificate, at, clock.system_now())
        record(
            actor,
            AuditAction.REVOCATION_APPROVED,
            request.public_id,
            at=at,
            account_id=certificate.account_id,
            after={"certificate": certificate.public_id},
        )
        wake_pursuit("certificates.revocation", request.pk)
    crashpoint("certificates.revoke.after_approve")
    return request


def refuse_revocation(
    actor: Actor,
    request: RevocationRequest,
    *,
    reason: str,
    not_the_subscriber: bool = False,
    at: datetime,
) -> RevocationRequest:
    """An operator refuses, with a reason that the customer reads: the certificate is `Issued` again.

    For a publicly trusted certificate only if the request is found not to be the subscriber's, which the
    operator says by `not_the_subscriber`. Refused: `subscribers_request`, `already_decided`, `order_locked`.
    """
    require_staff(actor, StaffRole.REVIEWER)
    if not reason.strip():
        raise InvalidInput("Give the reason: the customer reads it.", field="reason", code="missing")
    check_text(reason, "reason")
    with transaction.atomic():
        certificate, _ = lock_for_change(request.certificate_id)
        request.refresh_from_db()
        if certificate.publicly_trusted and not not_the_subscriber:
            raise Refusal(
                "The subscriber's own request to revoke a publicly trusted certificate cannot be refused.",
                code="subscribers_request",
                clause="D10",
                next_steps=["Approve it; or state that the request is not the subscriber's."],
            )
        if request.state != RevocationState.PENDING:
            raise _already_decided(request)
        told = {"reason": reason, "request": request.public_id}
        move(actor, certificate, Action.REFUSE_REVOCATION, at=at, told=told)
        _decide(
            actor,
            request,
            RevocationState.REFUSED,
            at=at,
            decision=reason,
            by_subscriber=not not_the_subscriber,
        )
        tell(EventKind.REVOCATION_REFUSED, certificate, at=at, dedupe=request.public_id, reason=reason)
    return request


def _decide(
    actor: Actor,
    request: RevocationRequest,
    state: RevocationState,
    *,
    at: datetime,
    **columns: object,
) -> None:
    rows = RevocationRequest.objects.filter(pk=request.pk, state=RevocationState.PENDING)
    if rows.update(state=state, decided_at=at, decided_by=actor.name[:300], **columns) != 1:
        raise _already_decided(request)
    request.refresh_from_db()


def _already_decided(request: RevocationRequest) -> Refusal:
    return Refusal(
        f"This request was decided before: it is {request.state}.",
        code="already_decided",
        details={"request": request.public_id, "state": request.state},
    )


def _refuse_if_being_revoked(certificate: Certificate) -> None:
    if certificate.revocations.filter(state__in=OPEN_REVOCATION, for_cause=True).exists():
        raise Refusal(
            "This certificate is being revoked for cause at this moment.",
            code="being_revoked",
            details={"certificate": certificate.public_id},
        )


def _due(order: Order, certificate: Certificate, at: datetime) -> datetime:
    """D10, by the calendar, zone and policy that the order keeps (D9)."""
    facts = warning.facts_for(order, at)
    return review_due(
        at,
        POLICIES[facts.order.policy].review_time,
        facts.order.calendar,
        zone_named(facts.order.zone),
        publicly_trusted=certificate.publicly_trusted,
    )


def _closes_at(order: Order, at: datetime) -> datetime:
    return warning.decision_for(order, at).closes_at or NEVER


def check_text(text: str, field: str) -> None:
    """Refuse what is longer than its column."""
    if len(text) > MOST_TEXT:
        raise InvalidInput(f"At most {MOST_TEXT} characters.", field=field, code="too_long")
