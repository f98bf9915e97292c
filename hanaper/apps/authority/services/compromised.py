"""Keys that somebody else may have: known from the revocation on, and never certified again."""

from datetime import datetime

from cryptography import x509
from django.db.models import QuerySet

from hanaper.apps.authority.models import CompromisedKey, Issuance
from hanaper.core.x509.algorithms import key_fingerprint, spki_of
from hanaper.storage.composed import composed


def is_compromised(fingerprint: str) -> bool:
    """Whether a certificate of this key was revoked here as compromised. `fingerprint`: SHA-256 of its
    SubjectPublicKeyInfo, hex."""
    return _reported.first(fingerprint) is not None


@composed
def _reported(fingerprint: str) -> QuerySet[CompromisedKey]:
    return CompromisedKey.objects.filter(fingerprint=fingerprint)


def fingerprint_of_key(der: bytes) -> str:
    """That of the key that a certificate (DER) is about."""
    key = x509.load_der_x509_certificate(der).public_key()
    return key_fingerprint(spki_of(key))  # type: ignore[arg-type]


def remember(issuance: Issuance, at: datetime) -> None:
    """In the transaction of its revocation."""
    if issuance.certificate is None:
        return
    fingerprint = fingerprint_of_key(bytes(issuance.certificate))
    CompromisedKey.objects.get_or_create(fingerprint=fingerprint, defaults={"reported_at": at})
