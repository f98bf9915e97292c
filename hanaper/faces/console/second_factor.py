"""Seeds of second factors are kept encrypted: whoever reads the database cannot make codes."""

import base64
import os

from allauth.mfa.adapter import DefaultMFAAdapter
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings

NONCE = 12  # bytes
PURPOSE = b"hanaper second factor"


class SecondFactorAdapter(DefaultMFAAdapter):  # type: ignore[misc]
    """AES-GCM under a key derived from the installation's secret key."""

    def encrypt(self, text: str) -> str:
        nonce = os.urandom(NONCE)
        sealed = AESGCM(_key()).encrypt(nonce, text.encode(), PURPOSE)
        return base64.b64encode(nonce + sealed).decode()

    def decrypt(self, encrypted_text: str) -> str:
        raw = base64.b64decode(encrypted_text)
        try:
            return AESGCM(_key()).decrypt(raw[:NONCE], raw[NONCE:], PURPOSE).decode()
        except InvalidTag as error:
            raise ValueError("a second factor was sealed under another secret key") from error


def _key() -> bytes:
    derived = HKDF(algorithm=SHA256(), length=32, salt=None, info=PURPOSE)
    return derived.derive(bytes.fromhex(settings.SECRET_KEY))
