"""Issuing in two steps: prepare (checked, linted, serial stored), then sign, once (docs/adr/0003)."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import IntegrityError, transaction
from django.db.models import Q, QuerySet

from hanaper import clock
from hanaper.apps.authority import archive
from hanaper.apps.authority.keystores import keystore
from hanaper.apps.authority.linting import lint
from hanaper.apps.authority.models import Authority, Issuance, IssuanceState
from hanaper.apps.authority.services.changes import count_change
from hanaper.apps.authority.services.compromised import key_compromised, lock_key
from hanaper.apps.recovery.services import refuse_in_recovery
from hanaper.core.errors import Refusal
from hanaper.core.x509.algorithms import key_fingerprint, load_public_key
from hanaper.core.x509.certificates import (
    LeafContents,
    Prepared,
    WrongSignature,
    assemble_signed,
    prepare_leaf,
)
from hanaper.core.x509.findings import Rulebook
from hanaper.core.x509.issuer import Issuer
from hanaper.core.x509.serials import new_serial, serial_hex
from hanaper.storage.composed import Change, composed_change
from hanaper.storage.crashpoints import crashpoint

# A claim this old is of a process that died: a signature may exist, so the serial is given up.
SIGNING_LEASE = timedelta(seconds=60)


@dataclass(frozen=True, slots=True)
class Draft:
    """A certificate that was linted and of which nothing is stored yet."""

    authority: Authority
    prepared: Prepared
    shape: str


def prepare(
    authority: Authority,
    contents: LeafContents,
    *,
    spki: bytes,
    not_before: datetime,
    not_after: datetime,
    key: str,
    reference: str,
    at: datetime,
) -> Issuance:
    """The intention, stored: bytes to be signed and serial. With a `key` that is known, what is there.

    `key`: the caller's, one for each certificate wanted. Refused as `draft_issuance` refuses: then nothing
    is stored, let alone signed; and with `csr_key_compromised`.
    """
    refuse_in_recovery()
    known = _known(key, at)
    if known is not None:
        return known
    draft = draft_issuance(authority, contents, spki=spki, not_before=not_before, not_after=not_after)
    try:
        with transaction.atomic():
            if lock_key(key_fingerprint(spki)):
                raise key_compromised()
            issuance = store_issuance(draft, key=key, reference=reference, at=at)
    except IntegrityError:
        return Issuance.objects.exclude(state=IssuanceState.ABANDONED).get(key=key)  # two asked at once
    crashpoint("authority.issue.after_prepare")
    return issuance


def draft_issuance(
    authority: Authority,
    contents: LeafContents,
    *,
    spki: bytes,
    not_before: datetime,
    not_after: datetime,
) -> Draft:
    """Build and lint, outside of any lock: a new shape takes the full linter seconds.

    Refused: `not_issuing`, and `lint_failed` if a linter finds an error.
    """
    refuse_in_recovery()
    if not authority.issuing:
        raise Refusal(f"{authority.name} issues no certificates now.", code="not_issuing")
    serial = new_serial()
    prepared = prepare_leaf(
        contents,
        spki=spki,
        issuer=Issuer.of_certificate(bytes(authority.certificate or b"")),
        not_before=not_before,
        not_after=not_after,
        serial=serial,
        addresses=authority.addresses(authority.shard_of(serial)),
    )
    return Draft(authority, prepared, lint(prepared, Rulebook(authority.rulebook)))


def store_issuance(draft: Draft, *, key: str, reference: str, at: datetime) -> Issuance:
    """The intention, in the caller's transaction. IntegrityError: the key is not a new one."""
    prepared = draft.prepared
    return Issuance.objects.create(
        authority=draft.authority,
        serial=serial_hex(prepared.serial),
        shard=draft.authority.shard_of(prepared.serial),
        key=key,
        reference=reference,
        shape=draft.shape,
        tbs=prepared.tbs,
        not_before=prepared.not_before,
        not_after=prepared.not_after,
        prepared_at=at,
    )


def sign(issuance: Issuance, *, even_stopped: bool = False) -> Issuance:
    """Sign what was prepared, once; with one that is signed, what is there.

    `even_stopped`: also for an authority that issues no more, as long as it has not ended: its lists and
    answers go on. Refused with `signing_elsewhere` while another process is at it, `not_issuing` when nobody
    may sign it.
    """
    refuse_in_recovery()
    claim = _claim_of_any if even_stopped else _claim
    if claim(issuance.pk, clock.system_now()) != 1:
        issuance.refresh_from_db()
        if issuance.state == IssuanceState.SIGNED:
            return issuance
        if issuance.state == IssuanceState.PREPARED:
            raise Refusal("This certificate is not signed any more.", code="not_issuing")
        raise Refusal("This certificate is being signed elsewhere.", code="signing_elsewhere")
    authority = issuance.authority
    spki = _public_key(authority)
    crashpoint("authority.issue.before_sign")
    tbs = bytes(issuance.tbs)
    signature = keystore(authority.keystore).sign(authority.key_id, load_public_key(spki)[1].signature, tbs)
    try:
        der = assemble_signed(tbs, signature, spki)
    except WrongSignature:
        abandon(issuance, at=clock.now())
        raise
    crashpoint("authority.issue.after_sign")
    archive.keep(issuance, der)
    crashpoint("authority.issue.after_keep")
    stored = _store(issuance.pk, der)
    crashpoint("authority.issue.after_store")
    if stored != 1:
        # We were so slow that the claim was given up: the serial is on the list, and nobody may have `der`.
        raise Refusal("This certificate was given up; order it again.", code="signing_elsewhere")
    issuance.state, issuance.certificate = IssuanceState.SIGNED, der
    return issuance


@composed_change
def _claim(pk: int, claimed_at: datetime) -> Change:
    rows = _ready(pk, Q(issuing=True))
    return Change(rows, state=IssuanceState.SIGNING, claimed_at=claimed_at)


@composed_change
def _claim_of_any(pk: int, claimed_at: datetime) -> Change:
    rows = _ready(pk, Q(ended_at=None))
    return Change(rows, state=IssuanceState.SIGNING, claimed_at=claimed_at)


def _ready(pk: int, may: Q) -> QuerySet[Issuance]:
    """Not what was revoked meanwhile: a serial on the list is never signed."""
    rows = Issuance.objects.filter(pk=pk, state=IssuanceState.PREPARED, revoked_at=None)
    return rows.filter(authority__in=Authority.objects.filter(may))


@composed_change
def _store(pk: int, der: bytes) -> Change:
    rows = Issuance.objects.filter(pk=pk, state=IssuanceState.SIGNING)
    return Change(rows, state=IssuanceState.SIGNED, certificate=der)


def abandon(issuance: Issuance, *, at: datetime) -> bool:
    """Nobody knows whether a signature exists: give the serial up and put it on the list."""
    with transaction.atomic():
        change = count_change(issuance.authority_id, at)
        given_up = Issuance.objects.filter(pk=issuance.pk, state=IssuanceState.SIGNING).update(
            state=IssuanceState.ABANDONED, revoked_at=at, changed=change
        )
    return given_up == 1


def _public_key(authority: Authority) -> bytes:
    """DER SubjectPublicKeyInfo; of one that signs its own first certificate, as its store has it."""
    if authority.certificate is None:
        return keystore(authority.keystore).public_key(authority.key_id)
    return Issuer.of_certificate(bytes(authority.certificate)).spki


def _known(key: str, at: datetime) -> Issuance | None:
    known = Issuance.objects.select_related("authority").filter(key=key)
    issuance = known.exclude(state=IssuanceState.ABANDONED).first()
    if issuance is None or issuance.state != IssuanceState.SIGNING:
        return issuance
    claimed_at = issuance.claimed_at
    if (
        claimed_at is not None
        and clock.system_now() - claimed_at > SIGNING_LEASE
        and abandon(issuance, at=at)
    ):
        return None
    return issuance
