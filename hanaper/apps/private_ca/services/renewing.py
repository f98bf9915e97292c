"""Renewing a CA's own certificate: with the same key, or with a new one that issues from then on.

The key before it issues nothing more, and answers for what it issued until that has ended. A root's two keys
certify each other (RFC 4210 4.4), so that who trusts one accepts what stands below the other.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from cryptography import x509
from django.db import transaction

from hanaper.apps.audit.services import record
from hanaper.apps.audit.vocabulary import AuditAction
from hanaper.apps.authority.models import Authority, CaCertificateKind
from hanaper.apps.authority.services import (
    AuthorityDraft,
    CertificateDraft,
    begin_ca_certificate,
    come_out,
    draft_authority,
    draft_ca_certificate,
    finish_ca_certificate,
    name_constraints,
    path_length,
)
from hanaper.apps.events.services import emit
from hanaper.apps.events.vocabulary import EventKind
from hanaper.apps.private_ca.locks import lock_usable
from hanaper.apps.private_ca.models.cas import CaGeneration, PrivateCA
from hanaper.apps.private_ca.refusals import not_enabled
from hanaper.apps.private_ca.services.enabling import refuse_stopped
from hanaper.apps.private_ca.services.founding import (
    PASSING,
    SETTLED,
    begin,
    give_up,
    refuse_pending,
    settled,
    signed,
)
from hanaper.apps.private_ca.services.retiring import retire
from hanaper.apps.private_ca.services.two_persons import carried_out, require
from hanaper.apps.private_ca.settings import LONGEST_YEARS, until
from hanaper.apps.private_ca.states import Operation, PrivateCaKind, PrivateCaState
from hanaper.apps.private_ca.transcripts import described
from hanaper.core.actor import Actor
from hanaper.core.errors import InvalidInput, Refusal
from hanaper.core.refund.canonical import write_moment
from hanaper.core.x509.algorithms import KeyAlgorithm
from hanaper.storage.crashpoints import crashpoint
from hanaper.storage.walls import require_write


@dataclass(frozen=True, slots=True)
class Renewal:
    """`years` None: the default of the kind; `algorithm` is of a new key, None: that of the key before it."""

    new_key: bool
    years: int | None = None
    algorithm: KeyAlgorithm | None = None


def renew_ca(actor: Actor, ca: PrivateCA, wanted: Renewal, *, at: datetime) -> PrivateCA:
    """A new certificate of the CA, beginning now; its name, path length and name constraints stay.

    Refused: `not_enabled`, `signed_elsewhere`, `ca_revoked` unless with a new key, `parent_not_enabled`,
    `outlives_parent`, `not_issuing`, `two_persons_needed`, and as the lock and the keystore refuse.
    """
    require_write(actor)
    require(actor, ca, Operation.RENEW)
    _read(wanted)
    with transaction.atomic():
        ca, above = ready(ca, at, new_key=wanted.new_key)
    assert ca.authority is not None  # noqa: S101 - ready has seen to it
    ends = until(PrivateCaKind(ca.kind), wanted.years, None if above is None else above.not_after, at)
    if wanted.new_key:
        return _with_new_key(actor, ca, ca.authority, above, wanted, ends, at)
    draft = draft_ca_certificate(
        ca.authority, above or ca.authority, CaCertificateKind.OWN, not_after=ends, at=at
    )
    with transaction.atomic():
        _look_again(ca, above, at, new_key=False)
        row = begin_ca_certificate(draft, reference=ca.public_id, at=at)
        told = {"serial": row.serial, "not_after": write_moment(row.not_after)}
        carried_out(actor, ca, Operation.RENEW, told, at=at)
        _tell(actor, ca, ca.authority, row.not_after, at, f"{ca.public_id}:renewed:{row.public_id}")
    crashpoint("private_ca.renew.after_intent")
    finish_ca_certificate(row)
    ca.refresh_from_db()
    return ca


def refuse_renewing(ca: PrivateCA, wanted: Renewal, at: datetime) -> None:
    """What `renew_ca` would refuse now, but for whom; nothing is made."""
    _read(wanted)
    with transaction.atomic():
        ca, above = ready(ca, at, new_key=wanted.new_key)
    until(PrivateCaKind(ca.kind), wanted.years, None if above is None else above.not_after, at)


def ready(
    ca: PrivateCA, at: datetime, *, new_key: bool, begun: Authority | None = None
) -> tuple[PrivateCA, Authority | None]:
    """The CA as it is now, locked, and the authority that would sign; None: itself. Nothing but `begun` is on
    its way."""
    ca = lock_usable(ca, ca.parent)
    if ca.state != PrivateCaState.ENABLED or ca.authority is None or ca.term_ends_at <= at:
        raise not_enabled(ca, "Only an enabled private CA is renewed.")
    if ca.authority.outside:
        raise Refusal(
            "This CA was signed by a CA that is not here.",
            code="signed_elsewhere",
            next_steps=["Ask for a request (CSR) for its renewal, and bring the signed certificate."],
        )
    refuse_pending(ca, begun)
    if not new_key and ca.generations.filter(authority=ca.authority, revoked_at__isnull=False).exists():
        raise Refusal(
            "This CA was revoked: its key is not trusted any more.",
            code="ca_revoked",
            next_steps=["Renew it with a new key."],
        )
    if ca.kind == PrivateCaKind.ROOT:
        return ca, None
    root = ca.parent
    if root is None or root.state != PrivateCaState.ENABLED or root.authority is None:
        raise Refusal(
            "The root above this CA is not enabled.",
            code="parent_not_enabled",
            next_steps=["Enable the root first, or reset this CA."],
        )
    refuse_stopped(root.authority)
    return ca, root.authority


def _look_again(
    ca: PrivateCA,
    above: Authority | None,
    at: datetime,
    *,
    new_key: bool,
    begun: Authority | None = None,
) -> PrivateCA:
    now, now_above = ready(ca, at, new_key=new_key, begun=begun)
    if now.authority != ca.authority or now_above != above:
        raise Refusal(
            "This private CA has changed meanwhile.", code="ca_changed", next_steps=["Look at it again."]
        )
    return now


def _with_new_key(
    actor: Actor,
    ca: PrivateCA,
    before: Authority,
    above: Authority | None,
    wanted: Renewal,
    ends: datetime,
    at: datetime,
) -> PrivateCA:
    drafted = draft_authority(same_as(before, wanted.algorithm, ends, ca.public_id), above, at=at)
    crashpoint("private_ca.renew.after_key")
    with transaction.atomic():
        ca = _look_again(ca, above, at, new_key=True)
        authority = begin(actor, ca, drafted, at=at)
    crashpoint("private_ca.renew.after_begin")
    try:
        return finish_renewing(actor, ca, at=at)
    except Refusal as refusal:
        if refusal.code not in PASSING:
            give_up(ca.pk, authority, at)
        raise


def finish_renewing(actor: Actor, ca: PrivateCA, *, at: datetime) -> PrivateCA:
    """What was begun is signed, and issues from then on. Safe to run again; refused as `renew_ca` is."""
    authority, before = signed(ca), ca.authority
    crashpoint("private_ca.renew.after_sign")
    assert before is not None  # noqa: S101 - it is enabled, or the last look refuses it
    above = authority.parent
    link_drafts = list(_links(before, authority, at)) if above is None and before.issuing else []
    with transaction.atomic():
        now = _look_again(ca, above, at, new_key=True, begun=authority)
        settled(now)
        now.save(update_fields=list(SETTLED))
        take_over(now, authority, at)
        carried_out(actor, now, Operation.RENEW, {"made": described(authority)}, at=at)
        _tell(actor, now, authority, authority.not_after, at, f"{ca.public_id}:renewed:{authority.public_id}")
        links = [begin_ca_certificate(draft, reference=ca.public_id, at=at) for draft in link_drafts]
    crashpoint("private_ca.renew.after_commit")
    come_out(authority, at=at)
    for link in links:
        finish_ca_certificate(link)
    retire(before, at)
    now.refresh_from_db()
    return now


def take_over(ca: PrivateCA, authority: Authority, at: datetime) -> None:
    """`authority` issues from now on; in the caller's transaction."""
    ca.generations.filter(retired_at=None).update(retired_at=at)
    CaGeneration.objects.create(ca=ca, authority=authority, began_at=at)
    ca.authority = authority
    ca.save(update_fields=["authority"])


def same_as(
    before: Authority, algorithm: KeyAlgorithm | None, ends: datetime, reference: str
) -> AuthorityDraft:
    """Another key under the same name, with the same rules and settings."""
    return AuthorityDraft(
        name=before.name,
        subject=x509.load_der_x509_certificate(bytes(before.certificate or b"")).subject,
        algorithm=algorithm or KeyAlgorithm(before.algorithm),
        not_after=ends,
        keystore=before.keystore,
        path_length=path_length(before),
        name_constraints=name_constraints(before),
        shards=before.shards,
        ocsp=before.ocsp,
        delta=before.delta,
        list_days=before.list_days,
        reference=reference,
    )


def _links(before: Authority, after: Authority, at: datetime) -> Iterator[CertificateDraft]:
    """New with old, and old with new; neither longer than the shorter of the two."""
    ends = min(before.not_after, after.not_after)
    for subject, issuer in ((after, before), (before, after)):
        yield draft_ca_certificate(subject, issuer, CaCertificateKind.LINK, not_after=ends, at=at)


def _tell(
    actor: Actor, ca: PrivateCA, authority: Authority, ends: datetime, at: datetime, dedupe: str
) -> None:
    told = {"authority": authority.public_id, "algorithm": authority.algorithm}
    record(
        actor,
        AuditAction.PRIVATE_CA_RENEWED,
        ca.public_id,
        at=at,
        account_id=ca.account_id,
        after={**told, "not_after": write_moment(ends)},
    )
    emit(
        EventKind.PRIVATE_CA_RENEWED,
        account_id=ca.account_id,
        subject=ca.public_id,
        at=at,
        dedupe=dedupe,
        data={"name": ca.name, "not_after": write_moment(ends)},
    )


def _read(wanted: Renewal) -> None:
    if wanted.years is not None and not 1 <= wanted.years <= LONGEST_YEARS:
        raise InvalidInput(f"Between 1 and {LONGEST_YEARS}.", field="years", code="out_of_range")
    if wanted.algorithm is not None and not wanted.new_key:
        raise InvalidInput(
            "The key stays as it is: leave the algorithm out, or ask for a new key.",
            field="algorithm",
            code="same_key",
        )
