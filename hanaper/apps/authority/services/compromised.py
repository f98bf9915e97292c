"""Keys that somebody else may have: known from the revocation on, and never certified again.

A revocation and whatever makes something of the same key go one after the other: each takes the lock of the
key in its transaction, before the rows of authorities and quotas. On SQLite the transaction itself is it.
"""

from datetime import datetime

from cryptography import x509
from django.db import transaction
from django.db.models import QuerySet

from hanaper.apps.authority.models import CompromisedKey, Issuance
from hanaper.core.errors import InvalidInput
from hanaper.core.x509.algorithms import key_fingerprint, spki_of
from hanaper.storage.composed import composed


def is_compromised(fingerprint: str) -> bool:
    """Whether a certificate of this key was revoked here as compromised. `fingerprint`: SHA-256 of its
    SubjectPublicKeyInfo, hex."""
    return _reported.first(fingerprint) is not None


def lock_key(fingerprint: str) -> bool:
    """`is_compromised`, as it is and stays until the caller's transaction ends."""
    connection = transaction.get_connection()
    if not connection.in_atomic_block:
        raise RuntimeError("a key is locked inside transaction.atomic()")
    if connection.vendor == "postgresql":
        number = int.from_bytes(bytes.fromhex(fingerprint)[:8], signed=True)
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [number])
    return is_compromised(fingerprint)


def key_compromised() -> InvalidInput:
    return InvalidInput(
        "This key was reported as compromised. Make a new one.", field="csr", code="csr_key_compromised"
    )


@composed
def _reported(fingerprint: str) -> QuerySet[CompromisedKey]:
    return CompromisedKey.objects.filter(fingerprint=fingerprint)


def fingerprint_of_key(der: bytes) -> str:
    """That of the key that a certificate (DER) is about."""
    key = x509.load_der_x509_certificate(der).public_key()
    return key_fingerprint(spki_of(key))  # type: ignore[arg-type]


def remember(issuance: Issuance, at: datetime) -> None:
    """In the transaction of its revocation, before anything else of it."""
    if issuance.certificate is None:
        return
    fingerprint = fingerprint_of_key(bytes(issuance.certificate))
    lock_key(fingerprint)
    CompromisedKey.objects.get_or_create(fingerprint=fingerprint, defaults={"reported_at": at})
