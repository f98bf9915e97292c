"""What becomes of an order's certificates when its money is back."""

from datetime import datetime

from hanaper import clock
from hanaper.apps.certificates.evidence import on_the_list
from hanaper.apps.certificates.models.certificates import Certificate
from hanaper.apps.certificates.services.cause import start_cause
from hanaper.apps.certificates.services.claims import lock_certificate, move
from hanaper.apps.certificates.services.failing import call_off
from hanaper.apps.certificates.vocabulary import Removal, RevocationReason
from hanaper.apps.orders.models import Order
from hanaper.core.actor import system
from hanaper.core.certificate.states import Action, CertificateState

US = system("refund")
_S = CertificateState

# The way off the list from each state, by our own moves.
_OFF = {
    _S.PENDING_APPLICATION: (Action.CANCEL_APPLY,),
    _S.VALIDATING_APPLICATION: (Action.WITHDRAW, Action.CANCEL_APPLY),
    _S.VALIDATION_FAILED: (Action.DELETE_REQUEST,),
    _S.NOT_ACTIVATED: (Action.CANCEL,),
}


def end_refunded(order: Order, at: datetime) -> None:
    """The money is back (R6): what is not issued leaves the list; what is, is revoked.

    A customer's own refund finds nothing to do here (R10); one that an operator makes by hand may. In the
    caller's transaction, which has locked the order.
    """
    for one in on_the_list(order):
        certificate, _ = lock_certificate(one.pk)
        state = CertificateState(certificate.state)
        if state in _OFF:
            _take_off(certificate, at)
        elif state.in_force:
            start_cause(
                US,
                certificate,
                reason=RevocationReason.CESSATION_OF_OPERATION,
                text="The order was refunded.",
                at=at,
            )


def _take_off(certificate: Certificate, at: datetime) -> None:
    for action in _OFF[CertificateState(certificate.state)]:
        if action is Action.WITHDRAW:
            certificate = move(US, certificate, action, at=at)
            call_off(certificate, at, clock.system_now())
        else:
            certificate = move(US, certificate, action, at=at, removed_at=at, removed_by=Removal.REFUND)
