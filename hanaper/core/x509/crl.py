"""Certificate revocation lists in two steps, like certificates: prepared, then signed.

Sources: RFC 5280 section 5; Baseline Requirements 4.9.7 (how often) and 7.2 (what is in them).
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from hanaper.core.x509.algorithms import SignatureAlgorithm
from hanaper.core.x509.certificates import assemble_signed, whole_second
from hanaper.core.x509.issuer import Issuer
from hanaper.core.x509.lint_keys import lint_key
from hanaper.core.x509.serials import check_serial


class RevocationReason(StrEnum):
    """Why a certificate was revoked (RFC 5280 5.3.1), named as the standard names it.

    certificateHold is missing on purpose: a revocation cannot be undone (R12, BR 4.9.13).
    """

    UNSPECIFIED = "unspecified"
    KEY_COMPROMISE = "keyCompromise"
    CA_COMPROMISE = "cACompromise"
    AFFILIATION_CHANGED = "affiliationChanged"
    SUPERSEDED = "superseded"
    CESSATION_OF_OPERATION = "cessationOfOperation"
    PRIVILEGE_WITHDRAWN = "privilegeWithdrawn"

    @property
    def code(self) -> int:
        """The number in the CRL, as ACME (RFC 8555 7.6) and `openssl` use it."""
        return _CODES[self]

    @classmethod
    def of_code(cls, code: int) -> "RevocationReason":
        """The reason with that number; raises ValueError for one that is not used here."""
        for reason, number in _CODES.items():
            if number == code:
                return reason
        raise ValueError(f"no revocation reason that can be given has the code {code}")


_CODES = {
    RevocationReason.UNSPECIFIED: 0,
    RevocationReason.KEY_COMPROMISE: 1,
    RevocationReason.CA_COMPROMISE: 2,
    RevocationReason.AFFILIATION_CHANGED: 3,
    RevocationReason.SUPERSEDED: 4,
    RevocationReason.CESSATION_OF_OPERATION: 5,
    RevocationReason.PRIVILEGE_WITHDRAWN: 9,
}

# RFC 5280 5.3.1: the code unspecified is said by leaving the extension out.
_REASON_EXTENSIONS: dict[RevocationReason, list[x509.Extension[Any]]] = {
    reason: []
    if reason is RevocationReason.UNSPECIFIED
    else [x509.Extension(x509.CRLReason.oid, False, x509.CRLReason(x509.ReasonFlags(reason.value)))]
    for reason in RevocationReason
}


class CrlScope(StrEnum):
    """Which certificates a list speaks of; anything but `all` is said in a critical extension."""

    ALL = "all"
    USER_CERTIFICATES = "user_certificates"
    CA_CERTIFICATES = "ca_certificates"


@dataclass(frozen=True, slots=True)
class RevokedEntry:
    """One revoked certificate: serial number, when, why."""

    serial: int
    revoked_at: datetime
    reason: RevocationReason = RevocationReason.UNSPECIFIED


@dataclass(frozen=True, slots=True)
class PreparedCrl:
    """A list that only lacks its signature."""

    number: int
    entries: int
    this_update: datetime
    next_update: datetime
    tbs: bytes = field(repr=False)
    lint_copy: bytes = field(repr=False)
    issuer_spki: bytes = field(repr=False)
    signature_algorithm: SignatureAlgorithm


def prepare_crl(
    issuer: Issuer,
    *,
    number: int,
    this_update: datetime,
    next_update: datetime,
    entries: Iterable[RevokedEntry],
    scope: CrlScope = CrlScope.ALL,
    distribution_point: str | None = None,
) -> PreparedCrl:
    """A complete CRL of `issuer`.

    `number` only ever grows (RFC 5280 5.2.3). `distribution_point` is the address in the certificates
    that this list is for; it is needed as soon as an issuer publishes more than one list, so that one
    cannot be passed off for another (5.2.5). Leave it out of a root's list: the root's own certificate
    names no address, and a client that checks it too (`openssl verify -crl_check_all`) finds no list
    for it then. Half a million entries take about four seconds and 350 MB.
    """
    this_update, next_update = whole_second(this_update), whole_second(next_update)
    if this_update >= next_update:
        raise ValueError("the next list comes after this one")
    if not 0 <= number < 1 << 159:
        raise ValueError("a CRL number is not negative and fits 20 octets")
    revoked = [_revoked(entry) for entry in entries]
    algorithm = issuer.signature_algorithm
    copy = x509.CertificateRevocationListBuilder(
        issuer_name=issuer.name,
        last_update=this_update.replace(tzinfo=None),
        next_update=next_update.replace(tzinfo=None),
        extensions=_extensions(issuer, number, scope, distribution_point),
        revoked_certificates=revoked,
    ).sign(lint_key(algorithm), algorithm.hash)
    return PreparedCrl(
        number=number,
        entries=len(revoked),
        this_update=this_update,
        next_update=next_update,
        tbs=copy.tbs_certlist_bytes,
        lint_copy=copy.public_bytes(Encoding.DER),
        issuer_spki=issuer.spki,
        signature_algorithm=algorithm,
    )


def _revoked(entry: RevokedEntry) -> x509.RevokedCertificate:
    check_serial(entry.serial)
    # Built whole for speed: the builder's methods copy it for each thing added.
    return x509.RevokedCertificateBuilder(
        entry.serial,
        whole_second(entry.revoked_at).replace(tzinfo=None),
        _REASON_EXTENSIONS[entry.reason],
    ).build()


def _extensions(
    issuer: Issuer, number: int, scope: CrlScope, distribution_point: str | None
) -> list[x509.Extension[Any]]:
    found: list[x509.Extension[Any]] = [
        x509.Extension(
            x509.AuthorityKeyIdentifier.oid,
            False,
            x509.AuthorityKeyIdentifier(issuer.key_identifier, None, None),
        ),
        x509.Extension(x509.CRLNumber.oid, False, x509.CRLNumber(number)),
    ]
    if distribution_point is not None or scope is not CrlScope.ALL:
        point = x509.IssuingDistributionPoint(
            full_name=[x509.UniformResourceIdentifier(distribution_point)]
            if distribution_point is not None
            else None,
            relative_name=None,
            only_contains_user_certs=scope is CrlScope.USER_CERTIFICATES,
            only_contains_ca_certs=scope is CrlScope.CA_CERTIFICATES,
            only_some_reasons=None,
            indirect_crl=False,
            only_contains_attribute_certs=False,
        )
        found.append(x509.Extension(x509.IssuingDistributionPoint.oid, True, point))
    return found


def assemble_crl(prepared: PreparedCrl, signature: bytes) -> bytes:
    """The list in DER; raises WrongSignature unless the issuer's key made the signature."""
    return assemble_signed(prepared.tbs, signature, prepared.issuer_spki)
