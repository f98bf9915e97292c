"""The extensions of each kind of certificate, with the criticality that the rules give them.

Sources: Baseline Requirements 7.1.2.1 (root), 7.1.2.6 (TLS subordinate CA), 7.1.2.7 (subscriber);
RFC 5280 4.2.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from cryptography import x509
from cryptography.x509.oid import AuthorityInformationAccessOID, ExtendedKeyUsageOID

ANY_POLICY = "2.5.29.32.0"

SERVER_AUTH = ExtendedKeyUsageOID.SERVER_AUTH
CLIENT_AUTH = ExtendedKeyUsageOID.CLIENT_AUTH
OCSP_SIGNING = ExtendedKeyUsageOID.OCSP_SIGNING

Extensions = list[x509.Extension[Any]]


@dataclass(frozen=True, slots=True)
class StatusAddresses:
    """Where the status of a certificate is found; burnt into it, so they outlive any host's name.

    All are plain http: a client that checks TLS cannot need TLS for it (RFC 5280 section 8).
    """

    crl: str | None = None
    delta: str | None = None
    issuer_certificate: str | None = None
    ocsp: str | None = None


def _extension(value: Any, *, critical: bool = False) -> x509.Extension[Any]:
    return x509.Extension(value.oid, critical, value)


KEY_USAGES = (
    "digital_signature", "content_commitment", "key_encipherment", "data_encipherment", "key_agreement",
    "key_cert_sign", "crl_sign", "encipher_only", "decipher_only",
)  # fmt: skip


def _key_usage(names: Sequence[str]) -> x509.Extension[Any]:
    return _extension(x509.KeyUsage(**{name: name in names for name in KEY_USAGES}), critical=True)


_CA_KEY_USAGE = _key_usage(("key_cert_sign", "crl_sign"))
_NO_CA = _extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)


def _authority_key(identifier: bytes) -> x509.Extension[Any]:
    return _extension(x509.AuthorityKeyIdentifier(identifier, None, None))


def _subject_key(identifier: bytes) -> x509.Extension[Any]:
    return _extension(x509.SubjectKeyIdentifier(identifier))


def _policies(oids: Sequence[str]) -> Extensions:
    if not oids:
        return []
    informations = [x509.PolicyInformation(x509.ObjectIdentifier(oid), None) for oid in oids]
    return [_extension(x509.CertificatePolicies(informations))]


def _status(addresses: StatusAddresses) -> Extensions:
    found: Extensions = []
    if addresses.crl is not None:
        point = x509.DistributionPoint([x509.UniformResourceIdentifier(addresses.crl)], None, None, None)
        found.append(_extension(x509.CRLDistributionPoints([point])))
    if addresses.delta is not None:
        place = x509.DistributionPoint([x509.UniformResourceIdentifier(addresses.delta)], None, None, None)
        found.append(_extension(x509.FreshestCRL([place])))
    access = [
        x509.AccessDescription(method, x509.UniformResourceIdentifier(address))
        for method, address in (
            (AuthorityInformationAccessOID.OCSP, addresses.ocsp),
            (AuthorityInformationAccessOID.CA_ISSUERS, addresses.issuer_certificate),
        )
        if address is not None
    ]
    if access:
        found.append(_extension(x509.AuthorityInformationAccess(access)))
    return found


def _constraints(constraints: x509.NameConstraints | None) -> Extensions:
    return [] if constraints is None else [_extension(constraints, critical=True)]


def root_extensions(
    identifier: bytes, path_length: int | None = None, name_constraints: x509.NameConstraints | None = None
) -> Extensions:
    """A root's: no extended key usage, no policies, and no path length in public TLS (BR 7.1.2.1.2)."""
    return [
        _extension(x509.BasicConstraints(ca=True, path_length=path_length), critical=True),
        _CA_KEY_USAGE,
        _subject_key(identifier),
        _authority_key(identifier),
        *_constraints(name_constraints),
    ]


def requested_extensions(
    identifier: bytes, path_length: int | None, name_constraints: x509.NameConstraints | None
) -> Extensions:
    """What the request of a CA asks another CA for: all that does not depend on who signs it."""
    return [
        _extension(x509.BasicConstraints(ca=True, path_length=path_length), critical=True),
        _CA_KEY_USAGE,
        _subject_key(identifier),
        *_constraints(name_constraints),
    ]


def intermediate_extensions(
    identifier: bytes,
    issuer_identifier: bytes,
    addresses: StatusAddresses,
    *,
    path_length: int | None,
    extended_key_usages: Sequence[x509.ObjectIdentifier],
    policies: Sequence[str],
    name_constraints: x509.NameConstraints | None = None,
) -> Extensions:
    """A subordinate CA's (BR 7.1.2.6.1, 7.1.2.10)."""
    found = [
        _extension(x509.BasicConstraints(ca=True, path_length=path_length), critical=True),
        _CA_KEY_USAGE,
        _subject_key(identifier),
        _authority_key(issuer_identifier),
        *_policies(policies),
        *_constraints(name_constraints),
        *_status(addresses),
    ]
    if extended_key_usages:
        found.append(_extension(x509.ExtendedKeyUsage(list(extended_key_usages))))
    return found


def leaf_extensions(
    issuer_identifier: bytes,
    addresses: StatusAddresses,
    *,
    alternative_names: Sequence[x509.GeneralName],
    alternative_names_critical: bool,
    key_usages: Sequence[str],
    extended_key_usages: Sequence[x509.ObjectIdentifier],
    policies: Sequence[str],
    subject_identifier: bytes | None,
    no_check: bool = False,
) -> Extensions:
    """An end entity's (BR 7.1.2.7.6); a subject key identifier only if given, being NOT RECOMMENDED."""
    found = [
        _NO_CA,
        _key_usage(key_usages),
        _extension(x509.ExtendedKeyUsage(list(extended_key_usages))),
        _authority_key(issuer_identifier),
        *_policies(policies),
        *_status(addresses),
    ]
    if alternative_names:
        names = x509.SubjectAlternativeName(alternative_names)
        found.append(_extension(names, critical=alternative_names_critical))
    if subject_identifier is not None:
        found.append(_subject_key(subject_identifier))
    if no_check:
        found.append(_extension(x509.OCSPNoCheck()))
    return found
