"""The first lines of every change: lock the orders, read the certificate as it is, move it by the table."""

from datetime import datetime
from typing import Any

from django.db.models import Q

from hanaper.apps.audit.services import record
from hanaper.apps.audit.vocabulary import AuditAction
from hanaper.apps.certificates.models.certificates import Certificate
from hanaper.apps.orders.locks import lock_orders, refuse_if_locked, refuse_unless_paid
from hanaper.apps.orders.models import Order
from hanaper.apps.orders.vocabulary import OrderState
from hanaper.core.actor import Actor, ActorKind
from hanaper.core.certificate.states import Action, CertificateState, Party
from hanaper.core.certificate.states import move as legal_move
from hanaper.core.errors import Forbidden, NotFound

AUDITED = {
    Action.APPLY: AuditAction.CERTIFICATE_APPLIED,
    Action.CANCEL_APPLY: AuditAction.CERTIFICATE_CANCELLED,
    Action.COMBINE: AuditAction.CERTIFICATE_COMBINED,
    Action.WITHDRAW: AuditAction.CERTIFICATE_WITHDRAWN,
    Action.MODIFY: AuditAction.CERTIFICATE_FORM_SAVED,
    Action.SUBMIT: AuditAction.CERTIFICATE_APPLIED,
    Action.DELETE_REQUEST: AuditAction.CERTIFICATE_CANCELLED,
    Action.REVOKE: AuditAction.REVOCATION_REQUESTED,
    Action.RENEW: AuditAction.CERTIFICATE_RENEWED,
    Action.CANCEL: AuditAction.CERTIFICATE_CANCELLED,
    Action.APPROVE_REVOCATION: AuditAction.CERTIFICATE_REVOKED,
    Action.REFUSE_REVOCATION: AuditAction.REVOCATION_REFUSED,
    Action.REVOKE_FOR_CAUSE: AuditAction.CERTIFICATE_REVOKED,
    Action.ISSUE: AuditAction.CERTIFICATE_ISSUED,
    Action.FAIL: AuditAction.CERTIFICATE_FAILED,
    Action.ACTIVATE: AuditAction.CERTIFICATE_ACTIVATED,
    Action.EXPIRE: AuditAction.CERTIFICATE_EXPIRED,
    Action.LEAVE_WITH_FIRST: AuditAction.CERTIFICATE_CANCELLED,
}


def orders_of(certificate: Certificate) -> list[int]:
    """The primary keys of every order that gave quota to it."""
    parts = certificate.parts.values_list("order_id", flat=True) if certificate.combined else ()
    return sorted({certificate.order_id, *parts})


def lock_certificate(pk: int) -> tuple[Certificate, list[Order]]:
    """The certificate as it is now, with all its orders locked until the transaction ends.

    Which orders gave quota to a certificate never changes, so it may be read before the lock.
    """
    found = Certificate.objects.filter(pk=pk).first()
    if found is None:
        raise NotFound("There is no such certificate.", code="certificate_not_found")
    orders = lock_orders(orders_of(found))
    return Certificate.objects.select_related("product", "account").get(pk=pk), orders


def lock_for_change(pk: int) -> tuple[Certificate, list[Order]]:
    """As `lock_certificate`, for what a person asks: refused by D11 while an order is being refunded."""
    certificate, orders = lock_certificate(pk)
    for order in orders:
        refuse_if_locked(order)
    return certificate, orders


def lock_for_use(pk: int) -> tuple[Certificate, list[Order]]:
    """As `lock_for_change`, for what only a paid order may be used for."""
    certificate, orders = lock_certificate(pk)
    for order in orders:
        refuse_unless_paid(order)
    return certificate, orders


def may_go_on(orders: list[Order]) -> bool:
    """Whether we ourselves may change what the orders paid for: D11 makes us wait, R6 end."""
    return all(order.state == OrderState.PAID for order in orders)


def require_party(actor: Actor, by: frozenset[Party]) -> None:
    """Refuse whoever is not the one to act; the service itself acts for each of them."""
    mine = {ActorKind.CUSTOMER: Party.CUSTOMER, ActorKind.OPERATOR: Party.OPERATOR}.get(actor.kind)
    if mine is not None and mine not in by:
        who = " or ".join(sorted(party.value for party in by))
        raise Forbidden(f"This is for the {who} to do.", code="not_yours_to_do")


def move(
    actor: Actor,
    certificate: Certificate,
    action: Action,
    *,
    at: datetime,
    told: dict[str, Any] | None = None,
    by_itself: bool = False,
    **columns: Any,
) -> Certificate:
    """Make the one legal move that `action` is, write `columns` with it, and record it.

    `certificate` has been locked; `told` is added to the audit entry; `by_itself`: our own move that follows
    from one of the actor, who is recorded. Refused: `not_in_this_state`.
    """
    before = CertificateState(certificate.state)
    legal = legal_move(before, action)
    if not by_itself:
        require_party(actor, legal.by)
    rows = Certificate.objects.filter(Q(pk=certificate.pk, state=before))
    if rows.update(state=legal.to, **columns) != 1:
        certificate.refresh_from_db()
        legal_move(CertificateState(certificate.state), action)
        raise RuntimeError(f"{certificate.public_id}: somebody moved it without locking its order")
    certificate.refresh_from_db()
    record(
        actor,
        AUDITED[action],
        certificate.public_id,
        at=at,
        account_id=certificate.account_id,
        before={"state": before.value},
        after={"state": legal.to.value, "action": action.value, **(told or {})},
    )
    return certificate
