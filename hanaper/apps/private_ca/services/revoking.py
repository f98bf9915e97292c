"""Revoking, holding and releasing private certificates: on the list, and answered by OCSP, at once."""

from datetime import datetime

from django.db import transaction

from hanaper.apps.audit.services import record
from hanaper.apps.audit.vocabulary import AuditAction
from hanaper.apps.authority import services as authority
from hanaper.apps.authority.models import Issuance
from hanaper.apps.events.services import emit
from hanaper.apps.events.vocabulary import EventKind
from hanaper.apps.orders.locks import lock_order, refuse_if_locked
from hanaper.apps.private_ca.ends import name_of
from hanaper.apps.private_ca.models import PrivateCertificate
from hanaper.apps.private_ca.states import PrivateCertificateState
from hanaper.core.actor import Actor
from hanaper.core.errors import InvalidInput, Refusal
from hanaper.core.private_ca.revocation import REASONS
from hanaper.core.x509.crl import RevocationReason
from hanaper.storage.walls import require_write

HOLD = RevocationReason.CERTIFICATE_HOLD
_ISSUED, _HELD = PrivateCertificateState.ISSUED, PrivateCertificateState.HELD


def revoke(
    actor: Actor, certificate: PrivateCertificate, reason: RevocationReason, *, at: datetime
) -> PrivateCertificate:
    """For good. Refused: `not_issued` unless issued or held, `order_locked` (D11)."""
    if reason not in REASONS:
        words = ", ".join(REASONS)
        raise InvalidInput(f"The reason is one of {words}.", field="reason", code="bad_reason")
    revoked = PrivateCertificateState.REVOKED
    return _move(actor, certificate, (_ISSUED, _HELD), revoked, reason, at)


def hold(actor: Actor, certificate: PrivateCertificate, *, at: datetime) -> PrivateCertificate:
    """Until it is released, or revoked for good (RFC 5280 5.3.1)."""
    return _move(actor, certificate, (_ISSUED,), _HELD, HOLD, at)


def release(actor: Actor, certificate: PrivateCertificate, *, at: datetime) -> PrivateCertificate:
    """Good again. Refused: `not_issued` unless it is on hold."""
    return _move(actor, certificate, (_HELD,), _ISSUED, None, at)


def _tell(certificate: PrivateCertificate, reason: RevocationReason | None, at: datetime) -> None:
    emit(
        EventKind.PRIVATE_CERTIFICATE_REVOKED,
        account_id=certificate.account_id,
        subject=certificate.public_id,
        at=at,
        dedupe=f"{certificate.public_id}:revoked",
        data={
            "ca": certificate.ca.public_id,
            "names": name_of(certificate),
            "serial": certificate.serial,
            "reason": reason or "",
        },
    )


_POSSIBLE: dict[str, str] = {
    PrivateCertificateState.ISSUING: "Wait until it is issued.",
    _ISSUED: "It can be renewed, put on hold or revoked.",
    _HELD: "It can be released or revoked.",
}
_ACTIONS = {
    PrivateCertificateState.REVOKED: AuditAction.PRIVATE_CERTIFICATE_REVOKED,
    _HELD: AuditAction.PRIVATE_CERTIFICATE_HELD,
    _ISSUED: AuditAction.PRIVATE_CERTIFICATE_RELEASED,
}


def _move(
    actor: Actor,
    certificate: PrivateCertificate,
    before: tuple[PrivateCertificateState, ...],
    after: PrivateCertificateState,
    reason: RevocationReason | None,
    at: datetime,
) -> PrivateCertificate:
    require_write(actor)
    with transaction.atomic():
        refuse_if_locked(lock_order(certificate.ca.order_id))
        rows = PrivateCertificate.objects.filter(pk=certificate.pk, state__in=before)
        if not rows.update(state=after, revoked_at=at if reason else None, reason=reason or ""):
            certificate.refresh_from_db()
            raise Refusal(
                f"This certificate is {certificate.state}: that cannot be done with it.",
                code="not_in_this_state",
                next_steps=[_POSSIBLE.get(certificate.state, "Nothing can be done with it: issue another.")],
                details={"state": certificate.state},
            )
        issuance = Issuance.objects.select_related("authority").get(reference=certificate.public_id)
        if reason is None:
            authority.release(issuance, at=at)
        else:
            authority.revoke(issuance, reason, at=at)
        record(
            actor,
            _ACTIONS[after],
            certificate.public_id,
            at=at,
            account_id=certificate.account_id,
            after={"state": after, "reason": reason or ""},
        )
        if after == PrivateCertificateState.REVOKED:
            _tell(certificate, reason, at)
    authority.publish_soon(issuance.authority, at=at)
    certificate.refresh_from_db()
    return certificate
