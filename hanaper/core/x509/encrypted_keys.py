"""Private keys under a passphrase: PKCS #8 (RFC 5958; PBES2 of RFC 8018) and PKCS #12 (RFC 7292).

`cryptography` writes both, but PKCS #8 and the integrity of a PKCS #12 file with 2,048 rounds, which it lets
nobody change; and a guess at the passphrase costs what the cheapest of them costs. So the ciphers are its,
and the few bytes around them are ours.
"""

import hashlib
import hmac
import secrets
from base64 import b64encode
from textwrap import wrap

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.kdf.pbkdf2 import PBKDF2HMAC
from cryptography.hazmat.primitives.padding import PKCS7
from cryptography.hazmat.primitives.serialization import PrivateFormat, pkcs12
from cryptography.x509 import Certificate

from hanaper.core.x509 import der

ROUNDS = 600_000  # of SHA-256: OWASP's password storage cheat sheet for PBKDF2
SALT, BLOCK, KEY = 16, 16, 32  # bytes; AES-256
INTEGER, OCTET_STRING = 0x02, 0x04
PBES2 = bytes.fromhex("06092a864886f70d01050d")  # 1.2.840.113549.1.5.13
PBKDF2 = bytes.fromhex("06092a864886f70d01050c")  # 1.2.840.113549.1.5.12
HMAC_SHA256 = bytes.fromhex("300c06082a864886f70d02090500")  # 1.2.840.113549.2.9, NULL
AES_256_CBC = bytes.fromhex("060960864801650304012a")  # 2.16.840.1.101.3.4.1.42
SHA256 = bytes.fromhex("300d06096086480165030402010500")  # 2.16.840.1.101.3.4.2.1, NULL

StoredKey = rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey | ed25519.Ed25519PrivateKey


class KeyEncryption:
    """For keys under one passphrase. It is stretched once however many they are: a guess at it costs the same
    for all of them. Each key has an initialization vector of its own."""

    def __init__(self, passphrase: str) -> None:
        self._salt = secrets.token_bytes(SALT)
        stretching = PBKDF2HMAC(hashes.SHA256(), KEY, self._salt, ROUNDS)
        self._key = stretching.derive(passphrase.encode())

    def pem(self, pkcs8: bytes) -> bytes:
        """`pkcs8` is a PrivateKeyInfo in DER; EncryptedPrivateKeyInfo as PEM."""
        start = secrets.token_bytes(BLOCK)
        padder, encryptor = PKCS7(BLOCK * 8).padder(), self._cipher(start).encryptor()
        padded = padder.update(pkcs8) + padder.finalize()
        hidden = encryptor.update(padded) + encryptor.finalize()
        return _pem(_sequence(self._algorithm(start), der.encode(OCTET_STRING, hidden)))

    def _cipher(self, start: bytes) -> Cipher[modes.CBC]:
        return Cipher(algorithms.AES(self._key), modes.CBC(start))

    def _algorithm(self, start: bytes) -> bytes:
        stretching = _sequence(der.encode(OCTET_STRING, self._salt), _integer(ROUNDS), HMAC_SHA256)
        cipher = _sequence(AES_256_CBC, der.encode(OCTET_STRING, start))
        return _sequence(PBES2, _sequence(_sequence(PBKDF2, stretching), cipher))


def encrypted_pem(pkcs8: bytes, passphrase: str) -> bytes:
    return KeyEncryption(passphrase).pem(pkcs8)


def encrypted_store(
    key: StoredKey, passphrase: str, name: str, leaf: Certificate, chain: list[Certificate]
) -> bytes:
    """Key, certificate and chain in one PKCS #12 file, as Windows and Java take it."""
    encryption = (
        PrivateFormat.PKCS12.encryption_builder()
        .kdf_rounds(ROUNDS)
        .key_cert_algorithm(pkcs12.PBES.PBESv2SHA256AndAES256CBC)
        .hmac_hash(hashes.SHA256())
        .build(passphrase.encode())
    )
    made = pkcs12.serialize_key_and_certificates(name.encode(), key, leaf, chain, encryption)
    return _with_dear_integrity(made, passphrase)


def _with_dear_integrity(store: bytes, passphrase: str) -> bytes:
    """PFX (RFC 7292 4) is version, authSafe, macData; the last one written anew, with as many rounds."""
    begin, _ = der.header(store)
    _, version_end = der.header(store, begin)
    safe_begin, safe_end = der.header(store, version_end)
    _, type_end = der.header(store, safe_begin)
    explicit_begin, _ = der.header(store, type_end)
    content_begin, content_end = der.header(store, explicit_begin)
    salt = secrets.token_bytes(SALT)
    key = _integrity_key(passphrase, salt)
    digest = hmac.digest(key, store[content_begin:content_end], "sha256")
    integrity = _sequence(
        _sequence(SHA256, der.encode(OCTET_STRING, digest)),
        der.encode(OCTET_STRING, salt),
        _integer(ROUNDS),
    )
    return _sequence(store[begin:safe_end], integrity)


def _integrity_key(passphrase: str, salt: bytes) -> bytes:
    """RFC 7292 B.2 with SHA-256, whose one block is the whole key: purpose 3, salt and BMPString, hashed."""
    text = passphrase.encode("utf-16-be") + b"\0\0"
    stretched = b"\3" * 64 + _filled(salt) + _filled(text)
    for _ in range(ROUNDS):
        stretched = hashlib.sha256(stretched).digest()
    return stretched


def _filled(part: bytes) -> bytes:
    """Repeated up to whole blocks of the hash."""
    length = -(-len(part) // 64) * 64
    return (part * (length // len(part) + 1))[:length]


def _pem(encrypted: bytes) -> bytes:
    lines = wrap(b64encode(encrypted).decode(), 64)  # RFC 7468 2
    label = "ENCRYPTED PRIVATE KEY"
    return "\n".join((f"-----BEGIN {label}-----", *lines, f"-----END {label}-----", "")).encode()


def _sequence(*parts: bytes) -> bytes:
    return der.encode(der.SEQUENCE, b"".join(parts))


def _integer(value: int) -> bytes:
    """Not negative: with a zero octet before a first one of 0x80 and more (X.690 8.3)."""
    return der.encode(INTEGER, value.to_bytes(value.bit_length() // 8 + 1, "big"))
