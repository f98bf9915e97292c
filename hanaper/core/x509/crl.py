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

from hanaper.core.x509 import der
from hanaper.core.x509.algorithms import SignatureAlgorithm
from hanaper.core.x509.certificates import assemble_signed, whole_second
from hanaper.core.x509.crl_entries import RevokedEntry, encode_entries
from hanaper.core.x509.issuer import Issuer
from hanaper.core.x509.lint_keys import lint_key
from hanaper.core.x509.reasons import RevocationReason

_EXTENSIONS = 0xA0  # [0], the last element of a TBSCertList

__all__ = [
    "CrlScope",
    "PreparedCrl",
    "RevocationReason",
    "RevokedEntry",
    "assemble_crl",
    "prepare_crl",
]


class CrlScope(StrEnum):
    """Which certificates a list speaks of; anything but `all` is said in a critical extension."""

    ALL = "all"
    USER_CERTIFICATES = "user_certificates"
    CA_CERTIFICATES = "ca_certificates"


@dataclass(frozen=True, slots=True)
class PreparedCrl:
    """A list that only lacks its signature. `base`: of a delta list, the number of what it adds to."""

    number: int
    base: int | None
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
    base: int | None = None,
    freshest: str | None = None,
) -> PreparedCrl:
    """A complete CRL of `issuer`, or with `base` a delta of what changed since the list with that number.

    `number` only ever grows (RFC 5280 5.2.3). `distribution_point` is the address in the certificates
    that this list is for; one for a part of the certificates needs it, so that it cannot be passed off for
    another's (5.2.5); it is the same in a list and its deltas (5.2.4). Leave it out of a list of everything:
    NSS refuses it as a critical extension it does not know, and a root's own certificate names no address
    (`openssl verify -crl_check_all` finds no list for it then). `freshest` is the address of a complete
    list's deltas (5.2.6). Half a million entries take about two seconds.
    """
    this_update, next_update = whole_second(this_update), whole_second(next_update)
    if this_update >= next_update:
        raise ValueError("the next list comes after this one")
    if not 0 <= number < 1 << 159:
        raise ValueError("a CRL number is not negative and fits 20 octets")
    if base is not None and (not 0 <= base <= number or freshest is not None):
        raise ValueError("a delta adds to a list that is not newer, and names no delta itself")
    algorithm = issuer.signature_algorithm
    # The builder writes everything but the entries, of which it makes an object each.
    empty = x509.CertificateRevocationListBuilder(
        issuer_name=issuer.name,
        last_update=this_update.replace(tzinfo=None),
        next_update=next_update.replace(tzinfo=None),
        extensions=_extensions(issuer, number, scope, distribution_point, base, freshest),
    ).sign(lint_key(algorithm), algorithm.hash)
    encoded = encode_entries(entries, this_update)
    tbs = _with_entries(empty.tbs_certlist_bytes, encoded)
    whole = empty.public_bytes(Encoding.DER)
    return PreparedCrl(
        number=number,
        base=base,
        entries=len(encoded),
        this_update=this_update,
        next_update=next_update,
        tbs=tbs,
        lint_copy=der.signed(tbs, der.inner_algorithm(tbs), empty.signature) if encoded else whole,
        issuer_spki=issuer.spki,
        signature_algorithm=algorithm,
    )


def _with_entries(tbs: bytes, encoded: list[bytes]) -> bytes:
    """A TBSCertList with its revokedCertificates, which stand before the extensions (RFC 5280 5.1)."""
    if not encoded:  # absent, not empty (5.1.2.6)
        return tbs
    at, end = der.header(tbs)
    begin = at
    while tbs[at] != _EXTENSIONS:
        _, at = der.header(tbs, at)
    entries = der.encode(der.SEQUENCE, b"".join(encoded))
    return der.encode(der.SEQUENCE, tbs[begin:at] + entries + tbs[at:end])


def _extensions(
    issuer: Issuer,
    number: int,
    scope: CrlScope,
    distribution_point: str | None,
    base: int | None,
    freshest: str | None,
) -> list[x509.Extension[Any]]:
    found: list[x509.Extension[Any]] = [
        x509.Extension(
            x509.AuthorityKeyIdentifier.oid,
            False,
            x509.AuthorityKeyIdentifier(issuer.key_identifier, None, None),
        ),
        x509.Extension(x509.CRLNumber.oid, False, x509.CRLNumber(number)),
    ]
    if base is not None:
        found.append(x509.Extension(x509.DeltaCRLIndicator.oid, True, x509.DeltaCRLIndicator(base)))
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
    if freshest is not None:
        place = x509.DistributionPoint([x509.UniformResourceIdentifier(freshest)], None, None, None)
        found.append(x509.Extension(x509.FreshestCRL.oid, False, x509.FreshestCRL([place])))
    return found


def assemble_crl(prepared: PreparedCrl, signature: bytes) -> bytes:
    """The list in DER; raises WrongSignature unless the issuer's key made the signature."""
    return assemble_signed(prepared.tbs, signature, prepared.issuer_spki)
