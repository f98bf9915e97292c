"""The ways off the list before anything is issued: Withdraw, Cancel Apply, Cancel; the vendor's delete."""

from datetime import datetime

from django.db import transaction

from hanaper import clock
from hanaper.apps.certificates.models.certificates import Certificate
from hanaper.apps.certificates.services.claims import lock_for_change, move
from hanaper.apps.certificates.services.failing import call_off
from hanaper.apps.certificates.vocabulary import Removal
from hanaper.apps.orders import quota
from hanaper.core.actor import Actor
from hanaper.core.certificate.states import Action, CertificateState
from hanaper.storage.walls import require_write


def withdraw(actor: Actor, certificate: Certificate, *, at: datetime) -> Certificate:
    """Withdraw: `Validating Application` back to `Pending Application`; the form stays (R11).

    What the issuer makes of it meanwhile is revoked as soon as it is known. Refused: `not_in_this_state`
    (it may have been issued at this moment), `order_locked` (D11).
    """
    require_write(actor)
    with transaction.atomic():
        certificate, _ = lock_for_change(certificate.pk)
        certificate = move(actor, certificate, Action.WITHDRAW, at=at)
        call_off(certificate, at, clock.system_now())
    return certificate


def cancel_apply(actor: Actor, certificate: Certificate, *, at: datetime) -> Certificate:
    """Cancel Apply: off the list, its quota restored to the order; later years leave with it (R10, R15)."""
    return _remove(actor, certificate, Action.CANCEL_APPLY, Removal.CANCEL_APPLY, at)


def delete_request(actor: Actor, certificate: Certificate, *, at: datetime) -> Certificate:
    """What the vendor's DeleteCertificateRequest does from `Validation Failed` (D14)."""
    return _remove(actor, certificate, Action.DELETE_REQUEST, Removal.DELETE_REQUEST, at)


def cancel_not_activated(actor: Actor, certificate: Certificate, *, at: datetime) -> Certificate:
    """Cancel of a `Not Activated` one: off the list for good, restores no quota (R16).

    Irreversible: faces and plans come here only after the warning of R12 was confirmed.
    """
    require_write(actor)
    with transaction.atomic():
        certificate, _ = lock_for_change(certificate.pk)
        return move(actor, certificate, Action.CANCEL, at=at, removed_at=at, removed_by=Removal.CANCEL)


def _remove(
    actor: Actor, certificate: Certificate, action: Action, removal: Removal, at: datetime
) -> Certificate:
    require_write(actor)
    with transaction.atomic():
        certificate, _ = lock_for_change(certificate.pk)
        certificate = move(actor, certificate, action, at=at, removed_at=at, removed_by=removal)
        restore_quota(certificate, at)
        leave_with_first(actor, certificate, at)
    return certificate


def restore_quota(certificate: Certificate, at: datetime) -> None:
    """Give back to each line what it gave; only a first year took any."""
    if certificate.year > 1:
        return
    lines = {certificate.line_id: certificate.line}
    if certificate.combined:
        lines = {part.line_id: part.line for part in certificate.parts.select_related("line")}
    for line in lines.values():
        quota.restore(line, certificate.public_id, at)


def leave_with_first(actor: Actor, certificate: Certificate, at: datetime) -> None:
    """R15: the later years leave the list with the first, by themselves."""
    later = Certificate.objects.filter(
        series=certificate.series,
        year__gt=certificate.year,
        state=CertificateState.NOT_ACTIVATED,
    )
    for one in later.order_by("year"):
        move(
            actor,
            one,
            Action.LEAVE_WITH_FIRST,
            at=at,
            by_itself=True,
            told={"with": certificate.public_id},
            removed_at=at,
            removed_by=Removal.WITH_FIRST,
        )
