"""Answers by OCSP about what an authority issued: kept ones while they are true, others signed on the spot.

What is known: what was signed, and what is on the list whether it was signed or not. What is only prepared is
in nobody's hands and unknown (RFC 6960 2.2).
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache

from django.db.models import Exists, OuterRef, Q, QuerySet

from hanaper.apps.authority.keystores import keystore
from hanaper.apps.authority.linting import refuse_findings
from hanaper.apps.authority.models import Authority, Issuance, IssuanceState, KeptAnswer, Responder
from hanaper.apps.authority.services.responders import working_responder
from hanaper.apps.recovery.models import Recovery
from hanaper.apps.recovery.services import in_recovery
from hanaper.core.x509.crl import RevocationReason
from hanaper.core.x509.findings import Rulebook
from hanaper.core.x509.issuer import Issuer
from hanaper.core.x509.ocsp import (
    GOOD,
    UNKNOWN,
    OcspError,
    PreparedAnswer,
    Signatory,
    Status,
    assemble_answer,
    error_response,
    prepare_answer,
)
from hanaper.core.x509.ocsp_requests import (
    CertificateId,
    IdHash,
    MalformedRequest,
    OcspRequest,
    certificate_id,
    issuer_hashes,
    read_request,
)
from hanaper.core.x509.ocsp_rules import answer_findings
from hanaper.core.x509.serials import serial_hex
from hanaper.storage.composed import composed
from hanaper.storage.logs import logger

log = logger(__name__)

KEEPS = timedelta(days=1)  # how long clients may keep an answer
RENEWED = timedelta(hours=12)  # when one is made anew
ASKED_EVERY = timedelta(days=1)  # how exactly we know when somebody last asked
_FINAL_HASHES = (IdHash.SHA1, IdHash.SHA256)


@dataclass(frozen=True, slots=True)
class Answer:
    """A response in DER. `next_update` is None for what no cache may keep: errors, what is unknown, and what
    was made for one client's nonce."""

    der: bytes
    this_update: datetime | None = None
    next_update: datetime | None = None


@dataclass(frozen=True, slots=True)
class _Known:
    """What never changes of an authority."""

    pk: int
    issuer: Issuer
    hashes: Mapping[IdHash, tuple[bytes, bytes]]


def answer(public_id: str, encoded: bytes, *, at: datetime) -> Answer | None:
    """The response to a request (DER) at the address of the authority `public_id`; None if there is no such.

    unauthorized: about certificates of somebody else, and when there is nobody to answer any more. tryLater:
    nobody knows after a restore what was revoked, or there is nobody to answer yet.
    """
    known = _known(public_id)
    if known is None:
        return None
    try:
        request = read_request(encoded)
    except MalformedRequest:
        return Answer(error_response(OcspError.MALFORMED_REQUEST))
    for one in request.certificates:
        if known.hashes[one.hash] != (one.issuer_name_hash, one.issuer_key_hash):
            return Answer(error_response(OcspError.UNAUTHORIZED))
    kept = None
    if request.nonce is None and len(request.certificates) == 1:
        kept = _kept(known, request.certificates[0], at)
    if kept is None and in_recovery():
        return Answer(error_response(OcspError.TRY_LATER))
    return kept or _made(known, request, at)


def renew(kept: KeptAnswer, *, at: datetime) -> bool:
    """Make a kept answer anew ahead of time, so that nobody waits for a signature. Whether it was."""
    known = _known(kept.authority.public_id)
    responder = working_responder(kept.authority_id, at)
    if known is None or responder is None:
        return False
    asked = certificate_id(known.issuer, int(kept.serial, 16), IdHash(kept.hash))
    status = _statuses(known, [kept.serial]).get(kept.serial, UNKNOWN)
    if not status.known:
        kept.delete()
        return False
    _keep(known, asked, status, responder, at, asked_at=kept.asked_at)
    return True


def final_answers(authority: Authority, rows: Iterable[Issuance], *, at: datetime) -> Iterator[KeptAnswer]:
    """What is to be answered about each once `authority` has no key: that it is revoked, until it ends.

    Signed by the authority itself, since a responder's certificate would end before. Not stored yet.
    """
    known = _known(authority.public_id)
    if not authority.ocsp or known is None:
        return
    signatory = Signatory.issuer(known.issuer)
    for row in rows:
        if row.not_after <= at or row.revoked_at is None:
            continue
        for using in _FINAL_HASHES:
            asked = certificate_id(known.issuer, int(row.serial, 16), using)
            prepared = prepare_answer(
                signatory, [(asked, _status(row))], this_update=at, next_update=row.not_after
            )
            signed = _signed(prepared, authority, authority.key_id)
            yield _row(known, asked, _status(row), prepared, signed, final=True)


def _known(public_id: str) -> _Known | None:
    try:
        return _remembered(public_id)
    except Authority.DoesNotExist:
        return None


@lru_cache(maxsize=4096)
def _remembered(public_id: str) -> _Known:
    """Once it has a certificate, an authority keeps it. What raises is not remembered."""
    rows = Authority.objects.filter(public_id=public_id, certificate__isnull=False)
    pk, certificate = rows.values_list("pk", "certificate").get()
    issuer = Issuer.of_certificate(bytes(certificate or b""))
    return _Known(pk, issuer, {using: issuer_hashes(issuer, using) for using in IdHash})


def _kept(known: _Known, asked: CertificateId, at: datetime) -> Answer | None:
    """The answer that was signed before, if it is still true and not due. None in recovery, when nobody knows
    what is true."""
    row = _still_true.first(known.pk, serial_hex(asked.serial), asked.hash)
    if row is None or at >= (row.next_update if row.final else row.due_at):
        return None
    if row.asked_at <= at - ASKED_EVERY:
        KeptAnswer.objects.filter(pk=row.pk).update(asked_at=at)
    return Answer(bytes(row.der), row.this_update, row.next_update)


@composed
def _still_true(authority_pk: int, serial: str, using: IdHash) -> QuerySet[KeptAnswer]:
    """The one query for nearly every request."""
    truth = Issuance.objects.filter(
        authority=OuterRef("authority"), serial=OuterRef("serial"), reason=OuterRef("reason")
    )
    good = Q(revoked_at=None) & Exists(truth.filter(revoked_at=None))
    revoked = Exists(truth.filter(revoked_at=OuterRef("revoked_at")))
    recovering = Exists(Recovery.objects.filter(finished_at=None))
    rows = KeptAnswer.objects.filter(authority=authority_pk, serial=serial, hash=using)
    return rows.filter(Q(final=True) | good | revoked, ~recovering)


def _made(known: _Known, request: OcspRequest, at: datetime) -> Answer:
    responder = working_responder(known.pk, at)
    if responder is None:
        # After its end there are last answers, without anybody's nonce, which clients accept (RFC 9919).
        last = _kept(known, request.certificates[0], at) if len(request.certificates) == 1 else None
        silent = Authority.objects.filter(pk=known.pk, ocsp=False).exists()
        return last or Answer(error_response(OcspError.UNAUTHORIZED if silent else OcspError.TRY_LATER))
    serials = [serial_hex(one.serial) for one in request.certificates]
    found = _statuses(known, serials)
    answers = [
        (one, found.get(serial, UNKNOWN)) for one, serial in zip(request.certificates, serials, strict=True)
    ]
    try:
        if request.nonce is None and len(answers) == 1 and answers[0][1].known:
            return _keep(known, *answers[0], responder, at, asked_at=at)
        prepared = prepare_answer(
            _signatory(responder),
            answers,
            this_update=at,
            next_update=min(at + KEEPS, responder.not_after),
            nonce=request.nonce,
        )
        return Answer(_signed(prepared, responder.authority, responder.key_id))
    except Exception:  # a keystore that is away: the client is told, and so are we
        log.exception("ocsp_not_signed", authority=responder.authority.public_id)
        return Answer(error_response(OcspError.INTERNAL_ERROR))


def _keep(
    known: _Known,
    asked: CertificateId,
    status: Status,
    responder: Responder,
    at: datetime,
    *,
    asked_at: datetime,
) -> Answer:
    """Sign an answer that everybody may have, and store it."""
    until = min(at + KEEPS, responder.not_after)
    prepared = prepare_answer(_signatory(responder), [(asked, status)], this_update=at, next_update=until)
    der = _signed(prepared, responder.authority, responder.key_id)
    row = _row(known, asked, status, prepared, der)
    row.asked_at = asked_at
    KeptAnswer.objects.bulk_create(
        [row],
        update_conflicts=True,
        unique_fields=["authority", "serial", "hash"],
        update_fields=["revoked_at", "reason", "this_update", "due_at", "next_update", "asked_at", "der"],
    )
    return Answer(der, prepared.this_update, prepared.next_update)


def _row(
    known: _Known,
    asked: CertificateId,
    status: Status,
    prepared: PreparedAnswer,
    der: bytes,
    *,
    final: bool = False,
) -> KeptAnswer:
    until = prepared.next_update
    return KeptAnswer(
        authority_id=known.pk,
        serial=serial_hex(asked.serial),
        hash=asked.hash,
        final=final,
        revoked_at=status.revoked_at,
        reason=status.reason or "",
        this_update=prepared.this_update,
        due_at=min(prepared.this_update + RENEWED, until),
        next_update=until,
        asked_at=prepared.this_update,
        der=der,
    )


def _signatory(responder: Responder) -> Signatory:
    return _of_responder(bytes(responder.certificate or b""))


@lru_cache(maxsize=1024)
def _of_responder(certificate: bytes) -> Signatory:
    return Signatory.responder(certificate)


def _signed(prepared: PreparedAnswer, authority: Authority, key_id: str) -> bytes:
    refuse_findings(answer_findings(prepared, Rulebook(authority.rulebook)))
    algorithm = prepared.signatory.signature_algorithm
    return assemble_answer(prepared, keystore(authority.keystore).sign(key_id, algorithm, prepared.tbs))


def _statuses(known: _Known, serials: list[str]) -> dict[str, Status]:
    found = {row.serial: _status(row) for row in _issued.all(known.pk, serials)}
    if missing := [serial for serial in serials if serial not in found]:
        # While its authority is being ended: the last answer is all that is left of the certificate.
        last = KeptAnswer.objects.filter(authority=known.pk, serial__in=missing, final=True)
        found |= {row.serial: _revoked(row) for row in last.defer("der")}
    return found


@composed
def _issued(authority_pk: int, serials: list[str]) -> QuerySet[Issuance]:
    rows = Issuance.objects.filter(authority=authority_pk, serial__in=serials)
    return rows.only("serial", "state", "revoked_at", "reason")


def _status(row: Issuance) -> Status:
    if row.revoked_at is not None:
        return _revoked(row)
    return GOOD if row.state == IssuanceState.SIGNED else UNKNOWN


def _revoked(row: Issuance | KeptAnswer) -> Status:
    reason = RevocationReason(row.reason) if row.reason else None
    return Status(known=True, revoked_at=row.revoked_at, reason=reason)
