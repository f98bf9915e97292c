"""Cross-signing: another root of the account certifies a CA's key, for those who trust that root alone."""

from datetime import datetime

from django.db import transaction

from hanaper.apps.audit.services import record
from hanaper.apps.audit.vocabulary import AuditAction
from hanaper.apps.authority.models import Authority, CaCertificate, CaCertificateKind
from hanaper.apps.authority.services import (
    begin_ca_certificate,
    draft_ca_certificate,
    finish_ca_certificate,
)
from hanaper.apps.private_ca.locks import lock_usable
from hanaper.apps.private_ca.models.cas import PrivateCA
from hanaper.apps.private_ca.refusals import not_enabled
from hanaper.apps.private_ca.services.issuing import constraints_of
from hanaper.apps.private_ca.services.two_persons import carried_out, require
from hanaper.apps.private_ca.states import Operation, PrivateCaKind, PrivateCaState
from hanaper.core.actor import Actor
from hanaper.core.errors import InvalidInput, Refusal
from hanaper.core.private_ca.name_constraints import of_certificate
from hanaper.core.private_ca.subtrees import faults_below
from hanaper.core.refund.canonical import write_moment
from hanaper.storage.crashpoints import crashpoint
from hanaper.storage.walls import require_write


def cross_sign(actor: Actor, ca: PrivateCA, by: PrivateCA, *, at: datetime) -> CaCertificate:
    """A certificate of the key of `ca`, by the root `by`; good until the first of the two ends.

    Refused: `not_enabled`, `not_a_root`, `own_root`, `crossed_already`, `ca_revoked`, `path_too_long`,
    `nothing_permitted` (the two permit different names), `two_persons_needed`, `lint_failed` (two CAs of one
    name), and as `locks.lock_usable` refuses.
    """
    require_write(actor)
    require(actor, ca, Operation.CROSS_SIGN)
    with transaction.atomic():
        subject, issuer = _ready(ca, by, at)
    ends = min(subject.not_after, issuer.not_after)
    draft = draft_ca_certificate(subject, issuer, CaCertificateKind.CROSS, not_after=ends, at=at)
    with transaction.atomic():
        if _ready(ca, by, at) != (subject, issuer):
            raise Refusal(
                "One of the two CAs has changed meanwhile.",
                code="ca_changed",
                next_steps=["Look at both again, then repeat it."],
            )
        row = begin_ca_certificate(draft, reference=ca.public_id, at=at)
        carried_out(actor, ca, Operation.CROSS_SIGN, {"by": by.public_id, "serial": row.serial}, at=at)
        record(
            actor,
            AuditAction.PRIVATE_CA_CROSS_SIGNED,
            ca.public_id,
            at=at,
            account_id=ca.account_id,
            after={
                "by": by.public_id,
                "certificate": row.public_id,
                "not_after": write_moment(row.not_after),
            },
        )
    crashpoint("private_ca.cross.after_intent")
    finish_ca_certificate(row)
    row.refresh_from_db()
    return row


def refuse_crossing(ca: PrivateCA, by: PrivateCA, at: datetime) -> None:
    """What `cross_sign` would refuse now, but for whom; nothing is made."""
    with transaction.atomic():
        _ready(ca, by, at)


def _ready(ca: PrivateCA, by: PrivateCA, at: datetime) -> tuple[Authority, Authority]:
    """The authorities of both, their orders locked."""
    subject = lock_usable(ca, by)
    signer = PrivateCA.objects.select_related("authority").get(pk=by.pk)
    if signer.account_id != subject.account_id or signer.kind != PrivateCaKind.ROOT:
        raise InvalidInput(
            "Only a root CA of the account cross-signs: name one.", field="by", code="not_a_root"
        )
    if by.pk in (ca.pk, subject.parent_id):
        raise InvalidInput(
            "This CA stands below that root already: name another root.", field="by", code="own_root"
        )
    for one, field in ((subject, None), (signer, "by")):
        if (
            one.state != PrivateCaState.ENABLED
            or one.authority is None
            or one.resetting
            or one.term_ends_at <= at
        ):
            raise not_enabled(one, f"The private CA {one.public_id} is not enabled.", field=field)
    assert subject.authority is not None and signer.authority is not None  # noqa: S101 - looked at above
    if subject.generations.filter(authority=subject.authority, revoked_at__isnull=False).exists():
        raise Refusal(
            "This CA was revoked: its key is not trusted any more.",
            code="ca_revoked",
            next_steps=["Renew it with a new key first."],
        )
    there = subject.authority.certificates.filter(
        issuer=signer.authority, revoked_at=None, not_after__gt=at
    ).first()
    if there is not None:
        raise Refusal(
            f"That root has cross-signed this CA already: {there.public_id}.",
            code="crossed_already",
            next_steps=["Clients find it among the chains of the CA; name another root if it is not enough."],
            details={"certificate": there.public_id},
        )
    own = of_certificate(bytes(subject.authority.certificate or b""))
    if faults := faults_below(own, constraints_of(signer.authority)):
        raise InvalidInput(
            f"Nothing of this CA would be accepted below that root. {faults[0].message}",
            field="by",
            code="nothing_permitted",
        )
    return subject.authority, signer.authority
