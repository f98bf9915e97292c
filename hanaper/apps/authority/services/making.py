"""Making an authority: a key and what its certificate is to say; `certifying` signs it, step by step."""

from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta

from cryptography import x509
from cryptography.x509.oid import ObjectIdentifier
from django.conf import settings

from hanaper.apps.authority.keystores import KeystoreUnavailable, keystore
from hanaper.apps.authority.linting import lint
from hanaper.apps.authority.models import Authority, CaCertificate, Issuance, IssuanceState
from hanaper.apps.authority.services.publishing import publish_soon, write_certificate
from hanaper.apps.authority.services.responders import ensure_responder, working_responder
from hanaper.core.errors import Refusal
from hanaper.core.x509.algorithms import KeyAlgorithm
from hanaper.core.x509.certificates import Prepared, assemble, prepare_intermediate, prepare_root
from hanaper.core.x509.findings import Rulebook
from hanaper.core.x509.issuer import Issuer
from hanaper.core.x509.names import Subject, to_name
from hanaper.core.x509.requests import assemble_request, prepare_request
from hanaper.core.x509.serials import new_serial, serial_hex

# Clients whose clocks are a little behind ours must not find the chain not yet valid.
BACKDATED = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class AuthorityDraft:
    """What an authority is to be. `shards`: lists besides that of everything, 1 for none; `delta`: whether
    each has a delta; `list_days`: how long clients may keep a list; `reference`: the public id of what it is
    made for."""

    name: str
    subject: Subject | x509.Name
    algorithm: KeyAlgorithm
    not_after: datetime
    rulebook: Rulebook = Rulebook.PRIVATE
    keystore: str = "database"
    path_length: int | None = None
    name_constraints: x509.NameConstraints | None = None
    extended_key_usages: tuple[ObjectIdentifier, ...] = ()
    policies: tuple[str, ...] = ()
    shards: int = 1
    ocsp: bool = False
    delta: bool = False
    list_days: int = 7
    role: str | None = None
    reference: str = ""


@dataclass(frozen=True, slots=True)
class Drafted:
    """An authority that is not there yet: of its certificate everything is known but the signature."""

    draft: AuthorityDraft
    authority: Authority
    prepared: Prepared
    shape: str


def make_authority(draft: AuthorityDraft, parent: Authority | None, *, at: datetime) -> Authority:
    """Key, certificate and row in one go, where nobody relies on the root yet: the built-in CA, in the one
    transaction of its first start. A customer's is begun (`certifying.begin_authority`) before it is signed.
    """
    drafted = draft_authority(draft, parent, at=at)
    authority, prepared = drafted.authority, drafted.prepared
    signer = parent or authority
    signature = keystore(signer.keystore).sign(signer.key_id, prepared.signature_algorithm, prepared.tbs)
    authority.certificate = assemble(prepared, signature)
    return _found(drafted, at)


def draft_authority(draft: AuthorityDraft, parent: Authority | None, *, at: datetime) -> Drafted:
    """Make the key, and lint what is to be signed, which takes up to seconds: outside of any lock. A key that
    no authority came to have is swept away.

    Refused: `status_url_required`, `lint_failed`, and what the keystore cannot do.
    """
    refuse_without_address()
    store = keystore(draft.keystore)
    key_id = store.generate(draft.algorithm)
    authority = Authority(
        role=draft.role,
        name=draft.name,
        parent=parent,
        keystore=draft.keystore,
        key_id=key_id,
        algorithm=draft.algorithm,
        rulebook=draft.rulebook,
        shards=draft.shards,
        ocsp=draft.ocsp,
        delta=draft.delta,
        list_days=draft.list_days,
        status_url=settings.STATUS_URL,
        created_at=at,
        crl_due_at=at,  # its first list: whoever makes it puts it out, or the sweep does
    )
    prepared = _prepared(draft, parent, store.public_key(key_id), at)
    shape = lint(prepared, draft.rulebook)
    authority.not_before, authority.not_after = prepared.not_before, prepared.not_after
    return Drafted(draft, authority, prepared, shape)


def _found(drafted: Drafted, at: datetime) -> Authority:
    """The authority is there, in the caller's transaction; `come_out` publishes afterwards."""
    authority, prepared = drafted.authority, drafted.prepared
    authority.save()
    CaCertificate.objects.create(
        authority=authority,
        issuer=authority.parent or authority,
        serial=serial_hex(prepared.serial),
        der=authority.certificate,
        not_before=prepared.not_before,
        not_after=prepared.not_after,
        created_at=at,
    )
    if authority.parent is not None and authority.role is None:
        _record_under(authority.parent, drafted, at)
    return authority


def draft_outside(draft: AuthorityDraft, *, at: datetime) -> Authority:
    """Not saved: a new key and the request for its certificate, to be signed by a CA that is not here.
    Outside of any lock, like `draft_authority`."""
    refuse_without_address()
    key_id = keystore(draft.keystore).generate(draft.algorithm)
    authority = Authority(
        name=draft.name,
        keystore=draft.keystore,
        key_id=key_id,
        algorithm=draft.algorithm,
        rulebook=draft.rulebook,
        shards=draft.shards,
        ocsp=draft.ocsp,
        delta=draft.delta,
        list_days=draft.list_days,
        status_url=settings.STATUS_URL,
        outside=True,
        issuing=False,
        not_before=at,
        not_after=draft.not_after,
        created_at=at,
    )
    authority.request = request_for(authority, _name(draft), draft.path_length, draft.name_constraints)
    return authority


def request_for(
    authority: Authority,
    subject: x509.Name,
    path_length: int | None,
    name_constraints: x509.NameConstraints | None,
) -> bytes:
    """A request for a certificate of the authority's key (DER)."""
    store = keystore(authority.keystore)
    prepared = prepare_request(
        subject=subject,
        spki=store.public_key(authority.key_id),
        path_length=path_length,
        name_constraints=name_constraints,
    )
    return assemble_request(
        prepared, store.sign(authority.key_id, prepared.signature_algorithm, prepared.info)
    )


def come_out(authority: Authority, *, at: datetime) -> None:
    """Put out the certificate and the first list, and name a responder, after the commit; the sweep does it
    if nobody did."""
    write_certificate(authority)
    if authority.crl_number == 0:
        publish_soon(authority, at=at)
    if authority.ocsp and working_responder(authority.pk, at) is None:
        with suppress(KeystoreUnavailable):
            ensure_responder(authority, at=at)


def refuse_without_address() -> None:
    if settings.STATUS_URL.endswith(".invalid"):
        raise Refusal(
            "The address of CRLs and CA certificates must be set before the first CA key is made.",
            code="status_url_required",
            next_steps=["Set HANAPER_STATUS_URL to the http address at which clients will find them."],
        )


def _record_under(parent: Authority, drafted: Drafted, at: datetime) -> None:
    """An authority's own certificate is one that its parent issued: it can be revoked there."""
    authority, prepared = drafted.authority, drafted.prepared
    Issuance.objects.create(
        authority=parent,
        serial=serial_hex(prepared.serial),
        shard=parent.shard_of(prepared.serial),
        state=IssuanceState.SIGNED,
        key=f"authority:{authority.public_id}",
        reference=drafted.draft.reference,
        shape=drafted.shape,
        tbs=prepared.tbs,
        certificate=authority.certificate,
        not_before=prepared.not_before,
        not_after=prepared.not_after,
        prepared_at=at,
    )


def _name(draft: AuthorityDraft) -> x509.Name:
    return draft.subject if isinstance(draft.subject, x509.Name) else to_name(draft.subject)


def _prepared(draft: AuthorityDraft, parent: Authority | None, spki: bytes, at: datetime) -> Prepared:
    subject, serial = _name(draft), new_serial()
    not_before = at - BACKDATED
    if parent is None:
        return prepare_root(
            subject=subject,
            spki=spki,
            not_before=not_before,
            not_after=draft.not_after,
            serial=serial,
            path_length=draft.path_length,
            name_constraints=draft.name_constraints,
        )
    return prepare_intermediate(
        subject=subject,
        spki=spki,
        issuer=Issuer.of_certificate(bytes(parent.certificate or b"")),
        not_before=max(not_before, parent.not_before),
        not_after=draft.not_after,
        serial=serial,
        addresses=parent.addresses(parent.shard_of(serial)),
        path_length=draft.path_length,
        extended_key_usages=draft.extended_key_usages,
        policies=draft.policies,
        name_constraints=draft.name_constraints,
    )
