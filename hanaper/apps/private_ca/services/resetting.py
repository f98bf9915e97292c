"""Resetting a private CA (R17): everything it holds is deleted, and its time counts for a refund (D2).

Accepted at once, then carried out: the state and the time are written first, so that a power failure
neither loses the moment nor leaves the key. Whoever asks waits for the first step, which is enough for a CA
that issued little; the sweep takes the others, and finishes whatever was begun.
"""

from dataclasses import dataclass
from datetime import datetime

from django.core import signing
from django.db import transaction

from hanaper.apps.audit.services import record
from hanaper.apps.audit.vocabulary import AuditAction
from hanaper.apps.authority.keystores import KeystoreUnavailable, keystore
from hanaper.apps.authority.models import Authority, CaCertificate, CaCertificateKind
from hanaper.apps.authority.services import end_authority, revoke_issued
from hanaper.apps.events.services import emit
from hanaper.apps.events.vocabulary import EventKind
from hanaper.apps.private_ca.generations import HAS_KEYS
from hanaper.apps.private_ca.in_use import told_of_sites
from hanaper.apps.private_ca.locks import lock_usable
from hanaper.apps.private_ca.models.batches import CertificateBatch
from hanaper.apps.private_ca.models.cas import CaName, PrivateCA
from hanaper.apps.private_ca.services.confirming import read_confirmation, refuse_changed
from hanaper.apps.private_ca.services.founding import give_up
from hanaper.apps.private_ca.services.two_persons import carried_out, require, two_persons
from hanaper.apps.private_ca.states import (
    GOOD,
    Operation,
    PrivateCaKind,
    PrivateCaState,
    PrivateCertificateState,
)
from hanaper.apps.private_ca.transcripts import described
from hanaper.apps.secrets.services import destroy
from hanaper.core.actor import Actor
from hanaper.core.errors import InvalidInput, Refusal
from hanaper.core.x509.crl import RevocationReason
from hanaper.storage.crashpoints import crashpoint
from hanaper.storage.logs import logger
from hanaper.storage.walls import require_write

log = logger(__name__)

TICK = "Confirm that the reset operation deletes all data."  # R17, word for word
BATCH = 500
_SALT = "hanaper.private_ca.reset"


@dataclass(frozen=True, slots=True)
class ResetWarning:
    """What a reset would do; `tick` is what must be confirmed, `token` confirms that this was read."""

    ca: PrivateCA
    text: str
    certificates: int
    tick: str
    token: str


def prepare_reset(actor: Actor, ca: PrivateCA) -> ResetWarning:
    """The warning, while a reset is possible. Refused: `not_enabled`, `intermediates_enabled` (D7), which
    waits where two persons agree on it first.
    """
    require_write(actor)
    if ca.kind == PrivateCaKind.ROOT and two_persons(ca.account_id) is not None:
        refuse_without_key(ca)
    else:
        refuse_impossible(ca)
    certificates, crossed = _certificates(ca), _crossed(ca)
    text = _of_a_root(ca) if ca.kind == PrivateCaKind.ROOT else _of_an_intermediate(ca, certificates)
    if crossed:
        text += f" It has cross-signed other CAs ({crossed}); who trusts only this root will not accept them."
    if sites := told_of_sites(ca):
        text = f"{text} {sites}"
    token = signing.dumps(_told(actor, ca), salt=_SALT)
    return ResetWarning(ca, text, certificates, TICK, token)


def reset_ca(
    actor: Actor, ca: PrivateCA, *, confirmation: str, deletes_all_data: bool, at: datetime
) -> PrivateCA:
    """Begin the reset that was confirmed, and finish it unless it takes long: then `resetting` is still true.

    Refused: `reset_not_confirmed` without the tick of R17, `confirmation_invalid`, `confirmation_expired`,
    `warning_changed`, `two_persons_needed` (a root), and as `prepare_reset` and `locks.lock_usable` refuse.
    """
    require_write(actor)
    _require_two(actor, ca)
    if deletes_all_data is not True:
        raise InvalidInput(
            f"Tick: {TICK}", field="confirm_deletes_all_data", code="reset_not_confirmed", clause="R17"
        )
    said = read_confirmation(confirmation, _SALT)
    refuse_changed(said, _told(actor, ca))
    return reset_by_plan(actor, ca, at=at)


def reset_by_plan(actor: Actor, ca: PrivateCA, *, at: datetime) -> PrivateCA:
    """The reset, of somebody who confirmed it with their refund plan (D14), or of two in a ceremony."""
    require_write(actor)
    _require_two(actor, ca)
    with transaction.atomic():
        ca = lock_usable(ca)
        refuse_impossible(ca)
        authority = ca.authority
        if ca.state == PrivateCaState.ENABLED:  # a term that has ended stays ended
            ca.state = PrivateCaState.NOT_ENABLED
        ca.reset_at, ca.resetting = at, True
        ca.save(update_fields=["state", "reset_at", "resetting"])
        Authority.objects.filter(generation__ca=ca).update(issuing=False)
        if ca.kind == PrivateCaKind.ROOT and authority is not None:
            told = {"destroyed": described(authority), "certificates": _certificates(ca)}
            carried_out(actor, ca, Operation.RESET, told, at=at)
        record(
            actor,
            AuditAction.PRIVATE_CA_RESET,
            ca.public_id,
            at=at,
            account_id=ca.account_id,
            before={"name": ca.name, "authority": authority.public_id if authority else None},
        )
        emit(
            EventKind.PRIVATE_CA_RESET,
            account_id=ca.account_id,
            subject=ca.public_id,
            at=at,
            dedupe=f"{ca.public_id}:reset:{authority.public_id if authority else at.isoformat()}",
            data={"name": ca.name},
        )
    crashpoint("private_ca.reset.after_commit")
    try:
        finish_reset(ca.pk, at)
    except KeystoreUnavailable as refusal:  # the reset counts; the sweep goes on with it
        log.warning("reset_waits", ca=ca.public_id, reason=refusal.message)
    ca.refresh_from_db()
    return ca


def finish_reset(pk: int, at: datetime) -> bool:
    """A step of deleting what a reset or a refund left: certificates, key, settings. Whether more is left."""
    ca = PrivateCA.objects.select_related("authority", "pending").get(pk=pk)
    if not ca.resetting:
        return False
    _revoke_certificates(ca, at)
    # The newest first: what it issued is in use.
    for generation in ca.generations.select_related("authority").order_by("-pk"):
        if end_authority(generation.authority, at=at).ended_at is None:
            return True
        crashpoint("private_ca.reset.after_end")
    if ca.pending is not None and ca.begun_at is not None:
        give_up(ca.pk, ca.pending, at)
    elif ca.pending is not None and ca.pending != ca.authority:
        _drop_pending(ca, ca.pending)
    for batch in CertificateBatch.objects.filter(ca=ca):
        batch.delete()
    more = _delete_certificates(ca)
    crashpoint("private_ca.reset.after_deletion")
    if more:
        return True
    with transaction.atomic():
        ca.generations.all().delete()
        CaName.objects.filter(ca=ca).delete()
        PrivateCA.objects.filter(pk=pk).update(
            resetting=False, authority=None, pending=None, name="", enabled_at=None
        )
    return False


def _revoke_certificates(ca: PrivateCA, at: datetime) -> None:
    """Everything that is good, with every key of the CA, in one transaction: list and OCSP never say of a
    certificate what we do not say. What is being signed now, too: it is signed revoked, or not at all."""
    with transaction.atomic():
        keys = ca.generations.select_related("authority").order_by("authority")
        if sum(revoke_issued(generation.authority, at=at) for generation in keys):
            ca.certificates.filter(
                state__in=(PrivateCertificateState.ISSUING, *GOOD), not_after__gt=at
            ).update(
                state=PrivateCertificateState.REVOKED,
                revoked_at=at,
                reason=RevocationReason.CESSATION_OF_OPERATION,
                begun_at=None,
            )


def _drop_pending(ca: PrivateCA, pending: Authority) -> None:
    """The key whose request is out goes before the row that names it."""
    keystore(pending.keystore).destroy(pending.key_id)
    crashpoint("private_ca.reset.after_pending")
    with transaction.atomic():
        PrivateCA.objects.filter(pk=ca.pk).update(pending=None)
        Authority.objects.filter(pk=pending.pk, certificate=None).delete()


def _delete_certificates(ca: PrivateCA) -> bool:
    """A batch of what it issued, with the keys that were made here. Whether there may be more."""
    rows = list(ca.certificates.select_related("key").order_by("pk")[:BATCH])
    with transaction.atomic():
        ca.certificates.filter(pk__in=[row.pk for row in rows]).delete()
        for row in rows:
            if row.key is not None:
                destroy(row.key)
    return len(rows) == BATCH


def _require_two(actor: Actor, ca: PrivateCA) -> None:
    if ca.kind == PrivateCaKind.ROOT:
        require(actor, ca, Operation.RESET)


def refuse_impossible(ca: PrivateCA) -> None:
    """Refused: `not_enabled`, `intermediates_enabled` (D7)."""
    refuse_without_key(ca)
    below = PrivateCA.objects.filter(HAS_KEYS, parent=ca).order_by("created_at", "pk")
    names = list(below.values_list("public_id", flat=True))
    if names:
        raise Refusal(
            f"Intermediate CAs below this root are enabled: {', '.join(names)}. They are reset first.",
            code="intermediates_enabled",
            clause="D7",
            next_steps=[f"Reset {name}." for name in names],
            details={"intermediates": names},
        )


def refuse_without_key(ca: PrivateCA) -> None:
    """Refused: `not_enabled`."""
    if not ca.has_keys:
        unused = ca.state == PrivateCaState.NOT_ENABLED and ca.reset_at is None
        step = "There is nothing to reset: it has no key and no data any more."
        if unused:
            step = "There is nothing to reset: what was not enabled is refunded as unused."
        raise Refusal(
            "Only an enabled private CA can be reset.",
            code="not_enabled",
            clause="R17",
            next_steps=[step],
        )


def _of_an_intermediate(ca: PrivateCA, certificates: int) -> str:
    return (
        f"Resetting deletes the key of {ca.name or ca.public_id}, its settings and every certificate that it "
        f"issued: {certificates} of them stop being valid. A last revocation list says so and stays "
        f"published. The quota that was consumed is not given back. This cannot be undone."
    )


def _of_a_root(ca: PrivateCA) -> str:
    """It issued to no end entity and has no quota; D7 has seen to what it signed."""
    below = PrivateCA.objects.filter(parent=ca).exclude(state=PrivateCaState.REFUNDED).count()
    return (
        f"Resetting deletes the key of the root {ca.name or ca.public_id} and its settings. The intermediate "
        f"CAs below it ({below}) are not enabled: they stay, and need an enabled root. Take this root out of "
        f"trust stores: enabled again, it has another key. A last revocation list stays published. This "
        f"cannot be undone."
    )


def _certificates(ca: PrivateCA) -> int:
    """Those that are good now."""
    return ca.certificates.filter(state__in=GOOD).count()


def _told(actor: Actor, ca: PrivateCA) -> dict[str, object]:
    """What a confirmation holds for. Not how many certificates: a CA in use issues while somebody reads."""
    authority = ca.authority.public_id if ca.authority else ""
    return {"ca": ca.public_id, "a": actor.account_id, "g": authority}


def _crossed(ca: PrivateCA) -> int:
    """Other CAs that it gave another way to a root."""
    rows = CaCertificate.objects.filter(issuer=ca.authority, kind=CaCertificateKind.CROSS, revoked_at=None)
    return rows.values("authority").distinct().count()
