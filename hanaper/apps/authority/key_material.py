"""Private keys as they are made and used in memory, by the database's keystore and for customers.

Whoever holds one keeps it sealed at rest and out of logs, rows and answers.
"""

from collections.abc import Callable

from cryptography.hazmat.primitives.asymmetric import ec, ed25519, mldsa, padding, rsa
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_der_private_key,
)

from hanaper.core.x509.algorithms import KeyAlgorithm, key_algorithm

PrivateKey = (
    rsa.RSAPrivateKey
    | ec.EllipticCurvePrivateKey
    | ed25519.Ed25519PrivateKey
    | mldsa.MLDSA44PrivateKey
    | mldsa.MLDSA65PrivateKey
    | mldsa.MLDSA87PrivateKey
)

_CURVES = {KeyAlgorithm.EC_P256: ec.SECP256R1, KeyAlgorithm.EC_P384: ec.SECP384R1}
_WHOLE: dict[KeyAlgorithm, Callable[[], PrivateKey]] = {
    KeyAlgorithm.ED25519: ed25519.Ed25519PrivateKey.generate,
    KeyAlgorithm.ML_DSA_44: mldsa.MLDSA44PrivateKey.generate,
    KeyAlgorithm.ML_DSA_65: mldsa.MLDSA65PrivateKey.generate,
    KeyAlgorithm.ML_DSA_87: mldsa.MLDSA87PrivateKey.generate,
}


def new_key(algorithm: KeyAlgorithm) -> PrivateKey:
    """RSA takes up to seconds."""
    if algorithm in _CURVES:
        return ec.generate_private_key(_CURVES[algorithm]())
    if algorithm in _WHOLE:
        return _WHOLE[algorithm]()
    size = int(algorithm.value.removeprefix("rsa-"))
    return rsa.generate_private_key(public_exponent=65537, key_size=size)


def to_pem(key: PrivateKey) -> str:
    """PKCS #8, in clear: a secret."""
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()


def to_der(key: PrivateKey) -> bytes:
    """PKCS #8, in clear: a secret."""
    return key.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())


def from_der(der: bytes) -> PrivateKey:
    """TypeError for a kind of key that is not made here."""
    key = load_der_private_key(der, password=None)
    if not isinstance(key, PrivateKey):
        raise TypeError("a kind of key that is not made here")
    return key


def sign(key: PrivateKey, message: bytes) -> bytes:
    """In X.509 form, by the one algorithm that this kind of key signs with (core.x509.algorithms)."""
    if isinstance(key, rsa.RSAPrivateKey):
        digest = key_algorithm(key.public_key()).signature.hash
        assert digest is not None  # noqa: S101 - RSA has one
        return key.sign(message, padding.PKCS1v15(), digest)
    if isinstance(key, ec.EllipticCurvePrivateKey):
        digest = key_algorithm(key.public_key()).signature.hash
        assert digest is not None  # noqa: S101 - both curves name one
        return key.sign(message, ec.ECDSA(digest))
    return key.sign(message)
