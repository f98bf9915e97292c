"""Requests for the status of certificates, read strictly: whoever wants may send any bytes.

Sources: RFC 6960 4.1; RFC 9654 (nonce).
"""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Annotated

from cryptography.hazmat import asn1
from cryptography.x509 import ObjectIdentifier
from cryptography.x509.oid import OCSPExtensionOID

from hanaper.core.x509 import der
from hanaper.core.x509.issuer import Issuer

LONGEST = 8_192  # octets of a request
MOST = 32  # certificates in one
LONGEST_NONCE = 128  # octets (RFC 9654 2.1)


class MalformedRequest(ValueError):
    """Not a request that RFC 6960 knows: answered with malformedRequest."""


class IdHash(StrEnum):
    """How a client hashes the issuer it asks about (RFC 6960 4.1.1); SHA-1 is what nearly all do, and
    nothing depends on its strength."""

    SHA1 = "sha1"
    SHA256 = "sha256"
    SHA384 = "sha384"
    SHA512 = "sha512"


@dataclass(frozen=True, slots=True)
class CertificateId:
    """One certificate that is asked about. `encoded` is the CertID as it came: an answer repeats it."""

    hash: IdHash
    issuer_name_hash: bytes
    issuer_key_hash: bytes
    serial: int
    encoded: bytes = field(repr=False)

    def is_of(self, issuer: Issuer) -> bool:
        """Whether `issuer` is the one who issued it."""
        return (self.issuer_name_hash, self.issuer_key_hash) == issuer_hashes(issuer, self.hash)


@dataclass(frozen=True, slots=True)
class OcspRequest:
    """What is asked, in order; `nonce` is the value to be given back (RFC 9654), None if there is none."""

    certificates: tuple[CertificateId, ...]
    nonce: bytes | None


@asn1.sequence
class _Algorithm:
    algorithm: ObjectIdentifier
    parameters: asn1.Null | None


@asn1.sequence
class _CertId:
    hash_algorithm: _Algorithm
    issuer_name_hash: bytes
    issuer_key_hash: bytes
    serial: int


@asn1.sequence
class _Extension:
    oid: ObjectIdentifier
    critical: Annotated[bool, asn1.Default(False)]
    value: bytes


@asn1.sequence
class _Anything:
    """[n] EXPLICIT of what is not looked at: its tag around one element is a sequence of one."""

    element: asn1.TLV


@asn1.sequence
class _Single:
    certificate: _CertId
    extensions: Annotated[list[_Extension] | None, asn1.Explicit(0)]


@asn1.sequence
class _ToBeSigned:
    version: Annotated[int, asn1.Explicit(0), asn1.Default(0)]
    requestor: Annotated[_Anything | None, asn1.Implicit(1)]
    requests: list[_Single]
    extensions: Annotated[list[_Extension] | None, asn1.Explicit(2)]


@asn1.sequence
class _Request:
    to_be_signed: _ToBeSigned
    signature: Annotated[_Anything | None, asn1.Implicit(0)]  # who asks makes no difference here


_HASHES = {
    "1.3.14.3.2.26": IdHash.SHA1,
    "2.16.840.1.101.3.4.2.1": IdHash.SHA256,
    "2.16.840.1.101.3.4.2.2": IdHash.SHA384,
    "2.16.840.1.101.3.4.2.3": IdHash.SHA512,
}


def read_request(encoded: bytes) -> OcspRequest:
    """The request in `encoded` (DER); raises MalformedRequest.

    Extensions that nobody here knows are passed over, unless they are critical (RFC 6960 4.4).
    """
    if len(encoded) > LONGEST:
        raise MalformedRequest("longer than any request")
    try:
        found = asn1.decode_der(_Request, encoded).to_be_signed
    except ValueError as error:
        raise MalformedRequest(str(error)) from error
    if found.version != 0:
        raise MalformedRequest("a version that is not known")
    if not 1 <= len(found.requests) <= MOST:
        raise MalformedRequest(f"between 1 and {MOST} certificates")
    for single in found.requests:
        _refuse_critical(single.extensions or ())
    extensions = found.extensions or ()
    _refuse_critical(one for one in extensions if one.oid != OCSPExtensionOID.NONCE)
    nonces = [_nonce(one.value) for one in extensions if one.oid == OCSPExtensionOID.NONCE]
    if len(nonces) > 1:
        raise MalformedRequest("more than one nonce")
    certificates = tuple(_certificate_id(single.certificate) for single in found.requests)
    return OcspRequest(certificates, nonces[0] if nonces else None)


def issuer_hashes(issuer: Issuer, using: IdHash) -> tuple[bytes, bytes]:
    """Of its name and of the bits of its key (RFC 6960 4.1.1)."""
    name = hashlib.new(using.value, issuer.name.public_bytes(), usedforsecurity=False)
    key = hashlib.new(using.value, der.key_bits(issuer.spki), usedforsecurity=False)
    return name.digest(), key.digest()


def certificate_id(issuer: Issuer, serial: int, using: IdHash = IdHash.SHA1) -> CertificateId:
    """How a client would ask about the certificate of `issuer` with that serial."""
    name, key = issuer_hashes(issuer, using)
    algorithm = next(oid for oid, one in _HASHES.items() if one is using)
    encoded = asn1.encode_der(
        _CertId(
            hash_algorithm=_Algorithm(algorithm=ObjectIdentifier(algorithm), parameters=asn1.Null()),
            issuer_name_hash=name,
            issuer_key_hash=key,
            serial=serial,
        )
    )
    return CertificateId(using, name, key, serial, encoded)


def _certificate_id(found: _CertId) -> CertificateId:
    using = _HASHES.get(found.hash_algorithm.algorithm.dotted_string)
    if using is None:
        raise MalformedRequest("the issuer is hashed in a way that is not known")
    return CertificateId(
        using, found.issuer_name_hash, found.issuer_key_hash, found.serial, asn1.encode_der(found)
    )


def _refuse_critical(extensions: Iterable[_Extension]) -> None:
    for one in extensions:
        if one.critical:
            raise MalformedRequest(f"the critical extension {one.oid.dotted_string} is not known")


def _nonce(value: bytes) -> bytes:
    """The value is an OCTET STRING inside the extension's own; it goes back as it came."""
    try:
        nonce = asn1.decode_der(bytes, value)
    except ValueError as error:
        raise MalformedRequest("the nonce cannot be read") from error
    if not 1 <= len(nonce) <= LONGEST_NONCE:
        raise MalformedRequest(f"a nonce has 1 to {LONGEST_NONCE} octets")
    return value
