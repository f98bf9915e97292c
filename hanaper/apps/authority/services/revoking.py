"""Revoking, holding and releasing. The list is due from then on: `publish_crl` puts it out, or the sweep."""

from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Case, DateTimeField, F, Q, Value, When

from hanaper.apps.audit.services import record
from hanaper.apps.audit.vocabulary import AuditAction
from hanaper.apps.authority.models import (
    RECOVERED,
    Authority,
    CaCertificate,
    Issuance,
    IssuanceState,
)
from hanaper.apps.authority.services.changes import count_change
from hanaper.apps.authority.services.compromised import remember
from hanaper.core.actor import Actor
from hanaper.core.errors import NotFound
from hanaper.core.x509.crl import RevocationReason

HOLD = RevocationReason.CERTIFICATE_HOLD


def revoke(issuance: Issuance, reason: RevocationReason, *, at: datetime) -> bool:
    """Revoke, once: a second time changes nothing, but a hold becomes final, and whatever the reason
    was, the key may turn out to be compromised (RFC 5280 5.3.1). Whether anything changed.

    In the caller's transaction, or one of its own.
    """
    good = Q(revoked_at=None) if reason is HOLD else Q(revoked_at=None) | Q(reason=HOLD)
    compromised = reason is RevocationReason.KEY_COMPROMISE
    before = ~Q(reason=reason) if compromised else good
    since = Case(When(good, then=Value(at)), default=F("revoked_at"), output_field=DateTimeField())
    with transaction.atomic():
        if compromised and Issuance.objects.filter(before, pk=issuance.pk).exists():
            remember(issuance, at)
        return _change(issuance, before, at, revoked_at=since, reason=reason)


def release(issuance: Issuance, *, at: datetime) -> bool:
    """End a hold (RFC 5280 5.3.1): nothing else that was revoked comes back. Whether it was on hold."""
    return _change(issuance, Q(reason=HOLD), at, revoked_at=None, reason="")


def _change(issuance: Issuance, before: Q, at: datetime, **status: Any) -> bool:
    """Change the status of one that is `before`, and count the change; whether it was."""
    rows = Issuance.objects.filter(before, pk=issuance.pk)
    changed = 0
    with transaction.atomic():
        if rows.exists():  # or nothing changes, and nothing is due
            changed = rows.update(changed=count_change(issuance.authority_id, at), **status)
    issuance.refresh_from_db()
    return changed == 1


def revoke_ca_certificates(
    authority: Authority, reason: RevocationReason, *, at: datetime, only: CaCertificate | None = None
) -> int:
    """Revoke the certificates that other authorities here gave its key, or `only` one of them; how many.

    In the caller's transaction, or one of its own. Nothing here can revoke what is self-signed, or was signed
    by a CA that is not here.
    """
    rows = authority.certificates.filter(revoked_at=None, issuer__isnull=False).exclude(issuer=authority)
    if only is not None:
        rows = rows.filter(pk=only.pk)
    done = 0
    with transaction.atomic():
        for row in rows.select_related("issuer").order_by("issuer", "pk"):
            issuance = Issuance.objects.filter(authority=row.issuer_id, serial=row.serial).first()
            if issuance is not None:
                revoke(issuance, reason, at=at)
            done += authority.certificates.filter(pk=row.pk, revoked_at=None).update(
                revoked_at=at, reason=reason
            )
    return done


def revoke_recovered(
    actor: Actor, authority: Authority, serial: str, reason: RevocationReason, *, at: datetime
) -> Issuance:
    """Revoke what a restore found and nothing else is known of. NotFound for any other serial: what belongs
    to a certificate is revoked there, with its review and its warning (R12)."""
    rows = Issuance.objects.filter(authority=authority, key=f"{RECOVERED}{serial.strip().upper()}")
    issuance = rows.filter(state=IssuanceState.SIGNED).first()
    if issuance is None:
        raise NotFound(
            f"No certificate with the serial {serial} was recovered here.",
            code="serial_not_found",
            next_steps=["`hanaper authority recovered` lists them; revoke all others as certificates."],
        )
    with transaction.atomic():
        revoke(issuance, reason, at=at)
        record(
            actor,
            AuditAction.ISSUANCE_REVOKED,
            issuance.public_id,
            at=at,
            after={"serial": issuance.serial, "reason": reason},
        )
    return issuance
