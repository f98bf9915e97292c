"""Certificates in two steps: everything is prepared and can be linted and stored, then it is signed.

    prepared = prepare_leaf(contents, ...)             no key needed; store prepared.tbs and the serial
    findings = lint_natively(prepared)                 on a copy that nobody trusts
    signature = keystore.sign(key_id, prepared.signature_algorithm, prepared.tbs)
    certificate = assemble(prepared, signature)        refuses a signature that does not verify

A crash between the steps is recovered from what was stored: `assemble_signed` needs the bytes, the
signature and the issuer's public key only.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from hanaper.core.x509 import der
from hanaper.core.x509.algorithms import SignatureAlgorithm, load_public_key, verifies
from hanaper.core.x509.extensions import (
    ANY_POLICY,
    SERVER_AUTH,
    Extensions,
    StatusAddresses,
    intermediate_extensions,
    leaf_extensions,
    root_extensions,
)
from hanaper.core.x509.issuer import Issuer, key_identifier
from hanaper.core.x509.lint_keys import lint_key
from hanaper.core.x509.serials import check_serial


class CertificateKind(StrEnum):
    ROOT = "root"
    INTERMEDIATE = "intermediate"
    LINK = "link"  # a root's key, certified by another key of the same root (RFC 4210 4.4)
    LEAF = "leaf"


class WrongSignature(Exception):
    """A keystore returned a signature that is not the issuer's over the prepared bytes."""


@dataclass(frozen=True, slots=True)
class LeafContents:
    """What an end-entity certificate says, apart from key, term and issuer.

    `key_usages` signs only, RSA too: RSA key exchange is gone from TLS 1.3, and BR 7.1.2.7.11 advises
    against both. `key_identifier` adds a subject key identifier, which public TLS advises against.
    """

    subject: x509.Name
    alternative_names: tuple[x509.GeneralName, ...]
    extended_key_usages: tuple[x509.ObjectIdentifier, ...] = (SERVER_AUTH,)
    key_usages: tuple[str, ...] = ("digital_signature",)
    policies: tuple[str, ...] = ()
    key_identifier: bool = False
    no_check: bool = False


@dataclass(frozen=True, slots=True)
class Prepared:
    """A certificate that only lacks its signature. `lint_copy` is the same, signed by a throw-away key."""

    kind: CertificateKind
    serial: int
    not_before: datetime
    not_after: datetime
    tbs: bytes = field(repr=False)
    lint_copy: bytes = field(repr=False)
    issuer_spki: bytes = field(repr=False)
    signature_algorithm: SignatureAlgorithm


def dns_names(names: Sequence[str]) -> tuple[x509.GeneralName, ...]:
    """Names in A-labels as alternative names."""
    return tuple(x509.DNSName(name) for name in names)


def names_in(der: bytes) -> list[str]:
    """The host names that a certificate is for; none if it has no subject alternative names."""
    try:
        extension = x509.load_der_x509_certificate(der).extensions.get_extension_for_class(
            x509.SubjectAlternativeName
        )
    except x509.ExtensionNotFound:
        return []
    return extension.value.get_values_for_type(x509.DNSName)


def prepare_root(
    *,
    subject: x509.Name,
    spki: bytes,
    not_before: datetime,
    not_after: datetime,
    serial: int,
    path_length: int | None = None,
    name_constraints: x509.NameConstraints | None = None,
) -> Prepared:
    """A self-signed root for the key `spki` (DER SubjectPublicKeyInfo); `path_length`: how many CAs may
    follow one another below it, None for any number, which alone is for public TLS (BR 7.1.2.1.4)."""
    _, algorithm = load_public_key(spki)
    return _prepare(
        CertificateKind.ROOT, subject, subject, spki, spki, algorithm.signature,
        not_before, not_after, serial, root_extensions(key_identifier(spki), path_length, name_constraints),
    )  # fmt: skip


def prepare_intermediate(
    *,
    subject: x509.Name,
    spki: bytes,
    issuer: Issuer,
    not_before: datetime,
    not_after: datetime,
    serial: int,
    addresses: StatusAddresses,
    path_length: int | None = 0,
    extended_key_usages: Sequence[x509.ObjectIdentifier] = (SERVER_AUTH,),
    policies: Sequence[str] = (ANY_POLICY,),
    name_constraints: x509.NameConstraints | None = None,
    link: bool = False,
) -> Prepared:
    """A CA under `issuer`; `path_length` 0 means that it issues to end entities only. `link`: subject and
    issuer are one root with two keys, so it is self-issued and not self-signed (RFC 5280 3.2)."""
    extensions = intermediate_extensions(
        key_identifier(spki),
        issuer.key_identifier,
        addresses,
        path_length=path_length,
        extended_key_usages=extended_key_usages,
        policies=policies,
        name_constraints=name_constraints,
    )
    kind = CertificateKind.LINK if link else CertificateKind.INTERMEDIATE
    return _prepare_under(issuer, kind, subject, spki, not_before, not_after, serial, extensions)


def prepare_leaf(
    contents: LeafContents,
    *,
    spki: bytes,
    issuer: Issuer,
    not_before: datetime,
    not_after: datetime,
    serial: int,
    addresses: StatusAddresses,
) -> Prepared:
    """An end-entity certificate for the key `spki` under `issuer`."""
    if not contents.alternative_names and not contents.subject.rdns:
        raise ValueError("an end-entity certificate names somebody or something")
    extensions = leaf_extensions(
        issuer.key_identifier,
        addresses,
        alternative_names=contents.alternative_names,
        # RFC 5280 4.2.1.6: critical exactly when the subject is empty.
        alternative_names_critical=not contents.subject.rdns,
        key_usages=contents.key_usages,
        extended_key_usages=contents.extended_key_usages,
        policies=contents.policies,
        subject_identifier=key_identifier(spki) if contents.key_identifier else None,
        no_check=contents.no_check,
    )
    return _prepare_under(
        issuer, CertificateKind.LEAF, contents.subject, spki, not_before, not_after, serial, extensions
    )


def _prepare_under(
    issuer: Issuer,
    kind: CertificateKind,
    subject: x509.Name,
    spki: bytes,
    not_before: datetime,
    not_after: datetime,
    serial: int,
    extensions: Extensions,
) -> Prepared:
    if not_after > issuer.not_after:
        raise ValueError("a certificate does not outlive its issuer")
    return _prepare(
        kind, subject, issuer.name, spki, issuer.spki, issuer.signature_algorithm,
        not_before, not_after, serial, extensions,
    )  # fmt: skip


def _prepare(
    kind: CertificateKind,
    subject: x509.Name,
    issuer_name: x509.Name,
    spki: bytes,
    issuer_spki: bytes,
    algorithm: SignatureAlgorithm,
    not_before: datetime,
    not_after: datetime,
    serial: int,
    extensions: Extensions,
) -> Prepared:
    not_before, not_after = whole_second(not_before), whole_second(not_after)
    if not_before >= not_after:
        raise ValueError("a certificate ends after it begins")
    check_serial(serial)
    key, _ = load_public_key(spki)
    # Given whole rather than built up, where the builder copies itself for each thing added; that way
    # it checks less (no serial, no order of times), so we do above.
    builder = x509.CertificateBuilder(
        issuer_name=issuer_name,
        subject_name=subject,
        public_key=key,
        serial_number=serial,
        not_valid_before=not_before.replace(tzinfo=None),
        not_valid_after=not_after.replace(tzinfo=None),
        extensions=extensions,
    )
    copy = builder.sign(lint_key(algorithm), algorithm.hash)
    return Prepared(
        kind=kind,
        serial=serial,
        not_before=not_before,
        not_after=not_after,
        tbs=copy.tbs_certificate_bytes,
        lint_copy=copy.public_bytes(Encoding.DER),
        issuer_spki=issuer_spki,
        signature_algorithm=algorithm,
    )


def whole_second(at: datetime) -> datetime:
    """`at` in UTC without fractions, which X.509 cannot hold; raises ValueError for a naive time."""
    if at.tzinfo is None:
        raise ValueError("a time needs its zone")
    return at.astimezone(UTC).replace(microsecond=0)


def unsigned(tbs: bytes) -> x509.Certificate:
    """What a TBSCertificate says, to be read: the signature is empty, and verifies nowhere."""
    return x509.load_der_x509_certificate(der.signed(tbs, der.inner_algorithm(tbs), b""))


def assemble(prepared: Prepared, signature: bytes) -> bytes:
    """The certificate in DER; raises WrongSignature unless the issuer's key made the signature."""
    return assemble_signed(prepared.tbs, signature, prepared.issuer_spki)


def assemble_signed(tbs: bytes, signature: bytes, issuer_spki: bytes) -> bytes:
    """Put a signature onto a TBSCertificate or TBSCertList, having checked it against the issuer's key."""
    if not verifies(issuer_spki, signature, tbs):
        raise WrongSignature("the signature is not the issuer's over what was prepared")
    return der.signed(tbs, der.inner_algorithm(tbs), signature)
