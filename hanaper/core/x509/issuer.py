"""What is known in public about whoever signs: all that preparing needs, and no key."""

import hashlib
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from hanaper.core.x509 import der
from hanaper.core.x509.algorithms import KeyAlgorithm, SignatureAlgorithm, load_public_key


def key_identifier(spki: bytes) -> bytes:
    """The subject key identifier of a key: SHA-256 of the key's bits cut to 160 (RFC 7093 2, method 1).

    It takes the bits inside the SubjectPublicKeyInfo's BIT STRING, as RFC 5280 4.2.1.2 does with SHA-1.
    """
    return hashlib.sha256(der.key_bits(spki)).digest()[:20]


@dataclass(frozen=True, slots=True)
class Issuer:
    """An authority's public side: its name, key and term, as its own certificate says them."""

    name: x509.Name
    spki: bytes
    key_identifier: bytes
    not_before: datetime
    not_after: datetime
    key_algorithm: KeyAlgorithm
    certificate: bytes = field(repr=False)

    @property
    def signature_algorithm(self) -> SignatureAlgorithm:
        return self.key_algorithm.signature

    @classmethod
    @lru_cache(maxsize=256)
    def of_certificate(cls, certificate: bytes) -> "Issuer":
        """Read a CA's own certificate (DER). Raises ValueError if it may not sign certificates."""
        parsed = x509.load_der_x509_certificate(certificate)
        try:
            if not parsed.extensions.get_extension_for_class(x509.BasicConstraints).value.ca:
                raise ValueError("the certificate is not a CA's")
            identifier = parsed.extensions.get_extension_for_class(x509.SubjectKeyIdentifier).value
        except x509.ExtensionNotFound as error:
            raise ValueError("a CA's certificate has basic constraints and a key identifier") from error
        spki = parsed.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
        _, algorithm = load_public_key(spki)
        return cls(
            name=parsed.subject,
            spki=spki,
            key_identifier=identifier.digest,
            not_before=parsed.not_valid_before_utc,
            not_after=parsed.not_valid_after_utc,
            key_algorithm=algorithm,
            certificate=certificate,
        )
