"""A Java key store in the format of before Java 9 ("JKS"), with one key and its chain.

The format is that of OpenJDK's `sun.security.provider.JavaKeyStore` and `KeyProtector`. Nobody maintains a
library that writes it. It protects keys with SHA-1 alone, without a single round of stretching: whoever can
read PKCS #12, which is every Java since 8, should be given that.
"""

import hashlib
import secrets
from collections.abc import Sequence
from datetime import datetime

from hanaper.core.x509 import der

MAGIC, VERSION, PRIVATE_KEY = 0xFEEDFEED, 2, 1
WHITENER = b"Mighty Aphrodite"  # before what the digest of the whole is made of
SALT = 20  # bytes, as long as a SHA-1
# 1.3.6.1.4.1.42.2.17.1.1, the key protector of JavaSoft, with NULL as its parameters
PROTECTOR = bytes.fromhex("300e060a2b060104012a021101010500")
OCTET_STRING = 0x04


def java_keystore(
    alias: str, key: bytes, chain: Sequence[bytes], *, passphrase: str, created_at: datetime
) -> bytes:
    """`key` is PKCS #8, `chain` X.509 from the leaf up, all in DER; one passphrase for store and key."""
    secret = passphrase.encode("utf-16-be")
    entry = [
        _number(PRIVATE_KEY, 4),
        _text(alias),
        _number(int(created_at.timestamp() * 1000), 8),
        _bytes(_protected(key, secret)),
        _number(len(chain), 4),
        *(_text("X.509") + _bytes(certificate) for certificate in chain),
    ]
    store = _number(MAGIC, 4) + _number(VERSION, 4) + _number(1, 4) + b"".join(entry)
    return store + _sha1(secret + WHITENER + store)


def _protected(key: bytes, secret: bytes) -> bytes:
    """EncryptedPrivateKeyInfo: the salt, the key under a stream of digests, and a digest to check it by."""
    salt = secrets.token_bytes(SALT)
    stream, last = b"", salt
    while len(stream) < len(key):
        last = _sha1(secret + last)
        stream += last
    hidden = bytes(one ^ other for one, other in zip(key, stream, strict=False))
    content = salt + hidden + _sha1(secret + key)
    return der.encode(der.SEQUENCE, PROTECTOR + der.encode(OCTET_STRING, content))


def _sha1(data: bytes) -> bytes:
    return hashlib.sha1(data).digest()  # noqa: S324 - the format has no other


def _number(value: int, size: int) -> bytes:
    return value.to_bytes(size, "big")


def _text(value: str) -> bytes:
    """ASCII: there it is the same as Java's modified UTF-8."""
    return _number(len(value), 2) + value.encode("ascii")


def _bytes(value: bytes) -> bytes:
    return _number(len(value), 4) + value
