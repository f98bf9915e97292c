"""What must be done before an order can be refunded, in order (R10, R11, R15, R16, R17, R18, D7)."""

from datetime import datetime
from zoneinfo import ZoneInfo

from hanaper.core.calendar import review_due
from hanaper.core.refund.decision import Action, By, Step
from hanaper.core.refund.facts import (
    PRIVATE_ROOT_CA,
    CaState,
    Certificate,
    CertificateState,
    Facts,
    Order,
    PrivateCa,
)
from hanaper.core.refund.policy import Policy, Use

# R11: the way off the list, or to Revoked, from each state; the table of section 4. A certificate not
# activated has none of its own: it is cancelled first (R16), or leaves with the first one (R15).
CUSTOMER_STEPS: dict[CertificateState, tuple[Action, ...]] = {
    CertificateState.PENDING_APPLICATION: (Action.CANCEL_APPLY,),
    CertificateState.VALIDATING_APPLICATION: (Action.WITHDRAW, Action.CANCEL_APPLY),
    # D14: a plan always goes the document's way.
    CertificateState.VALIDATION_FAILED: (
        Action.MODIFY,
        Action.SUBMIT,
        Action.WITHDRAW,
        Action.CANCEL_APPLY,
    ),
    CertificateState.ISSUED: (Action.REVOKE,),
    CertificateState.VALIDATING_REVOCATION: (),
    CertificateState.REVOKED: (),
    CertificateState.EXPIRED: (),
    CertificateState.NOT_ACTIVATED: (),
}

# R16: with one of these in its series, a certificate not activated does not leave the list by itself.
_WAS_ISSUED = (CertificateState.ISSUED, CertificateState.VALIDATING_REVOCATION, CertificateState.REVOKED)


def plan(facts: Facts, policy: Policy, use: Use, zone: ZoneInfo) -> tuple[Step, ...]:
    """The steps that lead to a refund; none if it can be asked for as things are."""
    if facts.certificates:
        return _certificate_steps(facts.order, facts.certificates, policy, zone)
    if use is Use.PRIVATE_CA and facts.ca is not None and facts.ca.state is CaState.ENABLED:
        return _ca_steps(facts.order, facts.ca)
    # R18: the reset comes before the refund, though the domain may be gone already.
    if use is Use.GATEWAY and facts.gateway is not None and facts.gateway.reset_at is None:
        return (Step(Action.RESET, facts.gateway.id),)
    return ()


def _certificate_steps(
    order: Order, certificates: tuple[Certificate, ...], policy: Policy, zone: ZoneInfo
) -> tuple[Step, ...]:
    # R16: first the cancelling, then each certificate in list order. R13: approvals come last.
    issued_series = {one.series for one in certificates if one.state in _WAS_ISSUED}
    steps = [
        Step(Action.CANCEL, one.id)
        for one in certificates
        if one.state is CertificateState.NOT_ACTIVATED and one.series in issued_series
    ]
    approvals = []
    for one in certificates:
        steps.extend(Step(action, one.id) for action in CUSTOMER_STEPS[one.state])
        if one.state is CertificateState.ISSUED:
            approvals.append(Step(Action.APPROVE_REVOCATION, one.id, By.OPERATOR))
        elif one.state is CertificateState.VALIDATING_REVOCATION:
            due = _approval_due(order, one, policy, zone)
            approvals.append(Step(Action.APPROVE_REVOCATION, one.id, By.OPERATOR, due))
    return (*steps, *approvals)


def _approval_due(order: Order, certificate: Certificate, policy: Policy, zone: ZoneInfo) -> datetime | None:
    """D10's date; None if the facts do not say when the revocation was asked for."""
    if certificate.revocation_requested_at is None:
        return None
    return review_due(
        certificate.revocation_requested_at,
        policy.review_time,
        order.calendar,
        zone,
        publicly_trusted=certificate.publicly_trusted,
    )


def _ca_steps(order: Order, ca: PrivateCa) -> tuple[Step, ...]:
    # D7: the enabled intermediates in list order, then the root. An intermediate has none below it.
    below = ca.enabled_intermediates if order.product == PRIVATE_ROOT_CA else ()
    return tuple(Step(Action.RESET, target) for target in (*below, ca.id))
