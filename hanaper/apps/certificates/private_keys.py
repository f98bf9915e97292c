"""Private keys that are generated here for a customer: made, and given out. They are kept sealed.

The purpose under which a key is sealed binds it to this use.
"""

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_der_private_key,
    pkcs12,
)
from cryptography.x509 import Certificate

from hanaper.core.x509.algorithms import KeyAlgorithm, spki_of

PURPOSE = "certificates.private_key"
DEFAULT = KeyAlgorithm.EC_P256
GENERATED = (
    KeyAlgorithm.EC_P256,
    KeyAlgorithm.EC_P384,
    KeyAlgorithm.RSA_2048,
    KeyAlgorithm.RSA_3072,
    KeyAlgorithm.RSA_4096,
)
_CURVES = {KeyAlgorithm.EC_P256: ec.SECP256R1, KeyAlgorithm.EC_P384: ec.SECP384R1}
_SIZES = {KeyAlgorithm.RSA_2048: 2048, KeyAlgorithm.RSA_3072: 3072, KeyAlgorithm.RSA_4096: 4096}

PrivateKey = rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey


def generate(algorithm: KeyAlgorithm) -> tuple[bytes, bytes]:
    """A new key: PKCS #8 in DER (a secret), and its SubjectPublicKeyInfo. RSA takes up to seconds."""
    key: PrivateKey
    if algorithm in _CURVES:
        key = ec.generate_private_key(_CURVES[algorithm]())
    else:
        key = rsa.generate_private_key(public_exponent=65537, key_size=_SIZES[algorithm])
    der = key.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())
    return der, spki_of(key.public_key())


def to_pem(der: bytes, passphrase: str | None) -> str:
    """PKCS #8 as PEM, in clear without a passphrase."""
    encryption = BestAvailableEncryption(passphrase.encode()) if passphrase else NoEncryption()
    return _load(der).private_bytes(Encoding.PEM, PrivateFormat.PKCS8, encryption).decode()


def to_pkcs12(der: bytes, passphrase: str, name: str, leaf: Certificate, chain: list[Certificate]) -> bytes:
    """Key, certificate and chain in one PKCS #12 file, as Windows and Java take it (AES-256, PBKDF2)."""
    encryption = (
        PrivateFormat.PKCS12.encryption_builder()
        .kdf_rounds(100_000)
        .key_cert_algorithm(pkcs12.PBES.PBESv2SHA256AndAES256CBC)
        .hmac_hash(hashes.SHA256())
        .build(passphrase.encode())
    )
    return pkcs12.serialize_key_and_certificates(name.encode(), _load(der), leaf, chain, encryption)


def _load(der: bytes) -> PrivateKey:
    key = load_der_private_key(der, password=None)
    if not isinstance(key, rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey):
        raise TypeError("only keys generated here are kept")
    return key
