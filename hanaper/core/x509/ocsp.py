"""Answers about the status of certificates, in two steps like everything that is signed here.

Sources: RFC 6960 4.2; RFC 9919 (what answers look like that many will ask for, and how long they keep).
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import IntEnum

from cryptography import x509
from cryptography.hazmat import asn1
from cryptography.x509.oid import ObjectIdentifier, OCSPExtensionOID, SignatureAlgorithmOID

from hanaper.core.x509 import der
from hanaper.core.x509.algorithms import SignatureAlgorithm, load_public_key, spki_of, verifies
from hanaper.core.x509.certificates import WrongSignature, whole_second
from hanaper.core.x509.crl import RevocationReason
from hanaper.core.x509.issuer import Issuer
from hanaper.core.x509.ocsp_requests import CertificateId


class OcspError(IntEnum):
    """Why there is no answer (RFC 6960 4.2.1): such a response is not signed."""

    MALFORMED_REQUEST = 1
    INTERNAL_ERROR = 2
    TRY_LATER = 3
    UNAUTHORIZED = 6


@dataclass(frozen=True, slots=True)
class Status:
    """Known or not; revoked if there is a time. Good is what is known and not revoked (RFC 6960 2.2)."""

    known: bool
    revoked_at: datetime | None = None
    reason: RevocationReason | None = None


GOOD, UNKNOWN = Status(known=True), Status(known=False)


@dataclass(frozen=True, slots=True)
class Signatory:
    """Who signs answers: the issuer itself, or whom it has named. `certificate` goes along in the answer
    and is empty for the issuer, whose own every client has."""

    spki: bytes
    signature_algorithm: SignatureAlgorithm
    certificate: bytes = field(default=b"", repr=False)

    @classmethod
    def issuer(cls, issuer: Issuer) -> "Signatory":
        return cls(issuer.spki, issuer.signature_algorithm)

    @classmethod
    def responder(cls, certificate: bytes) -> "Signatory":
        """Whom an issuer has named by that certificate (RFC 6960 4.2.2.2)."""
        spki = spki_of(x509.load_der_x509_certificate(certificate).public_key())  # type: ignore[arg-type]
        return cls(spki, load_public_key(spki)[1].signature, certificate)


@dataclass(frozen=True, slots=True)
class PreparedAnswer:
    """An answer that only lacks its signature over `tbs`."""

    tbs: bytes = field(repr=False)
    signatory: Signatory
    this_update: datetime
    next_update: datetime


_OIDS = {
    SignatureAlgorithm.RSA_SHA256: SignatureAlgorithmOID.RSA_WITH_SHA256,
    SignatureAlgorithm.ECDSA_SHA256: SignatureAlgorithmOID.ECDSA_WITH_SHA256,
    SignatureAlgorithm.ECDSA_SHA384: SignatureAlgorithmOID.ECDSA_WITH_SHA384,
    SignatureAlgorithm.ED25519: SignatureAlgorithmOID.ED25519,
    SignatureAlgorithm.ML_DSA_44: SignatureAlgorithmOID.ML_DSA_44,
    SignatureAlgorithm.ML_DSA_65: SignatureAlgorithmOID.ML_DSA_65,
    SignatureAlgorithm.ML_DSA_87: SignatureAlgorithmOID.ML_DSA_87,
}
_NULL = b"\x05\x00"


def _oid(identifier: ObjectIdentifier) -> bytes:
    return asn1.encode_der(identifier)


# RFC 8017 A.2.4 wants the parameters of RSA to be NULL, the others have none (RFC 5758, 8410, 9881).
_ALGORITHMS = {
    algorithm: der.encode(
        der.SEQUENCE, _oid(oid) + (_NULL if algorithm is SignatureAlgorithm.RSA_SHA256 else b"")
    )
    for algorithm, oid in _OIDS.items()
}
_BASIC = _oid(ObjectIdentifier("1.3.6.1.5.5.7.48.1.1"))
_NONCE = _oid(OCSPExtensionOID.NONCE)
_OCTETS, _ENUMERATED, _TIME = 0x04, 0x0A, 0x18
_SUCCESSFUL = der.encode(_ENUMERATED, b"\x00")


def prepare_answer(
    signatory: Signatory,
    answers: Sequence[tuple[CertificateId, Status]],
    *,
    this_update: datetime,
    next_update: datetime,
    nonce: bytes | None = None,
) -> PreparedAnswer:
    """What is to be signed: one status for each certificate that was asked about, in order.

    `nonce`: as the request gave it (`OcspRequest.nonce`).
    """
    this_update, next_update = whole_second(this_update), whole_second(next_update)
    if not answers or this_update >= next_update:
        raise ValueError("an answer is about something and holds for a while")
    known_by = hashlib.sha1(der.key_bits(signatory.spki), usedforsecurity=False).digest()
    produced, until = _time(this_update), der.encode(0xA0, _time(next_update))
    singles = [
        der.encode(der.SEQUENCE, certificate.encoded + _status(status) + produced + until)
        for certificate, status in answers
    ]
    parts = [
        der.encode(0xA2, der.encode(_OCTETS, known_by)),
        produced,
        der.encode(der.SEQUENCE, b"".join(singles)),
    ]
    if nonce is not None:
        extension = der.encode(der.SEQUENCE, _NONCE + der.encode(_OCTETS, nonce))
        parts.append(der.encode(0xA1, der.encode(der.SEQUENCE, extension)))
    tbs = der.encode(der.SEQUENCE, b"".join(parts))
    return PreparedAnswer(tbs, signatory, this_update, next_update)


def assemble_answer(prepared: PreparedAnswer, signature: bytes) -> bytes:
    """The response in DER; raises WrongSignature unless the signatory's key made the signature."""
    if not verifies(prepared.signatory.spki, signature, prepared.tbs):
        raise WrongSignature("the signature is not the responder's over what was prepared")
    return _assembled(prepared, signature)


def unsigned(prepared: PreparedAnswer) -> bytes:
    """The response with an empty signature, for linters to read."""
    return _assembled(prepared, b"")


def _assembled(prepared: PreparedAnswer, signature: bytes) -> bytes:
    signatory = prepared.signatory
    basic = prepared.tbs + _ALGORITHMS[signatory.signature_algorithm] + der.bit_string(signature)
    if signatory.certificate:
        basic += der.encode(0xA0, der.encode(der.SEQUENCE, signatory.certificate))
    content = _BASIC + der.encode(_OCTETS, der.encode(der.SEQUENCE, basic))
    whole = der.encode(0xA0, der.encode(der.SEQUENCE, content))
    return der.encode(der.SEQUENCE, _SUCCESSFUL + whole)


def error_response(error: OcspError) -> bytes:
    """A response that says why there is no answer."""
    return der.encode(der.SEQUENCE, der.encode(_ENUMERATED, bytes((error,))))


def _status(status: Status) -> bytes:
    if not status.known:
        return b"\x82\x00"
    if status.revoked_at is None:
        return b"\x80\x00"
    revoked = _time(whole_second(status.revoked_at))
    # Unspecified is said by leaving it out, as in a CRL.
    if status.reason not in (None, RevocationReason.UNSPECIFIED):
        revoked += der.encode(0xA0, der.encode(_ENUMERATED, bytes((status.reason.code,))))
    return der.encode(0xA1, revoked)


def _time(at: datetime) -> bytes:
    """GeneralizedTime, always (RFC 6960 4.2.2.1), without fractions (RFC 5280 4.1.2.5.2)."""
    return der.encode(_TIME, f"{at:%Y%m%d%H%M%SZ}".encode())
