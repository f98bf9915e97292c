"""The review of OV and EV applications: an operator looks at the organisation once its domains are shown."""

from datetime import datetime

from django.db import transaction

from hanaper import clock
from hanaper.apps.audit.services import record
from hanaper.apps.audit.vocabulary import AuditAction
from hanaper.apps.certificates.models.applications import Application
from hanaper.apps.certificates.services.claims import lock_for_use
from hanaper.apps.certificates.services.failing import fail_application
from hanaper.apps.certificates.services.progress import order_issuance
from hanaper.apps.certificates.vocabulary import ApplicationState
from hanaper.core.actor import Actor, StaffRole
from hanaper.core.errors import InvalidInput, Refusal
from hanaper.storage.walls import require_staff

MOST_TEXT = 900


def approve_application(actor: Actor, application: Application, *, at: datetime) -> Application:
    """The organisation is vetted: the certificate is ordered at its issuer. Twice is once.

    Refused: `nothing_to_review`, `order_locked` (D11), and who is no reviewer.
    """
    require_staff(actor, StaffRole.REVIEWER)
    with transaction.atomic():
        certificate, _ = lock_for_use(application.certificate_id)
        application.refresh_from_db()
        if application.reviewed_at is not None and application.state in (
            ApplicationState.ISSUING,
            ApplicationState.ISSUED,
        ):
            return application
        _refuse_unless_reviewing(application)
        Application.objects.filter(pk=application.pk, state=ApplicationState.REVIEWING).update(
            state=ApplicationState.ISSUING, reviewed_at=at, reviewer=actor.name[:200]
        )
        application.refresh_from_db()
        record(
            actor,
            AuditAction.APPLICATION_APPROVED,
            application.public_id,
            at=at,
            account_id=certificate.account_id,
            after={"certificate": certificate.public_id},
        )
        order_issuance(application, at=at, system_at=clock.system_now())
    application.refresh_from_db()
    return application


def refuse_application(actor: Actor, application: Application, *, reason: str, at: datetime) -> Application:
    """Refused with a reason that the customer reads: `Validation Failed`, to be mended and sent again."""
    require_staff(actor, StaffRole.REVIEWER)
    if not reason.strip():
        raise InvalidInput("Give the reason: the customer reads it.", field="reason", code="missing")
    if len(reason) > MOST_TEXT:
        raise InvalidInput(f"At most {MOST_TEXT} characters.", field="reason", code="too_long")
    with transaction.atomic():
        certificate, _ = lock_for_use(application.certificate_id)
        application.refresh_from_db()
        _refuse_unless_reviewing(application)
        record(
            actor,
            AuditAction.APPLICATION_REFUSED,
            application.public_id,
            at=at,
            account_id=certificate.account_id,
            after={"certificate": certificate.public_id, "reason": reason},
        )
        fail_application(
            actor,
            application,
            code="review_refused",
            reason=reason,
            at=at,
            system_at=clock.system_now(),
        )
    application.refresh_from_db()
    return application


def _refuse_unless_reviewing(application: Application) -> None:
    if application.state != ApplicationState.REVIEWING:
        raise Refusal(
            f"This application does not wait for a review: it is {application.state}.",
            code="nothing_to_review",
            details={"application": application.public_id, "state": application.state},
        )
