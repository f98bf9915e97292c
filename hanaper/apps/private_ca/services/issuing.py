"""Issuing below a private CA: the intention with its quota first, then the signature, then the outcome.

What a process that died left is finished by the sweep: signed if it was not begun, given up with its quota
back if nobody knows whether it was signed.
"""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import F, QuerySet

from hanaper import clock
from hanaper.apps.audit.services import record
from hanaper.apps.audit.vocabulary import AuditAction
from hanaper.apps.authority import key_material
from hanaper.apps.authority.chains import chain_of
from hanaper.apps.authority.models import Authority, Issuance, IssuanceState
from hanaper.apps.authority.services import (
    Draft,
    draft_issuance,
    is_compromised,
    key_compromised,
    lock_key,
    revoke,
    sign,
    store_issuance,
)
from hanaper.apps.private_ca.generations import revoked_at
from hanaper.apps.private_ca.locks import lock_usable
from hanaper.apps.private_ca.models.batches import BatchRow, CertificateBatch
from hanaper.apps.private_ca.models.cas import PrivateCA
from hanaper.apps.private_ca.models.certificates import PrivateCertificate, PrivateName
from hanaper.apps.private_ca.refusals import not_enabled
from hanaper.apps.private_ca.search import endings_of
from hanaper.apps.private_ca.services import quota
from hanaper.apps.private_ca.states import PrivateCaKind, PrivateCaState, PrivateCertificateState
from hanaper.apps.private_ca.templates import template_named
from hanaper.apps.secrets.services import seal
from hanaper.core.actor import Actor
from hanaper.core.errors import InvalidInput, Refusal
from hanaper.core.private_ca.deciding import Asked
from hanaper.core.private_ca.name_constraints import NameConstraints, of_certificate
from hanaper.core.private_ca.notices import days_told, next_due
from hanaper.core.private_ca.requests import Request, judge, subject_fields
from hanaper.core.private_ca.templates import Template
from hanaper.core.private_ca.uses import use_faults
from hanaper.core.x509.algorithms import KeyAlgorithm, key_fingerprint, spki_of
from hanaper.core.x509.certificates import LeafContents
from hanaper.core.x509.names import Subject
from hanaper.core.x509.reasons import RevocationReason
from hanaper.core.x509.serials import serial_hex
from hanaper.storage.composed import Change, composed, composed_change
from hanaper.storage.crashpoints import crashpoint
from hanaper.storage.ids import new_public_id
from hanaper.storage.walls import require_write

KEY_PURPOSE = "private_ca.private_key"
# Of a row whose certificate failed: code and message.
_INTERRUPTED = (
    "not_signed",
    "Its signing was interrupted, and no certificate was made: put the row into another table.",
)
_COMPROMISED = (
    "csr_key_compromised",
    "Its key was reported as compromised while it was being issued, and it was revoked at once: make a new"
    " key, and put the row into another table.",
)
BACKDATED = timedelta(hours=1)  # for clients whose clocks are a little behind


@dataclass(frozen=True, slots=True)
class _Key:
    """`private` is PKCS #8, of a key that was made here."""

    spki: bytes = field(repr=False)
    private: bytes | None = field(repr=False, default=None)


def issue(
    actor: Actor,
    ca: PrivateCA,
    request: Request,
    *,
    renews: PrivateCertificate | None = None,
    begun: Callable[[PrivateCertificate], None] | None = None,
    at: datetime,
) -> PrivateCertificate:
    """A certificate, `issued` when it returns. `begun` is called in the transaction of the intention, for
    whoever has to know what was begun; if it raises, nothing was.

    Refused: `not_issuing`, `only_intermediates_issue`, `quota_used_up`, `lint_failed`, `csr_key_compromised`,
    InvalidInput with everything that template and name constraints do not permit, and as `locks.lock_usable`
    refuses.
    """
    require_write(actor)
    authority = issuing_authority_of(ca, at)
    if not authority.issuing:
        raise stopped(ca)
    template = template_named(ca.account, request.template)
    judged = judge(request, template, constraints_of(authority), at=at, latest=latest_end(ca, authority))
    _refuse_uses(authority, judged.contents)
    key = _Key(judged.spki) if judged.spki is not None else _made(judged.asked.algorithm)
    draft = draft_issuance(
        authority,
        judged.contents,
        spki=key.spki,
        not_before=max(at - BACKDATED, authority.not_before),
        not_after=judged.not_after,
    )
    with transaction.atomic():
        certificate = _begin(actor, ca, request.template, template, judged.asked, key, draft, renews, at)
        if begun is not None:
            begun(certificate)
    crashpoint("private_ca.issue.after_intent")
    finish(certificate)
    if certificate.state == PrivateCertificateState.FAILED and is_compromised(certificate.key_fingerprint):
        raise key_compromised()
    return certificate


def renew(
    actor: Actor,
    certificate: PrivateCertificate,
    *,
    csr: str | None = None,
    key_here: bool = False,
    days: int | None = None,
    at: datetime,
) -> PrivateCertificate:
    """Another one with the same subject, names and template, for the key of `csr` or a new one that is made
    here. Where the key before was not made here, that is done only if `key_here` says so.

    The one before stays good until it ends. Refused: `on_hold`, `csr_needed`, and as `issue` refuses.
    """
    if certificate.state == PrivateCertificateState.HELD:
        raise Refusal(
            "A certificate that is on hold is not renewed.",
            code="on_hold",
            next_steps=["Release it first, or revoke it and issue another."],
        )
    _refuse_another_key(certificate, csr, key_here)
    request = Request(
        template=certificate.template,
        subject=Subject(**certificate.subject),
        names=certificate.names,
        csr=csr,
        key_algorithm=None if csr else KeyAlgorithm(certificate.key_algorithm),
        days=days,
    )
    ca = PrivateCA.objects.select_related("account", "authority").get(pk=certificate.ca_id)
    return issue(actor, ca, request, renews=certificate, at=at)


def _refuse_another_key(certificate: PrivateCertificate, csr: str | None, key_here: bool) -> None:
    if csr and key_here:
        raise InvalidInput(
            "The key of the request is certified: leave this out, or the request.",
            field="key_here",
            code="key_in_csr",
        )
    if certificate.key_id is None and not csr and not key_here:
        raise InvalidInput(
            "The key of this certificate was not made here, and nobody could use another one unasked.",
            field="csr",
            code="csr_needed",
            next_steps=[
                "Send a CSR, for the same key or a new one.",
                "Or say that a new key shall be made here: key_here, on the command line --key-here.",
            ],
        )


def finish(certificate: PrivateCertificate) -> PrivateCertificate:
    """Sign what was begun, and write down that it is there; or give it up, with its quota.

    Safe to run again. Refused: `signing_elsewhere` while another process is at it, `not_issuing` when nobody
    may sign it any more.
    """
    issuance = _issuance.get(certificate.public_id)
    try:
        if issuance.state in (IssuanceState.PREPARED, IssuanceState.SIGNING):
            issuance = sign(issuance)
    except Refusal as refusal:
        # Prepared only: nothing was signed that would have to be revoked.
        unsigned = Issuance.objects.filter(pk=issuance.pk, state=IssuanceState.PREPARED)
        if refusal.code == "not_issuing" and unsigned.update(state=IssuanceState.ABANDONED):
            _give_up(certificate)
        raise
    crashpoint("private_ca.issue.after_sign")
    if issuance.state == IssuanceState.ABANDONED:
        _give_up(certificate)
        certificate.refresh_from_db()
        return certificate
    fingerprint = hashlib.sha256(bytes(issuance.certificate or b"")).hexdigest()
    with transaction.atomic():
        if _compromised_meanwhile(certificate):
            revoke(issuance, RevocationReason.KEY_COMPROMISE, at=clock.now())
            _give_up(certificate, compromised=True)
        issued = _issued(certificate.pk, fingerprint)
    if issued:
        certificate.state = PrivateCertificateState.ISSUED
        certificate.fingerprint, certificate.begun_at = fingerprint, None
    else:
        certificate.refresh_from_db()
    return certificate


def _compromised_meanwhile(certificate: PrivateCertificate) -> bool:
    """Nobody has it yet, and nobody gets it. Of a key that was made here nobody else has heard so far."""
    return certificate.key_id is None and lock_key(certificate.key_fingerprint)


@composed
def _issuance(reference: str) -> QuerySet[Issuance]:
    return Issuance.objects.select_related("authority").filter(reference=reference)


@composed_change
def _issued(pk: int, fingerprint: str) -> Change:
    rows = PrivateCertificate.objects.filter(pk=pk, state=PrivateCertificateState.ISSUING)
    return Change(rows, state=PrivateCertificateState.ISSUED, fingerprint=fingerprint, begun_at=None)


def _give_up(certificate: PrivateCertificate, *, compromised: bool = False) -> None:
    with transaction.atomic():
        if _still_open(certificate).update(
            state=PrivateCertificateState.FAILED, begun_at=None, notice_at=None
        ):
            quota.give_back(certificate.ca_id)
            _tell_batch(certificate, *(_COMPROMISED if compromised else _INTERRUPTED))


def _tell_batch(certificate: PrivateCertificate, code: str, message: str) -> None:
    """Whoever ordered it in a table reads there what became of it, and what to do."""
    rows = BatchRow.objects.filter(certificate=certificate)
    if rows.update(code=code, message=message):
        batches = CertificateBatch.objects.filter(rows__certificate=certificate)
        batches.update(begun=F("begun") - 1, failed=F("failed") + 1)


def _still_open(certificate: PrivateCertificate) -> QuerySet[PrivateCertificate]:
    return PrivateCertificate.objects.filter(pk=certificate.pk, state=PrivateCertificateState.ISSUING)


def constraints_of(authority: Authority) -> list[NameConstraints]:
    """Those of every CA from this one up to its root, also where that is not here."""
    return [of_certificate(der) for der in chain_of(authority)]


def _refuse_uses(authority: Authority, contents: LeafContents) -> None:
    faults = list(use_faults(chain_of(authority), contents.extended_key_usages))
    if faults:
        raise InvalidInput("The certificate cannot be issued like this.", faults=faults)


def issuing_authority_of(ca: PrivateCA, at: datetime) -> Authority:
    """With those above it. Refused: `only_intermediates_issue`, `not_enabled`."""
    return _authority.get(_refuse_unless_issuing(ca, at))


@composed
def _authority(pk: int) -> QuerySet[Authority]:
    return Authority.objects.select_related("parent__parent").filter(pk=pk)


def _refuse_unless_issuing(ca: PrivateCA, at: datetime) -> int:
    if ca.kind != PrivateCaKind.INTERMEDIATE:
        raise Refusal(
            "A root signs intermediates only.",
            code="only_intermediates_issue",
            next_steps=["Issue below one of its intermediates."],
        )
    if ca.state != PrivateCaState.ENABLED or ca.authority_id is None or ca.term_ends_at <= at:
        raise not_enabled(ca, "Only an enabled private CA issues.")
    return ca.authority_id


def stopped(ca: PrivateCA) -> Refusal:
    """Why an enabled CA issues nothing, and what its owner can do."""
    revoked = revoked_at(ca)
    if revoked is None:
        return Refusal(
            "This private CA issues no certificates now.",
            code="not_issuing",
            next_steps=["An owner of the account can let it issue again."],
        )
    day = revoked.date().isoformat()
    return Refusal(
        f"This private CA was revoked on {day}: what it issues would not be trusted.",
        code="not_issuing",
        next_steps=["Renew it with a new key, or reset it."],
    )


def latest_end(ca: PrivateCA, authority: Authority) -> datetime:
    """SPEC section 6: a certificate outlives neither its CA nor the subscription."""
    return min(ca.term_ends_at, authority.not_after)


def _made(algorithm: KeyAlgorithm) -> _Key:
    made = key_material.new_key(algorithm)
    return _Key(spki_of(made.public_key()), key_material.to_der(made))


def _begin(
    actor: Actor,
    ca: PrivateCA,
    named: str,
    template: Template,
    asked: Asked,
    key: _Key,
    draft: Draft,
    renews: PrivateCertificate | None,
    at: datetime,
) -> PrivateCertificate:
    """Everything looked at again under the order's lock; quota, row and intention together."""
    ca = lock_usable(ca)
    _refuse_unless_issuing(ca, at)
    if ca.authority != draft.authority or ca.authority is None or not ca.authority.issuing:
        raise stopped(ca)
    if key.private is None and lock_key(key_fingerprint(key.spki)):
        raise key_compromised()
    quota.take(ca, at)
    prepared = draft.prepared
    notices = days_told(template.notice_days, prepared.not_after - at)
    public_id = new_public_id("pct")
    certificate = PrivateCertificate.objects.create(
        public_id=public_id,
        account_id=ca.account_id,
        ca=ca,
        template=named,
        subject=subject_fields(asked.subject),
        names={kind: list(values) for kind, values in asked.names.by_kind().items() if values},
        serial=serial_hex(prepared.serial),
        key_algorithm=asked.algorithm,
        key_fingerprint=key_fingerprint(key.spki),
        key=None if key.private is None else seal(key.private, KEY_PURPOSE),
        renews=renews,
        not_before=prepared.not_before,
        not_after=prepared.not_after,
        created_by_id=actor.user_id,
        created_at=at,
        begun_at=clock.system_now(),
        notices=notices,
        notice_at=next_due(notices, prepared.not_after),
    )
    PrivateName.objects.bulk_create(
        PrivateName(certificate=certificate, account_id=ca.account_id, ending=ending)
        for ending in endings_of(asked.names, asked.subject.common_name)
    )
    store_issuance(draft, key=public_id, reference=public_id, at=at)
    record(
        actor,
        AuditAction.PRIVATE_CERTIFICATE_ISSUED,
        public_id,
        at=at,
        account_id=ca.account_id,
        after={"ca": ca.public_id, "serial": certificate.serial, "template": named, **certificate.names},
    )
    return certificate
