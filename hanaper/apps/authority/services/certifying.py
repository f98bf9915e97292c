"""Certificates of an authority's key: its first, renewed, linked to another key of its root, cross-signed.

Known before they exist: the row with its issuance first, then signed once, then written down. What a process
that died left is finished by the sweep; where nobody knows whether it was signed, its serial is given up and
on the list, and another is signed instead (docs/adr/0003).
"""

from dataclasses import dataclass
from datetime import datetime

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from django.db import transaction

from hanaper import clock
from hanaper.apps.authority.linting import lint
from hanaper.apps.authority.models import (
    Authority,
    CaCertificate,
    CaCertificateKind,
    Issuance,
    IssuanceState,
)
from hanaper.apps.authority.services.issuing import sign
from hanaper.apps.authority.services.making import BACKDATED, Drafted
from hanaper.apps.authority.services.publishing import write_certificate
from hanaper.apps.recovery.services import refuse_in_recovery
from hanaper.core.errors import Refusal
from hanaper.core.x509.certificates import Prepared, prepare_intermediate, prepare_root, unsigned
from hanaper.core.x509.findings import Rulebook
from hanaper.core.x509.issuer import Issuer
from hanaper.core.x509.serials import new_serial, serial_hex
from hanaper.storage.crashpoints import crashpoint


@dataclass(frozen=True, slots=True)
class CertificateDraft:
    """A certificate for the key of `authority` that was linted and of which nothing is stored yet."""

    authority: Authority
    issuer: Authority
    kind: CaCertificateKind
    prepared: Prepared
    shape: str


def draft_ca_certificate(
    authority: Authority, issuer: Authority, kind: CaCertificateKind, *, not_after: datetime, at: datetime
) -> CertificateDraft:
    """Says what the authority's own certificate says, but of other times and by `issuer`: itself for a root
    that is renewed. Never longer than `issuer`.

    Refused: `not_issuing`, `path_too_long` where the issuer does not permit what stands below, `lint_failed`.
    """
    refuse_in_recovery()
    if not issuer.issuing:
        raise Refusal(f"{issuer.name} issues no certificates now.", code="not_issuing")
    prepared = _prepared(authority, issuer, kind, not_after, at)
    return CertificateDraft(authority, issuer, kind, prepared, lint(prepared, Rulebook(authority.rulebook)))


def begin_ca_certificate(draft: CertificateDraft, *, reference: str, at: datetime) -> CaCertificate:
    """The intention, in the caller's transaction. `reference`: public id of what it is made for."""
    prepared, serial = draft.prepared, serial_hex(draft.prepared.serial)
    row = CaCertificate.objects.create(
        authority=draft.authority,
        issuer=draft.issuer,
        kind=draft.kind,
        serial=serial,
        not_before=prepared.not_before,
        not_after=prepared.not_after,
        created_at=at,
        begun_at=clock.system_now(),
    )
    _intend(row, draft.issuer, prepared, draft.shape, reference, at)
    return row


def _intend(
    row: CaCertificate, issuer: Authority, prepared: Prepared, shape: str, reference: str, at: datetime
) -> Issuance:
    return Issuance.objects.create(
        authority=issuer,
        serial=row.serial,
        shard=issuer.shard_of(prepared.serial),
        key=row.issuance_key,
        reference=reference,
        shape=shape,
        tbs=prepared.tbs,
        not_before=prepared.not_before,
        not_after=prepared.not_after,
        prepared_at=at,
    )


def begin_authority(drafted: Drafted, *, at: datetime) -> Authority:
    """An authority that is to be: its row, still without a certificate, and the intention of that; in the
    caller's transaction. `finish_authority` signs it."""
    authority = drafted.authority
    authority.save()
    issuer = authority.parent or authority
    draft = CertificateDraft(authority, issuer, CaCertificateKind.OWN, drafted.prepared, drafted.shape)
    begin_ca_certificate(draft, reference=drafted.draft.reference, at=at)
    return authority


def finish_authority(authority: Authority) -> bool:
    """Sign its first certificate if it has none; whether it has one now. Safe to run again; refused as
    `finish_ca_certificate` is."""
    for row in authority.certificates.filter(der=None, kind=CaCertificateKind.OWN):
        finish_ca_certificate(row)
    authority.refresh_from_db()
    return authority.certificate is not None


def finish_ca_certificate(row: CaCertificate) -> bool:
    """Sign what was begun and write it down; whether it is there. Safe to run again; given up if nobody may
    sign it any more. Refused: `signing_elsewhere`, `not_issuing`."""
    issuance = Issuance.objects.select_related("authority").filter(key=row.issuance_key).order_by("pk").last()
    if issuance is not None and issuance.state == IssuanceState.ABANDONED:
        issuance = _anew(row, issuance)
    if issuance is None:
        CaCertificate.objects.filter(pk=row.pk, der=None).delete()
        return False
    try:
        issuance = sign(issuance)
    except Refusal as refusal:
        unsigned = Issuance.objects.filter(pk=issuance.pk, state=IssuanceState.PREPARED)
        if refusal.code == "not_issuing" and unsigned.update(state=IssuanceState.ABANDONED):
            CaCertificate.objects.filter(pk=row.pk, der=None).delete()
        raise
    crashpoint("authority.certify.after_sign")
    with transaction.atomic():
        changed = CaCertificate.objects.filter(pk=row.pk, der=None).update(der=issuance.certificate)
        if changed and row.kind == CaCertificateKind.OWN:
            _become_its_own(row, bytes(issuance.certificate or b""))
    crashpoint("authority.certify.after_commit")
    if row.kind == CaCertificateKind.OWN:
        write_certificate(Authority.objects.get(pk=row.authority_id))
    return True


def _anew(row: CaCertificate, given_up: Issuance) -> Issuance | None:
    """The same certificate with another serial, known before it exists like the first. None: nobody may."""
    refuse_in_recovery()
    issuer = given_up.authority
    if not issuer.issuing:
        return None
    signer = None if row.issuer_id == row.authority_id else issuer
    said = unsigned(bytes(given_up.tbs))
    prepared = _like(said, row.kind, signer, given_up.not_before, given_up.not_after)
    shape, serial = lint(prepared, Rulebook(issuer.rulebook)), serial_hex(prepared.serial)
    with transaction.atomic():
        mine = CaCertificate.objects.filter(pk=row.pk, serial=given_up.serial, der=None).update(serial=serial)
        if mine != 1:
            raise Refusal("This certificate is being signed elsewhere.", code="signing_elsewhere")
        row.serial = serial
        return _intend(row, issuer, prepared, shape, given_up.reference, given_up.prepared_at)


def certificate_from_outside(
    authority: Authority, chain: list[x509.Certificate], *, at: datetime
) -> CaCertificate:
    """Its own certificate as a CA that is not here signed it, in the caller's transaction. A chain is good
    for as long as the shortest of it, so the authority is too."""
    own, above = chain[0], chain[1:]
    row = CaCertificate.objects.create(
        authority=authority,
        kind=CaCertificateKind.OWN,
        serial=f"{own.serial_number:X}"[:40],
        der=own.public_bytes(Encoding.DER),
        above="".join(one.public_bytes(Encoding.PEM).decode() for one in above),
        not_before=max(one.not_valid_before_utc for one in chain),
        not_after=min(one.not_valid_after_utc for one in chain),
        created_at=at,
    )
    _become_its_own(row, own.public_bytes(Encoding.DER))
    # Its first list: whoever completes it puts it out, or the sweep does.
    Authority.objects.filter(pk=authority.pk, crl_number=0).update(crl_due_at=at)
    return row


def _become_its_own(row: CaCertificate, der: bytes) -> None:
    Authority.objects.filter(pk=row.authority_id).update(
        certificate=der,
        parent=None if row.issuer_id in (None, row.authority_id) else row.issuer_id,
        outside=row.issuer_id is None,
        not_before=row.not_before,
        not_after=row.not_after,
        request=None,
    )


def _prepared(
    authority: Authority, issuer: Authority, kind: CaCertificateKind, not_after: datetime, at: datetime
) -> Prepared:
    if issuer != authority and kind != CaCertificateKind.LINK:
        _refuse_path(authority, issuer)
    signer = None if issuer == authority else issuer
    return _like(_own(authority), kind, signer, at - BACKDATED, not_after)


def _like(
    own: x509.Certificate, kind: str, issuer: Authority | None, not_before: datetime, not_after: datetime
) -> Prepared:
    """Subject, key, path length and name constraints of `own`, with another serial, by `issuer`; None: by
    itself."""
    serial = new_serial()
    spki = own.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    if issuer is None:
        return prepare_root(
            subject=own.subject,
            spki=spki,
            not_before=not_before,
            not_after=not_after,
            serial=serial,
            path_length=_path_length(own),
            name_constraints=_name_constraints(own),
        )
    signer = Issuer.of_certificate(bytes(issuer.certificate or b""))
    return prepare_intermediate(
        subject=own.subject,
        spki=spki,
        issuer=signer,
        not_before=max(not_before, signer.not_before),
        not_after=min(not_after, signer.not_after),
        serial=serial,
        addresses=issuer.addresses(issuer.shard_of(serial)),
        path_length=_path_length(own),
        extended_key_usages=(),
        policies=(),
        name_constraints=_name_constraints(own),
        link=kind == CaCertificateKind.LINK,
    )


def path_length(authority: Authority) -> int | None:
    """How many CAs may follow one another below it, as its own certificate says; None: any number."""
    return _path_length(_own(authority))


def name_constraints(authority: Authority) -> x509.NameConstraints | None:
    """As its own certificate says them."""
    return _name_constraints(_own(authority))


def _own(authority: Authority) -> x509.Certificate:
    return x509.load_der_x509_certificate(bytes(authority.certificate or b""))


def _path_length(certificate: x509.Certificate) -> int | None:
    return certificate.extensions.get_extension_for_class(x509.BasicConstraints).value.path_length


def _name_constraints(certificate: x509.Certificate) -> x509.NameConstraints | None:
    try:
        return certificate.extensions.get_extension_for_class(x509.NameConstraints).value
    except x509.ExtensionNotFound:
        return None


def _refuse_path(authority: Authority, issuer: Authority) -> None:
    """RFC 5280 6.1.4: what stands below the authority must be permitted above it too."""
    permitted, below = path_length(issuer), path_length(authority)
    needed = 1 + (below if below is not None else int(authority.is_root))
    if permitted is not None and permitted < needed:
        raise Refusal(
            f"{issuer.name} permits {permitted} CAs below it, and {needed} would stand there.",
            code="path_too_long",
            details={"permitted": permitted, "needed": needed},
        )
