"""Revoking, and the lists that tell clients of it."""

from datetime import datetime, timedelta
from pathlib import Path

from django.conf import settings
from django.db import transaction

from hanaper.apps.audit.services import record
from hanaper.apps.audit.vocabulary import AuditAction
from hanaper.apps.authority.keystores import keystore
from hanaper.apps.authority.locks import lock_authority
from hanaper.apps.authority.models import RECOVERED, Authority, Issuance, IssuanceState, RevocationList
from hanaper.apps.authority.services.issuing import refuse_findings
from hanaper.apps.recovery.services import refuse_in_recovery
from hanaper.core.actor import Actor
from hanaper.core.errors import NotFound
from hanaper.core.x509.crl import (
    CrlScope,
    RevocationReason,
    RevokedEntry,
    assemble_crl,
    prepare_crl,
)
from hanaper.core.x509.issuer import Issuer
from hanaper.core.x509.linting import lint_crl_natively
from hanaper.storage.crashpoints import crashpoint
from hanaper.storage.files import one_at_a_time, write_atomically

# Clients may keep a list this long; a new one is published every day, and at once on a revocation.
VALIDITY = timedelta(days=7)
EVERY = timedelta(days=1)
KEPT = 10


def revoke(issuance: Issuance, reason: RevocationReason, *, at: datetime) -> None:
    """Revoke, once: a second time changes nothing. In the caller's transaction, or one of its own.

    The list is due from then on; `publish_crl` puts it out, the sweep if nobody else does.
    """
    with transaction.atomic():
        changed = Issuance.objects.filter(pk=issuance.pk, revoked_at=None).update(
            revoked_at=at, reason=reason
        )
        if changed:
            Authority.objects.filter(pk=issuance.authority_id).update(crl_due_at=at)
    issuance.refresh_from_db()


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


def publish_crl(authority: Authority, *, at: datetime) -> RevocationList:
    """Sign a new list of everything revoked and not expired, store it, and put it out as a file.

    Numbers are given out under the authority's lock, so they only grow. The file follows the row: after a
    crash in between the sweep writes it.
    """
    refuse_in_recovery()
    with transaction.atomic():
        authority = lock_authority(authority.pk)
        is_root = authority.parent_id is None
        prepared = prepare_crl(
            Issuer.of_certificate(bytes(authority.certificate or b"")),
            number=authority.crl_number + 1,
            this_update=at,
            next_update=at + VALIDITY,
            entries=[
                RevokedEntry(int(serial, 16), revoked_at, RevocationReason(reason or "unspecified"))
                for serial, revoked_at, reason in _revoked(authority, at)
            ],
            scope=CrlScope.ALL,
            distribution_point=None if is_root else authority.crl_address,
        )
        refuse_findings(lint_crl_natively(prepared))
        signature = keystore(authority.keystore).sign(
            authority.key_id, prepared.signature_algorithm, prepared.tbs
        )
        published = RevocationList.objects.create(
            authority=authority,
            number=prepared.number,
            this_update=prepared.this_update,
            next_update=prepared.next_update,
            entries=prepared.entries,
            der=assemble_crl(prepared, signature),
        )
        authority.crl_number, authority.crl_due_at = prepared.number, at + EVERY
        authority.save(update_fields=["crl_number", "crl_due_at"])
        RevocationList.objects.filter(authority=authority, number__lte=prepared.number - KEPT).delete()
    crashpoint("authority.crl.before_publish")
    put_out(published)
    crashpoint("authority.crl.after_publish")
    return published


def _revoked(authority: Authority, at: datetime) -> list[tuple[str, datetime, str]]:
    # An entry stays until a list beyond the certificate's term has had it (RFC 5280 3.3).
    rows = Issuance.objects.filter(
        authority=authority, revoked_at__isnull=False, not_after__gte=at - VALIDITY
    )
    found = rows.order_by("revoked_at", "pk").values_list("serial", "revoked_at", "reason")
    return [(serial, revoked_at, reason) for serial, revoked_at, reason in found if revoked_at is not None]


def put_out(published: RevocationList) -> None:
    """Write the file of the authority's newest list, `published` or one after it."""
    path = crl_file(published.authority)
    with one_at_a_time(path.parent):  # or a slower one would put an older list over a newer
        newest = RevocationList.objects.filter(authority=published.authority_id).order_by("-number").first()
        if newest is not None:
            write_atomically(path, bytes(newest.der))


def crl_file(authority: Authority) -> Path:
    return Path(settings.PUBLISHED) / "crl" / f"{authority.public_id}.crl"


def certificate_file(authority: Authority) -> Path:
    return Path(settings.PUBLISHED) / "ca" / f"{authority.public_id}.cer"
