"""Carrying out a decided revocation: the CA revokes all of the year (D13), then the certificate is `Revoked`.

`Revoked` is never said before the issuing CA has done it.
"""

from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import F

from hanaper.apps.certificates import at_issuer
from hanaper.apps.certificates.at_issuer import Standing
from hanaper.apps.certificates.models.certificates import Certificate
from hanaper.apps.certificates.models.issuing import IssuerOrder
from hanaper.apps.certificates.models.revocations import RevocationRequest
from hanaper.apps.certificates.services.claims import lock_certificate, move
from hanaper.apps.certificates.services.failing import call_off
from hanaper.apps.certificates.services.issuing import issued_and_valid
from hanaper.apps.certificates.services.telling import alert, tell
from hanaper.apps.certificates.services.withdrawing import restore_quota
from hanaper.apps.certificates.vocabulary import RevocationReason, RevocationState
from hanaper.apps.events.vocabulary import EventKind
from hanaper.core.actor import system
from hanaper.core.certificate.states import Action, CertificateState
from hanaper.storage.crashpoints import crashpoint
from hanaper.storage.leases import back_off, claim
from hanaper.storage.wake import pursuit

US = system("revocation")

FIRST_WAIT, LONGEST_WAIT = timedelta(seconds=5), timedelta(minutes=10)
TROUBLE_AFTER = 5
# SPEC section 6: a revocation within 28 days of issue, with the domains unchanged, restores the quota.
RESTORES_QUOTA_FOR = timedelta(days=28)


@pursuit("certificates.revocation")
def pursue_revocation(pk: int, at: datetime, system_at: datetime) -> None:
    """Tell the CA of every X.509 certificate that is still valid; then commit `Revoked`, once."""
    approved = RevocationRequest.objects.filter(state=RevocationState.APPROVED)
    if not claim(approved, pk, system_at, column="next_at"):
        return
    RevocationRequest.objects.filter(pk=pk).update(tries=F("tries") + 1)
    request = RevocationRequest.objects.select_related("certificate").get(pk=pk)
    for order in issued_and_valid(request.certificate, at):
        crashpoint("certificates.revoke.before_ca")
        progress = at_issuer.revoke(order, RevocationReason(request.reason), at)
        crashpoint("certificates.revoke.after_ca")
        if progress.standing is not Standing.READY:
            _wait(request, progress.message, at, system_at)
            return
        IssuerOrder.objects.filter(pk=order.pk, revoked_at=None).update(
            revoked_at=at, revocation_reason=request.reason
        )
    _finish(request, at, system_at)
    crashpoint("certificates.revoke.after_commit")


def _wait(request: RevocationRequest, fault: str, at: datetime, system_at: datetime) -> None:
    wait = back_off(request.tries, first=FIRST_WAIT, longest=LONGEST_WAIT)
    RevocationRequest.objects.filter(pk=request.pk, state=RevocationState.APPROVED).update(
        next_at=system_at + wait, fault=fault[:1000]
    )
    if request.tries == TROUBLE_AFTER:
        with transaction.atomic():
            alert(
                EventKind.ISSUER_TROUBLE,
                request.certificate,
                at=at,
                dedupe=request.public_id,
                fault=fault,
            )


def _finish(request: RevocationRequest, at: datetime, system_at: datetime) -> None:
    with transaction.atomic():
        certificate, _ = lock_certificate(request.certificate_id)
        if issued_and_valid(certificate, at):
            # One more was delivered while the CA was told of the others.
            RevocationRequest.objects.filter(pk=request.pk).update(next_at=system_at)
            return
        rows = RevocationRequest.objects.filter(pk=request.pk, state=RevocationState.APPROVED)
        if rows.update(state=RevocationState.DONE, next_at=None, fault="") != 1:
            return
        call_off(certificate, at, system_at)
        if not CertificateState(certificate.state).in_force:
            return  # its term ended first, or it was revoked by another way
        action = Action.REVOKE_FOR_CAUSE if request.for_cause else Action.APPROVE_REVOCATION
        certificate = move(
            US,
            certificate,
            action,
            at=at,
            by_itself=True,
            told={"request": request.public_id, "reason": request.reason, "by": request.decided_by},
            revoked_at=at,
            reissue_due_at=None,
        )
        if _restores_quota(certificate, request):
            restore_quota(certificate, at)
        tell(
            EventKind.CERTIFICATE_REVOKED,
            certificate,
            at=at,
            dedupe=request.public_id,
            reason=request.reason,
            text=request.text if request.for_cause else "",
        )


def _restores_quota(certificate: Certificate, request: RevocationRequest) -> bool:
    """By when it was asked for: how long a review takes is not the customer's doing.

    Domains of a year never change after its issue. What was revoked for misuse gives nothing back.
    """
    if certificate.issued_at is None or request.reason == RevocationReason.PRIVILEGE_WITHDRAWN:
        return False
    return request.requested_at <= certificate.issued_at + RESTORES_QUOTA_FOR
