"""Base64url without padding, strictly: one text for each sequence of bytes (RFC 7515 2, RFC 8555 6.1)."""

import base64
import binascii
import re

_ALPHABET = re.compile(r"[A-Za-z0-9_-]*\Z")


def encode(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def decode(text: object) -> bytes:
    """ValueError for anything but the one text that `encode` writes."""
    if not isinstance(text, str) or not _ALPHABET.match(text):
        raise ValueError("not base64url without padding")
    try:
        data = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
    except binascii.Error as error:
        raise ValueError("not base64url") from error
    if encode(data) != text:
        raise ValueError("bits are left over")
    return data
