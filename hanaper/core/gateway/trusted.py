"""The CAs that an https origin's certificate must lead to, as their owner pastes them."""

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.serialization import Encoding


def read_authorities(text: str) -> str:
    """The certificates of a text, each once, as PEM that every engine reads: what stands between or before
    them, indentation, a missing end of line are not taken along. ValueError for a text without any."""
    try:
        found = x509.load_pem_x509_certificates(text.encode())
    except ValueError:
        raise ValueError("Paste certificates in PEM.") from None
    return "".join(dict.fromkeys(one.public_bytes(Encoding.PEM).decode() for one in found))


def refuse_what_is_no_authority(text: str) -> None:
    """ValueError for what is not to be kept: a private key, something else beside certificates, one that
    cannot be read."""
    if "PRIVATE KEY" in text.upper():
        raise ValueError(
            "This holds a private key, and only certificates go here. It was not kept, but treat the key as"
            " disclosed: make a new one, and have certificates for it revoked."
        )
    try:
        found = x509.load_pem_x509_certificates(text.encode())
        for one in found:
            _ = one.subject, one.public_key()  # the library parses lazily
    except (ValueError, TypeError, x509.InvalidVersion, UnsupportedAlgorithm):
        raise ValueError("Paste certificates in PEM.") from None
    if text.count("-----BEGIN ") != len(found):
        raise ValueError("Not all of these PEM blocks are whole certificates: paste nothing else.")
