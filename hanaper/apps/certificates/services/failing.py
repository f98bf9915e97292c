"""An application that fails or is called off; the certificate's own move is its caller's, or made here."""

from datetime import datetime, timedelta

from hanaper.apps.audit.services import record
from hanaper.apps.audit.vocabulary import AuditAction
from hanaper.apps.certificates.models.applications import Application, DomainCheck
from hanaper.apps.certificates.models.certificates import Certificate
from hanaper.apps.certificates.models.issuing import IssuerOrder
from hanaper.apps.certificates.services.claims import move
from hanaper.apps.certificates.services.telling import alert, tell
from hanaper.apps.certificates.vocabulary import (
    ACTIVE_APPLICATION,
    ApplicationState,
    CheckState,
    IssuerOrderState,
    Purpose,
)
from hanaper.apps.events.vocabulary import EventKind
from hanaper.apps.secrets import services as secrets
from hanaper.core.actor import Actor
from hanaper.core.certificate.states import Action
from hanaper.storage.leases import back_off
from hanaper.storage.wake import wake_pursuit

# Between the tries to reissue or activate, of which a year has some weeks (D18).
FIRST_RETRY, LONGEST_RETRY = timedelta(minutes=10), timedelta(hours=12)
WITHIN_THE_YEAR = (Purpose.REISSUE, Purpose.REKEY)


def fail_application(
    actor: Actor, application: Application, *, code: str, reason: str, at: datetime, system_at: datetime
) -> bool:
    """The attempt has failed; a first one leaves the certificate `Validation Failed`.

    One within the year leaves it as it is, alerts, and is tried again (D18). False if it had ended before.
    In the caller's transaction, which has locked the certificate.
    """
    if not _end(application, ApplicationState.FAILED, at, failure_code=code, failure=reason[:1000]):
        return False
    certificate = Certificate.objects.get(pk=application.certificate_id)
    told = {"reason": reason, "code": code}
    if application.purpose in WITHIN_THE_YEAR:
        _try_again_later(certificate, system_at)
        record(
            actor,
            AuditAction.CERTIFICATE_REISSUE_FAILED,
            certificate.public_id,
            at=at,
            account_id=certificate.account_id,
            after={"application": application.public_id, **told},
        )
        kind = EventKind.REISSUE_FAILED
        alert(kind, certificate, at=at, dedupe=application.public_id, **told)
    else:
        move(actor, certificate, Action.FAIL, at=at, told=told)
        kind = EventKind.CERTIFICATE_FAILED
    tell(kind, certificate, at=at, dedupe=application.public_id, **told)
    return True


def call_off(certificate: Certificate, at: datetime, system_at: datetime) -> None:
    """Withdraw whatever attempt is under way; what its issuer makes of it is not wanted any more.

    In the caller's transaction, which has locked the certificate and moves it.
    """
    for application in certificate.applications.filter(state__in=ACTIVE_APPLICATION):
        if _end(application, ApplicationState.WITHDRAWN, at):
            not_wanted(IssuerOrder.objects.filter(application=application).first(), system_at)


def not_wanted(order: IssuerOrder | None, system_at: datetime) -> None:
    """What comes of an order at an issuer is to be revoked at once."""
    if order is None:
        return
    open_states = (IssuerOrderState.PREPARED, IssuerOrderState.SUBMITTED)
    rows = IssuerOrder.objects.filter(pk=order.pk, state__in=open_states)
    if rows.update(state=IssuerOrderState.UNWANTED, due_at=system_at):
        wake_pursuit("certificates.issuer_order", order.pk)


def _end(application: Application, state: ApplicationState, at: datetime, **columns: object) -> bool:
    rows = Application.objects.filter(pk=application.pk, state__in=ACTIVE_APPLICATION)
    if rows.update(state=state, ended_at=at, **columns) != 1:
        return False
    application.refresh_from_db()
    DomainCheck.objects.filter(application=application, state=CheckState.PENDING).update(
        state=CheckState.WITHDRAWN, due_at=None
    )
    if application.private_key is not None:
        # Nothing was or will be delivered under this key.
        secrets.destroy(application.private_key)
    return True


def _try_again_later(certificate: Certificate, system_at: datetime) -> None:
    retries = certificate.retries + 1
    Certificate.objects.filter(pk=certificate.pk).update(
        retries=retries,
        retry_at=system_at + back_off(retries, first=FIRST_RETRY, longest=LONGEST_RETRY),
    )
