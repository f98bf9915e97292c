"""Kinds of keys, and the one signature algorithm that each kind signs with.

A keystore offers `sign(key_id, algorithm, tbs) -> signature`, where `algorithm` is a
SignatureAlgorithm's value and the signature is in X.509 form: DER for ECDSA, plain for the others.

Sources: Baseline Requirements 6.1.5 and 7.1.3 (RSA, ECDSA); RFC 8410 (Ed25519) and RFC 9881 (ML-DSA),
both for private CAs only.
"""

import hashlib
from enum import StrEnum

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, mldsa, padding, rsa
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    PublicFormat,
    load_der_public_key,
)

PublicKey = (
    rsa.RSAPublicKey
    | ec.EllipticCurvePublicKey
    | ed25519.Ed25519PublicKey
    | mldsa.MLDSA44PublicKey
    | mldsa.MLDSA65PublicKey
    | mldsa.MLDSA87PublicKey
)


class SignatureAlgorithm(StrEnum):
    """How bytes are signed; the value is what a keystore is told."""

    RSA_SHA256 = "rsa-pkcs1-sha256"
    ECDSA_SHA256 = "ecdsa-sha256"
    ECDSA_SHA384 = "ecdsa-sha384"
    ED25519 = "ed25519"
    ML_DSA_44 = "ml-dsa-44"
    ML_DSA_65 = "ml-dsa-65"
    ML_DSA_87 = "ml-dsa-87"

    @property
    def hash(self) -> hashes.SHA256 | hashes.SHA384 | None:
        """The hash that `cryptography` is told when it signs; None where the algorithm has its own."""
        if self in (SignatureAlgorithm.RSA_SHA256, SignatureAlgorithm.ECDSA_SHA256):
            return hashes.SHA256()
        return hashes.SHA384() if self is SignatureAlgorithm.ECDSA_SHA384 else None


class KeyAlgorithm(StrEnum):
    """What kind of key, of which size. Ed25519 and ML-DSA are for private CAs: public TLS permits neither."""

    RSA_2048 = "rsa-2048"
    RSA_3072 = "rsa-3072"
    RSA_4096 = "rsa-4096"
    EC_P256 = "ec-p256"
    EC_P384 = "ec-p384"
    ED25519 = "ed25519"
    ML_DSA_44 = "ml-dsa-44"
    ML_DSA_65 = "ml-dsa-65"
    ML_DSA_87 = "ml-dsa-87"

    @property
    def is_rsa(self) -> bool:
        return self in (KeyAlgorithm.RSA_2048, KeyAlgorithm.RSA_3072, KeyAlgorithm.RSA_4096)

    @property
    def publicly_trusted(self) -> bool:
        """Whether the Baseline Requirements (6.1.5) let a publicly trusted certificate hold it."""
        return self.is_rsa or self in (KeyAlgorithm.EC_P256, KeyAlgorithm.EC_P384)

    @property
    def signature(self) -> SignatureAlgorithm:
        """What a key of this kind signs with: the curve decides the hash (BR 7.1.3.2.2)."""
        if self.is_rsa:
            return SignatureAlgorithm.RSA_SHA256
        if self is KeyAlgorithm.EC_P256:
            return SignatureAlgorithm.ECDSA_SHA256
        if self is KeyAlgorithm.EC_P384:
            return SignatureAlgorithm.ECDSA_SHA384
        return SignatureAlgorithm(self.value)


class UnsupportedKey(ValueError):
    """A public key of a kind or size that nothing here is built for."""


_RSA_BY_SIZE = {2048: KeyAlgorithm.RSA_2048, 3072: KeyAlgorithm.RSA_3072, 4096: KeyAlgorithm.RSA_4096}
_EC_BY_CURVE = {"secp256r1": KeyAlgorithm.EC_P256, "secp384r1": KeyAlgorithm.EC_P384}
_BY_KIND = {
    ed25519.Ed25519PublicKey: KeyAlgorithm.ED25519,
    mldsa.MLDSA44PublicKey: KeyAlgorithm.ML_DSA_44,
    mldsa.MLDSA65PublicKey: KeyAlgorithm.ML_DSA_65,
    mldsa.MLDSA87PublicKey: KeyAlgorithm.ML_DSA_87,
}


def key_algorithm(key: object) -> KeyAlgorithm:
    """Which KeyAlgorithm a public key object is; raises UnsupportedKey for every other."""
    found: KeyAlgorithm | None = None
    if isinstance(key, rsa.RSAPublicKey):
        found = _RSA_BY_SIZE.get(key.key_size)
    elif isinstance(key, ec.EllipticCurvePublicKey):
        found = _EC_BY_CURVE.get(key.curve.name)
    else:
        found = next((each for kind, each in _BY_KIND.items() if isinstance(key, kind)), None)
    if found is None:
        raise UnsupportedKey(f"no certificate is made for this kind of key: {type(key).__name__}")
    return found


def load_public_key(spki: bytes) -> tuple[PublicKey, KeyAlgorithm]:
    """The key in a DER SubjectPublicKeyInfo and its kind; raises UnsupportedKey for any other."""
    try:
        key = load_der_public_key(spki)
    except (ValueError, UnsupportedAlgorithm) as error:
        raise UnsupportedKey("not a public key that can be read") from error
    algorithm = key_algorithm(key)
    assert isinstance(key, PublicKey)  # noqa: S101 - narrows what key_algorithm has established
    return key, algorithm


def spki_of(key: PublicKey) -> bytes:
    """A key's SubjectPublicKeyInfo in DER, in the one form this library writes it."""
    return key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)


def key_fingerprint(spki: bytes) -> str:
    """By which a public key is known: SHA-256 of its SubjectPublicKeyInfo, hex."""
    return hashlib.sha256(spki).hexdigest()


def verifies(spki: bytes, signature: bytes, message: bytes) -> bool:
    """Whether `signature` over `message` was made with the private half of `spki`.

    The algorithm is the one that the key's kind signs with, never one that the signature claims.
    """
    key, algorithm = load_public_key(spki)
    try:
        if isinstance(key, rsa.RSAPublicKey):
            key.verify(signature, message, padding.PKCS1v15(), hashes.SHA256())
        elif isinstance(key, ec.EllipticCurvePublicKey):
            hash_algorithm = algorithm.signature.hash
            assert hash_algorithm is not None  # noqa: S101 - both curves name one
            key.verify(signature, message, ec.ECDSA(hash_algorithm))
        else:
            key.verify(signature, message)
    except InvalidSignature:
        return False
    return True
