"""Keys that somebody else may have: known from the revocation on, and never certified again."""

import hashlib
from datetime import datetime

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from django.db.models import QuerySet

from hanaper.apps.authority.models import CompromisedKey, Issuance
from hanaper.storage.composed import composed


def is_compromised(fingerprint: str) -> bool:
    """Whether a certificate of this key was revoked here as compromised. `fingerprint`: SHA-256 of its
    SubjectPublicKeyInfo, hex."""
    return _reported.first(fingerprint) is not None


@composed
def _reported(fingerprint: str) -> QuerySet[CompromisedKey]:
    return CompromisedKey.objects.filter(fingerprint=fingerprint)


def remember(issuance: Issuance, at: datetime) -> None:
    """In the transaction of its revocation."""
    if issuance.certificate is None:
        return
    key = x509.load_der_x509_certificate(bytes(issuance.certificate)).public_key()
    spki = key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    fingerprint = hashlib.sha256(spki).hexdigest()
    CompromisedKey.objects.get_or_create(fingerprint=fingerprint, defaults={"reported_at": at})
