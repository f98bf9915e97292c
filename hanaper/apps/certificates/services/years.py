"""What business time does to service years: the next one begins, one ends (D18)."""

from datetime import datetime, timedelta

from django.db import transaction

from hanaper import clock
from hanaper.apps.certificates.models.certificates import Certificate
from hanaper.apps.certificates.models.revocations import RevocationRequest
from hanaper.apps.certificates.services.applying import open_application
from hanaper.apps.certificates.services.claims import lock_certificate, may_go_on, move
from hanaper.apps.certificates.services.failing import call_off
from hanaper.apps.certificates.services.reissuing import key_again, same_again
from hanaper.apps.certificates.services.revoking import queue_key
from hanaper.apps.certificates.services.telling import alert, tell
from hanaper.apps.certificates.vocabulary import NEVER, Purpose, RevocationState
from hanaper.apps.events.vocabulary import EventKind
from hanaper.apps.orders.vocabulary import OrderState
from hanaper.core.actor import system
from hanaper.core.certificate.states import Action, CertificateState

US = system("service years")

# SPEC section 6: "When fewer than 30 days of the current one remain, the next is activated."
ACTIVATED_BEFORE = timedelta(days=30)
# A year after which the next begins: not while it is being revoked, and not after.
_GOES_ON = (CertificateState.ISSUED, CertificateState.EXPIRED)


def to_activate(at: datetime) -> list[int]:
    """Which `Not Activated` ones have their year before ending."""
    rows = Certificate.objects.filter(
        state=CertificateState.NOT_ACTIVATED,
        follows__state__in=_GOES_ON,
        follows__term_end__lt=at + ACTIVATED_BEFORE,
    )
    return list(rows.order_by("pk").values_list("pk", flat=True))


def activate(pk: int, at: datetime) -> bool:
    """The next year is applied for with the data of the year before; its term begins at the old end."""
    before = Certificate.objects.get(pk=pk).follows
    last = None if before is None else same_again(before)
    if before is None or last is None:
        return False
    judged, application = last
    key = key_again(application, judged)
    with transaction.atomic():
        certificate, orders = lock_certificate(pk)
        before.refresh_from_db()
        goes_on = before.state in _GOES_ON and before.term_end - at < ACTIVATED_BEFORE
        if not may_go_on(orders) or not goes_on or certificate.state != CertificateState.NOT_ACTIVATED:
            return False
        certificate = move(
            US,
            certificate,
            Action.ACTIVATE,
            at=at,
            told={"after": before.public_id},
            form=before.form,
            domains=application.domains,
        )
        open_application(certificate, Purpose.ACTIVATION, judged, key, at=at)
        tell(EventKind.CERTIFICATE_ACTIVATED, certificate, at=at, dedupe=certificate.public_id)
    return True


def to_expire(at: datetime) -> list[int]:
    """Which service years have ended."""
    in_force = (CertificateState.ISSUED, CertificateState.VALIDATING_REVOCATION)
    rows = Certificate.objects.filter(state__in=in_force, term_end__lte=at)
    return list(rows.order_by("term_end").values_list("pk", flat=True))


def expire(pk: int, at: datetime) -> bool:
    """Its term has ended: `Expired`; a request to revoke that nobody decided lapses with it."""
    with transaction.atomic():
        certificate, orders = lock_certificate(pk)
        if certificate.term_end > at or any(order.state == OrderState.REFUND_IN_PROGRESS for order in orders):
            return False
        # An approved one is being revoked at this moment, and will say so.
        if certificate.revocations.filter(state=RevocationState.APPROVED).exists():
            return False
        if not CertificateState(certificate.state).in_force:
            return False
        move(US, certificate, Action.EXPIRE, at=at, reissue_due_at=None)
        call_off(certificate, at, clock.system_now())
        lapsed = certificate.revocations.filter(state=RevocationState.PENDING)
        lapsed.update(state=RevocationState.LAPSED, decided_at=at, decision="its term ended")
        tell(EventKind.CERTIFICATE_EXPIRED, certificate, at=at, dedupe=certificate.public_id)
    return True


def alert_of_overdue(at: datetime) -> int:
    """Reviews past their due date: operators are told once; nothing is approved by the clock (D10)."""
    told = 0
    overdue = RevocationRequest.objects.filter(state=RevocationState.PENDING, due_at__lte=at, alerted_at=None)
    for request in overdue.select_related("certificate").order_by("due_at"):
        with transaction.atomic():
            rows = RevocationRequest.objects.filter(pk=request.pk, alerted_at=None)
            if rows.update(alerted_at=at) == 1:
                alert(
                    EventKind.REVOCATION_OVERDUE,
                    request.certificate,
                    at=at,
                    dedupe=request.public_id,
                    request=request.public_id,
                    due_at=request.due_at,
                )
                told += 1
    return told


def reorder_queue(at: datetime) -> int:
    """A refund window that has closed hurries nobody any more: its review goes by its due date alone."""
    moved = 0
    closed = RevocationRequest.objects.filter(state=RevocationState.PENDING, window_closes_at__lte=at)
    for request in closed:
        rows = RevocationRequest.objects.filter(pk=request.pk, window_closes_at=request.window_closes_at)
        moved += rows.update(window_closes_at=NEVER, queue_key=queue_key(NEVER, request.due_at))
    return moved
