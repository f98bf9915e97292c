"""Revoking, holding and releasing private certificates: on the list, and answered by OCSP, at once."""

from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from hanaper.apps.audit.services import record
from hanaper.apps.audit.vocabulary import AuditAction
from hanaper.apps.authority import services as authorities
from hanaper.apps.authority.models import Authority, Issuance
from hanaper.apps.events.services import emit
from hanaper.apps.events.vocabulary import EventKind
from hanaper.apps.orders.locks import lock_order, refuse_if_locked
from hanaper.apps.private_ca.ends import name_of
from hanaper.apps.private_ca.models.certificates import PrivateCertificate
from hanaper.apps.private_ca.queries import with_same_key
from hanaper.apps.private_ca.states import PrivateCertificateState
from hanaper.core.actor import Actor
from hanaper.core.errors import InvalidInput, Refusal
from hanaper.core.private_ca.revocation import REASONS
from hanaper.core.x509.crl import RevocationReason
from hanaper.storage.walls import require_write

HOLD = RevocationReason.CERTIFICATE_HOLD
_ISSUED, _HELD = PrivateCertificateState.ISSUED, PrivateCertificateState.HELD
_REVOKED = PrivateCertificateState.REVOKED


@dataclass(frozen=True, slots=True)
class Revoked:
    """`same_key`: the account's other certificates of a compromised key, as they are now; `problems`: why one
    of them could not be revoked, by its public id."""

    certificate: PrivateCertificate
    same_key: list[PrivateCertificate]
    problems: dict[str, Refusal]


def reasons_for(certificate: PrivateCertificate) -> tuple[RevocationReason, ...]:
    """For which it can be revoked now: what is revoked for another reason may be compromised all the same."""
    compromised = RevocationReason.KEY_COMPROMISE
    if certificate.state == _REVOKED:
        return () if certificate.reason == compromised or certificate.ca.resetting else (compromised,)
    return REASONS if certificate.state in (_ISSUED, _HELD) else ()


def revoke(
    actor: Actor, certificate: PrivateCertificate, reason: RevocationReason, *, at: datetime
) -> PrivateCertificate:
    """For good. Refused: `not_in_this_state` unless issued or held, or revoked for another reason and now
    known to be compromised; `order_locked` (D11)."""
    authorities.publish_soon(_revoke(actor, certificate, reason, at), at=at)
    return certificate


def revoke_with_key(
    actor: Actor,
    certificate: PrivateCertificate,
    reason: RevocationReason,
    *,
    same_key: bool = False,
    at: datetime,
) -> Revoked:
    """`revoke`; and if its key is compromised, which other certificates of the account say that they belong
    to that key: with `same_key` they are revoked too, as far as their orders permit it.

    Refused: `not_compromised` if `same_key` goes with another reason, and as `revoke` refuses.
    """
    compromised = reason is RevocationReason.KEY_COMPROMISE
    if same_key and not compromised:
        raise InvalidInput(
            "Other certificates of the key are revoked with it only if it is compromised: choose that as the"
            " reason, or leave this out.",
            field="same_key",
            code="not_compromised",
        )
    authority = _revoke(actor, certificate, reason, at)
    if same_key:
        return revoke_same_key(actor, certificate, at=at, also=authority)
    authorities.publish_soon(authority, at=at)
    return Revoked(certificate, with_same_key(certificate, at=at) if compromised else [], {})


def revoke_same_key(
    actor: Actor, certificate: PrivateCertificate, *, at: datetime, also: Authority | None = None
) -> Revoked:
    """The account's other certificates of its key, which is compromised. `also`: whose list is due, too."""
    others = with_same_key(certificate, at=at)
    changed = set() if also is None else {also}
    problems: dict[str, Refusal] = {}
    for other in others:
        try:
            changed.add(_revoke(actor, other, RevocationReason.KEY_COMPROMISE, at))
        except Refusal as refusal:  # the others cannot wait for it
            problems[other.public_id] = refusal
    for authority in changed:
        authorities.publish_soon(authority, at=at)
    return Revoked(certificate, others, problems)


def _revoke(
    actor: Actor, certificate: PrivateCertificate, reason: RevocationReason, at: datetime
) -> Authority:
    if reason not in REASONS:
        words = ", ".join(REASONS)
        raise InvalidInput(f"The reason is one of {words}.", field="reason", code="bad_reason")
    return _move(actor, certificate, (_ISSUED, _HELD), _REVOKED, reason, at)


def hold(actor: Actor, certificate: PrivateCertificate, *, at: datetime) -> PrivateCertificate:
    """Until it is released, or revoked for good (RFC 5280 5.3.1)."""
    authorities.publish_soon(_move(actor, certificate, (_ISSUED,), _HELD, HOLD, at), at=at)
    return certificate


def release(actor: Actor, certificate: PrivateCertificate, *, at: datetime) -> PrivateCertificate:
    """Good again. Refused: `not_in_this_state` unless it is on hold."""
    authorities.publish_soon(_move(actor, certificate, (_HELD,), _ISSUED, None, at), at=at)
    return certificate


def _turned_out(certificate: PrivateCertificate, reason: RevocationReason | None) -> bool:
    """Revoked for another reason before, of a key that is compromised: it was revoked then all the same."""
    if reason is not RevocationReason.KEY_COMPROMISE:
        return False
    rows = PrivateCertificate.objects.filter(pk=certificate.pk, state=_REVOKED)
    rows = rows.filter(ca__resetting=False).exclude(reason=reason)  # of a reset the last list is out
    return rows.update(reason=reason) == 1


def _tell(
    certificate: PrivateCertificate, reason: RevocationReason | None, at: datetime, *, again: bool
) -> None:
    emit(
        EventKind.PRIVATE_CERTIFICATE_REVOKED,
        account_id=certificate.account_id,
        subject=certificate.public_id,
        at=at,
        dedupe=f"{certificate.public_id}:revoked{f':{reason}' if again else ''}",
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
) -> Authority:
    """The authority whose list is due then."""
    require_write(actor)
    with transaction.atomic():
        refuse_if_locked(lock_order(certificate.ca.order_id))
        rows = PrivateCertificate.objects.filter(pk=certificate.pk, state__in=before)
        moved = rows.update(state=after, revoked_at=at if reason else None, reason=reason or "")
        turned = not moved and _turned_out(certificate, reason)
        if not moved and not turned:
            certificate.refresh_from_db()
            raise Refusal(
                f"This certificate is {certificate.state}: that cannot be done with it.",
                code="not_in_this_state",
                next_steps=[_POSSIBLE.get(certificate.state, "Nothing can be done with it: issue another.")],
                details={"state": certificate.state},
            )
        issuance = Issuance.objects.select_related("authority").get(reference=certificate.public_id)
        if reason is None:
            authorities.release(issuance, at=at)
        else:
            authorities.revoke(issuance, reason, at=at)
        record(
            actor,
            _ACTIONS[after],
            certificate.public_id,
            at=at,
            account_id=certificate.account_id,
            after={"state": after, "reason": reason or ""},
        )
        if after == PrivateCertificateState.REVOKED:
            _tell(certificate, reason, at, again=turned)
    certificate.refresh_from_db()
    return issuance.authority
