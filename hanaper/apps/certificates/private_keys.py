"""Private keys that are generated here for a customer: made, and given out. They are kept sealed.

The purpose under which a key is sealed binds it to this use.
"""

from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509 import Certificate

from hanaper.apps.authority import key_material
from hanaper.core.x509.algorithms import KeyAlgorithm, spki_of
from hanaper.core.x509.encrypted_keys import encrypted_pem, encrypted_store

PURPOSE = "certificates.private_key"
DEFAULT = KeyAlgorithm.EC_P256
GENERATED = (
    KeyAlgorithm.EC_P256,
    KeyAlgorithm.EC_P384,
    KeyAlgorithm.RSA_2048,
    KeyAlgorithm.RSA_3072,
    KeyAlgorithm.RSA_4096,
)

PrivateKey = rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey  # what PKCS #12 can hold


def generate(algorithm: KeyAlgorithm) -> tuple[bytes, bytes]:
    """A new key: PKCS #8 in DER (a secret), and its SubjectPublicKeyInfo. RSA takes up to seconds."""
    key = key_material.new_key(algorithm)
    return key_material.to_der(key), spki_of(key.public_key())


def to_pem(der: bytes, passphrase: str | None) -> str:
    """PKCS #8 as PEM, in clear without a passphrase."""
    if passphrase:
        return encrypted_pem(der, passphrase).decode()
    return _load(der).private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()


def to_pkcs12(der: bytes, passphrase: str, name: str, leaf: Certificate, chain: list[Certificate]) -> bytes:
    """Key, certificate and chain in one PKCS #12 file."""
    return encrypted_store(_load(der), passphrase, name, leaf, chain)


def _load(der: bytes) -> PrivateKey:
    key = key_material.from_der(der)
    if not isinstance(key, rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey):
        raise TypeError("only keys generated here are kept")
    return key
