"""Giving out certificates, chains and keys.

A key generated here is given out in clear once, afterwards only encrypted under a passphrase. Never in an
address: the passphrase and the key travel in bodies.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from django.db import transaction

from hanaper.apps.audit.services import record
from hanaper.apps.audit.vocabulary import AuditAction
from hanaper.apps.certificates import private_keys
from hanaper.apps.certificates.models.applications import Application
from hanaper.apps.certificates.models.certificates import Certificate
from hanaper.apps.certificates.models.issuing import IssuerOrder
from hanaper.apps.certificates.vocabulary import IssuerOrderState
from hanaper.apps.secrets import services as secrets
from hanaper.core.actor import Actor, ActorKind
from hanaper.core.errors import Forbidden, InvalidInput, Refusal
from hanaper.storage.walls import require_write

SHORTEST_PASSPHRASE, LONGEST_PASSPHRASE = 12, 256


class Part(StrEnum):
    """What of a certificate is wanted, as PEM."""

    LEAF = "leaf"
    CHAIN = "chain"  # what a server sends after the leaf: without the root
    FULL_CHAIN = "full_chain"  # leaf, then the chain
    ROOT = "root"  # what clients of a CA that is not publicly trusted must be given


@dataclass(frozen=True, slots=True)
class KeyFile:
    """A private key: `content` is PEM text, or PKCS #12 in DER."""

    content: bytes
    media_type: str
    name: str


def download(certificate: Certificate, part: Part, issuance: IssuerOrder | None = None) -> str:
    """PEM of the current X.509 certificate, or of `issuance`. Refused: `not_issued`."""
    issued = issuance or _current(certificate)
    leaf = x509.load_der_x509_certificate(bytes(issued.leaf or b""))
    pem = leaf.public_bytes(Encoding.PEM).decode()
    if part is Part.LEAF:
        return pem
    if part is Part.ROOT:
        return x509.load_pem_x509_certificates(issued.chain.encode())[-1].public_bytes(Encoding.PEM).decode()
    chain = "".join(one.public_bytes(Encoding.PEM).decode() for one in without_root(issued.chain))
    return chain if part is Part.CHAIN else pem + chain


def without_root(chain: str) -> list[x509.Certificate]:
    """The certificates between leaf and root (RFC 8446 4.4.2: the root may be left out)."""
    if not chain.strip():
        return []
    found = x509.load_pem_x509_certificates(chain.encode())
    return [one for one in found if one.subject != one.issuer]


def download_key(
    actor: Actor,
    certificate: Certificate,
    *,
    passphrase: str | None,
    as_pkcs12: bool = False,
    at: datetime,
) -> KeyFile:
    """The private key of the current X.509 certificate, for members who may write, and nobody else.

    Without a passphrase in clear, once for each key. Refused: `not_issued`, `key_not_here` (the customer's
    own), `key_given_out`, `passphrase_needed`.
    """
    require_write(actor)
    if actor.kind is not ActorKind.CUSTOMER:
        raise Forbidden("A customer's private key is for the customer only.", code="customer_key_required")
    _check_passphrase(passphrase, as_pkcs12)
    issued = _current(certificate)
    application = issued.application
    if application.private_key is None:
        raise Refusal(
            "The private key of this certificate was made by you and was never here.", code="key_not_here"
        )
    with transaction.atomic():
        if passphrase is None:
            _claim_the_one_time(application, at)
        record(
            actor,
            AuditAction.CERTIFICATE_KEY_DOWNLOADED,
            certificate.public_id,
            at=at,
            account_id=certificate.account_id,
            after={"application": application.public_id, "in_clear": passphrase is None},
        )
        der = secrets.unseal(application.private_key, private_keys.PURPOSE)
    name = file_name(certificate)
    if as_pkcs12 and passphrase is not None:
        leaf = x509.load_der_x509_certificate(bytes(issued.leaf or b""))
        content = private_keys.to_pkcs12(der, passphrase, name, leaf, without_root(issued.chain))
        return KeyFile(content, "application/x-pkcs12", f"{name}.p12")
    pem = private_keys.to_pem(der, passphrase)
    return KeyFile(pem.encode(), "application/x-pem-file", f"{name}.key")


def _claim_the_one_time(application: Application, at: datetime) -> None:
    rows = Application.objects.filter(pk=application.pk, key_shown_at=None)
    if rows.update(key_shown_at=at) != 1:
        raise Refusal(
            "This key was given out in clear before: now it is given out encrypted only.",
            code="key_given_out",
            next_steps=["Send a passphrase, and get the key encrypted under it."],
        )


def _current(certificate: Certificate) -> IssuerOrder:
    issued = (
        IssuerOrder.objects.select_related("application", "application__private_key__data_key")
        .filter(pk=certificate.current_id or 0, state=IssuerOrderState.ISSUED)
        .first()
    )
    if issued is None:
        raise Refusal(
            "Nothing was issued for this certificate yet.",
            code="not_issued",
            details={"state": certificate.state},
        )
    return issued


def _check_passphrase(passphrase: str | None, as_pkcs12: bool) -> None:
    if passphrase is None:
        if as_pkcs12:
            raise InvalidInput(
                "A PKCS #12 file is encrypted: send a passphrase.",
                field="passphrase",
                code="passphrase_needed",
            )
        return
    if not SHORTEST_PASSPHRASE <= len(passphrase) <= LONGEST_PASSPHRASE:
        raise InvalidInput(
            f"A passphrase has {SHORTEST_PASSPHRASE} to {LONGEST_PASSPHRASE} characters.",
            field="passphrase",
            code="passphrase_length",
        )


def file_name(certificate: Certificate) -> str:
    """A name for files of it, without an extension."""
    name = certificate.domains[0] if certificate.domains else certificate.public_id
    return str(name).replace("*", "wildcard")
