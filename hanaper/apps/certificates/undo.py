"""The steps of a refund plan on certificates (R11, R15, R16, D14), each safe to take twice."""

from datetime import datetime

from hanaper.apps.certificates.evidence import on_the_list
from hanaper.apps.certificates.in_use import told_of_sites
from hanaper.apps.certificates.models.certificates import Certificate
from hanaper.apps.certificates.services.applying import save_form, submit
from hanaper.apps.certificates.services.revoking import request_revocation
from hanaper.apps.certificates.services.withdrawing import (
    cancel_apply,
    cancel_not_activated,
    withdraw,
)
from hanaper.apps.orders.models import Order
from hanaper.apps.orders.products import StepOutcome, StepState
from hanaper.core.actor import Actor
from hanaper.core.certificate.states import CertificateState
from hanaper.core.errors import NotFound, Refusal

_S = CertificateState
DONE, WAITING = StepOutcome(StepState.DONE), StepOutcome(StepState.WAITING)

# In which states a step has nothing left to do. From every other state the service is asked, whose table
# refuses what is not legal: the plan is then computed anew (D14).
ALREADY_DONE: dict[str, tuple[CertificateState, ...]] = {
    "cancel_apply": (_S.REMOVED,),
    "withdraw": (_S.PENDING_APPLICATION, _S.REMOVED),
    "submit": (_S.VALIDATING_APPLICATION, _S.PENDING_APPLICATION, _S.REMOVED),
    "modify": (_S.VALIDATING_APPLICATION, _S.PENDING_APPLICATION, _S.REMOVED),
    "revoke": (_S.VALIDATING_REVOCATION, _S.REVOKED, _S.REMOVED),
    "cancel": (_S.REMOVED,),
}


def undo_step(actor: Actor, order: Order, action: str, target: str, at: datetime) -> StepOutcome:
    """Carry out one step on the certificate `target` of the order; the warning of R12 was confirmed for the
    plan as a whole. Refusals are those of the verbs: after a refused Modify or Submit they name the field
    to mend."""
    certificate = _certificate(order, target)
    state = CertificateState(certificate.state)
    if action == "approve_revocation":
        return _approval(certificate, state)
    if action not in ALREADY_DONE:
        raise Refusal(
            f"{action!r} is not something that can be done to a certificate.",
            code="unknown_step",
            clause="R11",
        )
    if state in ALREADY_DONE[action]:
        return DONE
    if action == "cancel_apply":
        cancel_apply(actor, certificate, at=at)
    elif action == "withdraw":
        withdraw(actor, certificate, at=at)
    elif action == "modify":
        # D14: the document's way; the stored form is what is submitted next.
        save_form(actor, certificate, form={}, at=at)
    elif action == "submit":
        submit(actor, certificate, at=at)
    elif action == "revoke":
        request_revocation(actor, certificate, text="on the way to a refund", at=at)
    else:
        cancel_not_activated(actor, certificate, at=at)
    return DONE


def takes_with_it(order: Order, action: str, target: str) -> str:
    """The sites that lose a certificate which browsers accept."""
    return told_of_sites(_certificate(order, target)) if action == "revoke" else ""


def _certificate(order: Order, target: str) -> Certificate:
    """A certificate made from the order's quota, also one that has left the list."""
    for one in on_the_list(order):
        if one.public_id == target:
            return one
    gone = Certificate.objects.filter(order=order, public_id=target).first()
    gone = gone or Certificate.objects.filter(parts__order=order, public_id=target).first()
    if gone is None:
        raise NotFound(f"The order has no certificate {target!r}.", code="certificate_not_found")
    return gone


def _approval(certificate: Certificate, state: CertificateState) -> StepOutcome:
    """An operator's step: only reports whether it has happened. Refused when it never will."""
    if state in (_S.REVOKED, _S.REMOVED):
        return DONE
    if state is _S.VALIDATING_REVOCATION:
        request = certificate.revocations.order_by("-pk").first()
        note = "" if request is None else f"The review is due by {request.due_at:%Y-%m-%d %H:%M} UTC."
        return StepOutcome(StepState.WAITING, note)
    raise Refusal(
        f"The certificate {certificate.public_id} is {state.label}: nobody reviews its revocation.",
        code="not_in_this_state",
        clause="R13",
        details={"state": state.value, "action": "approve_revocation"},
    )
