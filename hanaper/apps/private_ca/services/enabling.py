"""Enabling a private CA: a root signs itself, an intermediate is signed by its root."""

from dataclasses import replace
from datetime import datetime

from django.conf import settings
from django.db import transaction

from hanaper.apps.audit.services import record
from hanaper.apps.audit.vocabulary import AuditAction
from hanaper.apps.authority.keystores import refuse_unmade
from hanaper.apps.authority.models import Authority
from hanaper.apps.authority.services import (
    AuthorityDraft,
    come_out,
    draft_authority,
    path_length,
)
from hanaper.apps.events.services import emit
from hanaper.apps.events.vocabulary import EventKind
from hanaper.apps.private_ca.locks import lock_usable
from hanaper.apps.private_ca.models.cas import CaGeneration, PrivateCA
from hanaper.apps.private_ca.search import keep_name
from hanaper.apps.private_ca.services.founding import (
    PASSING,
    begin,
    give_up,
    refuse_pending,
    settled,
    signed,
)
from hanaper.apps.private_ca.services.issuing import constraints_of
from hanaper.apps.private_ca.services.two_persons import carried_out, require
from hanaper.apps.private_ca.settings import (
    DEFAULT_ALGORITHM,
    CaSettings,
    path_length_of,
    read_settings,
    until,
)
from hanaper.apps.private_ca.states import Operation, PrivateCaKind, PrivateCaState
from hanaper.apps.private_ca.transcripts import described
from hanaper.core.actor import Actor
from hanaper.core.errors import InvalidInput, Refusal
from hanaper.core.private_ca.name_constraints import NameConstraints
from hanaper.core.private_ca.subtrees import faults_below
from hanaper.core.refund.canonical import write_moment
from hanaper.storage.crashpoints import crashpoint
from hanaper.storage.walls import require_write


def enable_ca(
    actor: Actor, ca: PrivateCA, given: CaSettings, *, parent: PrivateCA | None = None, at: datetime
) -> PrivateCA:
    """Make its key and certificate; from then on it counts as used (R17), and an earlier reset no more (D2).

    `parent`: the root above an intermediate that was bought apart. The key is made outside of any lock, and
    everything is looked at again under it, before its certificate is signed and after. Refused:
    `already_enabled`, `ca_expired`, `ca_refunded`, `key_being_made`, `parent_needed`, `parent_not_enabled`,
    `two_persons_needed`, what `locks.lock_usable` and the keystore refuse.
    """
    require_write(actor)
    require(actor, ca, Operation.ENABLE)
    constraints = read_settings(given)
    with transaction.atomic():
        ca, above = _ready(ca, parent, at)
    drafted = draft_authority(draft_of(ca, given, constraints, above, at), above, at=at)
    crashpoint("private_ca.enable.after_key")
    with transaction.atomic():
        ca, now_above = _ready(ca, parent, at)
        if now_above != above:
            raise _not_enabled()
        if given.region:
            ca.region = given.region
            ca.save(update_fields=["region"])
        authority = begin(actor, ca, drafted, at=at)
    crashpoint("private_ca.enable.after_intent")
    try:
        return finish_enabling(actor, ca, at=at)
    except Refusal as refusal:
        if refusal.code not in PASSING:
            give_up(ca.pk, authority, at)
        raise


def finish_enabling(actor: Actor, ca: PrivateCA, *, at: datetime) -> PrivateCA:
    """What was begun is signed, and the CA enabled with it. Safe to run again; refused as `enable_ca` is."""
    authority = signed(ca)
    crashpoint("private_ca.enable.after_sign")
    above = authority.parent
    parent = None if above is None else above.generation.ca
    with transaction.atomic():
        ca, now_above = _ready(ca, parent, at, begun=authority)
        if now_above != above:
            raise _not_enabled()
        settled(ca)
        ca.authority, ca.state, ca.enabled_at, ca.reset_at = authority, PrivateCaState.ENABLED, at, None
        ca.parent, ca.name = parent, authority.name[:80]
        ca.save()
        keep_name(ca)
        carried_out(actor, ca, Operation.ENABLE, {"made": described(authority)}, at=at)
        CaGeneration.objects.create(ca=ca, authority=authority, began_at=at)
        told = {"authority": authority.public_id, "algorithm": authority.algorithm, "name": ca.name}
        record(
            actor,
            AuditAction.PRIVATE_CA_ENABLED,
            ca.public_id,
            at=at,
            account_id=ca.account_id,
            after={**told, "not_after": write_moment(authority.not_after)},
        )
        emit(
            EventKind.PRIVATE_CA_ENABLED,
            account_id=ca.account_id,
            subject=ca.public_id,
            at=at,
            dedupe=f"{ca.public_id}:enabled:{authority.public_id}",
            data={"name": ca.name},
        )
    crashpoint("private_ca.enable.after_commit")
    come_out(authority, at=at)
    return ca


def refuse_enabling(ca: PrivateCA, given: CaSettings, parent: PrivateCA | None, at: datetime) -> None:
    """What `enable_ca` would refuse now, but for whom; nothing is made."""
    constraints = read_settings(given)
    with transaction.atomic():
        ca, above = _ready(ca, parent, at)
    draft_of(ca, given, constraints, above, at)


def _ready(
    ca: PrivateCA, parent: PrivateCA | None, at: datetime, *, begun: Authority | None = None
) -> tuple[PrivateCA, Authority | None]:
    """The CA as it is now, and the authority above it; nothing but `begun` is on its way."""
    ca = lock_usable(ca, parent or ca.parent)
    refuse_unless_startable(ca, at)
    refuse_pending(ca, begun)
    if ca.kind == PrivateCaKind.ROOT:
        if parent is not None:
            raise InvalidInput(
                "A root has no CA above it: leave this out.", field="parent", code="root_on_top"
            )
        return ca, None
    if ca.parent is not None and parent is not None and parent != ca.parent:
        raise InvalidInput(
            f"This intermediate came with the root {ca.parent.public_id}: name that one, or leave this out.",
            field="parent",
            code="other_parent",
        )
    above = ca.parent or parent
    if above is None:
        raise InvalidInput(
            "Say which of your root CAs is to sign this intermediate.", field="parent", code="parent_needed"
        )
    root = PrivateCA.objects.select_related("authority").get(pk=above.pk)
    if (
        root.account_id != ca.account_id
        or root.kind != PrivateCaKind.ROOT
        or root.state != PrivateCaState.ENABLED
        or root.authority is None
    ):
        raise _not_enabled()
    refuse_stopped(root.authority)
    return ca, root.authority


def refuse_stopped(root: Authority) -> None:
    if not root.issuing:
        raise Refusal(
            f"{root.name} issues nothing now.", code="not_issuing", next_steps=["Let the root issue again."]
        )


def refuse_unless_startable(ca: PrivateCA, at: datetime) -> None:
    if ca.state == PrivateCaState.REFUNDED:
        raise Refusal(
            "This private CA was refunded: it cannot be enabled again.",
            code="ca_refunded",
            clause="R7",
            next_steps=["Buy another one."],
        )
    if ca.state == PrivateCaState.EXPIRED or ca.term_ends_at <= at:
        raise Refusal(
            "The term of this private CA has ended.", code="ca_expired", next_steps=["Buy another one."]
        )
    if ca.state != PrivateCaState.NOT_ENABLED:
        raise Refusal(
            "This private CA is enabled already.",
            code="already_enabled",
            next_steps=["Use it as it is, or reset it first: that deletes what it issued."],
        )


def _not_enabled() -> Refusal:
    return Refusal(
        "An intermediate is signed by a root CA of yours that is enabled.",
        code="parent_not_enabled",
        field="parent",
        next_steps=["Enable the root first."],
    )


def draft_of(
    ca: PrivateCA, given: CaSettings, constraints: NameConstraints, above: Authority | None, at: datetime
) -> AuthorityDraft:
    kind = PrivateCaKind(ca.kind)
    if above is not None and (faults := faults_below(constraints, constraints_of(above))):
        raise InvalidInput("This CA could certify nothing below its root.", faults=faults)
    subject = given.subject
    if subject.organization is None:
        subject = replace(subject, organization=ca.account.name[:64])
    store, algorithm = given.keystore or settings.KEYSTORES[0], given.algorithm or DEFAULT_ALGORITHM[kind]
    refuse_unmade(store, algorithm)
    return AuthorityDraft(
        name=given.name or subject.common_name or ca.public_id,
        subject=subject,
        algorithm=algorithm,
        keystore=store,
        not_after=until(kind, given.years, None if above is None else above.not_after, at),
        path_length=path_length_of(kind, given.path_length, None if above is None else path_length(above)),
        name_constraints=constraints.to_x509(),
        shards=given.shards,
        ocsp=given.ocsp,
        delta=given.delta,
        list_days=given.list_days,
        reference=ca.public_id,
    )
