"""Revocation for cause by the CA or an operator: in two steps, without a review.

Carried out at the CA by services/revocation_pursuit.py, as an approved request is.
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
from hanaper.apps.certificates.services.claims import lock_certificate, require_party
from hanaper.apps.certificates.services.failing import call_off
from hanaper.apps.certificates.services.revoking import check_text, queue_key
from hanaper.apps.certificates.vocabulary import NEVER, RevocationReason, RevocationState
from hanaper.core.actor import Actor, StaffRole
from hanaper.core.certificate.states import Action, CertificateState
from hanaper.core.certificate.states import move as legal_move
from hanaper.core.errors import InvalidInput
from hanaper.storage.crashpoints import crashpoint
from hanaper.storage.wake import wake_pursuit
from hanaper.storage.walls import require_staff


def prepare_cause(actor: Actor, certificate: Certificate, *, at: datetime) -> warning.Warning:
    """What revoking for cause means for the customer's refunds, and the confirming token; reads only."""
    require_staff(actor, StaffRole.REVIEWER)
    require_party(actor, legal_move(CertificateState(certificate.state), Action.REVOKE_FOR_CAUSE).by)
    text = f"{warning.CAUSE_TEXT} {told_of_sites(certificate)}".rstrip()
    return warning.warn(actor, [certificate], Action.REVOKE_FOR_CAUSE.value, text, at)


def confirm_cause(
    actor: Actor,
    certificate: Certificate,
    confirmation: str,
    *,
    reason: RevocationReason,
    text: str,
    at: datetime,
) -> RevocationRequest:
    """`revoke_for_cause` for whoever read the warning: `confirmation` is its token."""
    require_staff(actor, StaffRole.REVIEWER)
    action = Action.REVOKE_FOR_CAUSE
    legal_move(CertificateState(certificate.state), action)
    warning.require_confirmation(actor, [certificate], action.value, confirmation, at)
    return revoke_for_cause(actor, certificate, reason=reason, text=text, at=at)


def revoke_for_cause(
    actor: Actor,
    certificate: Certificate,
    *,
    reason: RevocationReason,
    text: str,
    at: datetime,
) -> RevocationRequest:
    """The CA or an operator revokes for cause, without a review; an open request of the customer lapses.

    Goes on while a refund is under way too: a compromised key cannot wait, and R10 does not ask why.
    """
    require_staff(actor, StaffRole.REVIEWER)
    if not text.strip():
        raise InvalidInput("Give the cause: the customer reads it.", field="text", code="missing")
    check_text(text, "text")
    with transaction.atomic():
        certificate, _ = lock_certificate(certificate.pk)
        request = start_cause(actor, certificate, reason=reason, text=text, at=at)
    crashpoint("certificates.revoke.after_approve")
    return request


def start_cause(
    actor: Actor,
    certificate: Certificate,
    *,
    reason: RevocationReason,
    text: str,
    at: datetime,
) -> RevocationRequest:
    """`revoke_for_cause` in the caller's transaction, which has locked the certificate."""
    system_at = clock.system_now()
    legal_move(CertificateState(certificate.state), Action.REVOKE_FOR_CAUSE)
    under_way = certificate.revocations.filter(state=RevocationState.APPROVED).first()
    if under_way is not None:
        return under_way
    lapsed = certificate.revocations.filter(state=RevocationState.PENDING)
    lapsed.update(state=RevocationState.LAPSED, decided_at=at, decision="revoked for cause")
    request = RevocationRequest.objects.create(
        certificate=certificate,
        state=RevocationState.APPROVED,
        by_subscriber=False,
        for_cause=True,
        requested_by=actor.name[:300],
        requested_at=at,
        reason=reason,
        text=text,
        due_at=at,
        queue_key=queue_key(NEVER, at),
        decided_at=at,
        decided_by=actor.name[:300],
        next_at=system_at,
    )
    call_off(certificate, at, system_at)
    record(
        actor,
        AuditAction.REVOCATION_APPROVED,
        request.public_id,
        at=at,
        account_id=certificate.account_id,
        after={"certificate": certificate.public_id, "for_cause": text, "reason": reason.value},
    )
    wake_pursuit("certificates.revocation", request.pk)
    return request
