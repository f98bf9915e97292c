"""Giving out private certificates, their chains, and keys that were made here: those only encrypted."""

from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from django.db import transaction
from django.db.models import QuerySet

from hanaper.apps.audit.services import record
from hanaper.apps.audit.vocabulary import AuditAction
from hanaper.apps.authority import key_material
from hanaper.apps.authority.chains import chain_of as authority_chain
from hanaper.apps.authority.chains import chains_of
from hanaper.apps.authority.models import Authority, Issuance, IssuanceState
from hanaper.apps.private_ca.models.cas import PrivateCA
from hanaper.apps.private_ca.models.certificates import PrivateCertificate
from hanaper.apps.private_ca.refusals import not_enabled
from hanaper.apps.private_ca.services.issuing import KEY_PURPOSE
from hanaper.apps.secrets.models import SealedSecret
from hanaper.apps.secrets.services import unseal
from hanaper.core.actor import Actor, ActorKind
from hanaper.core.errors import Forbidden, InvalidInput, NotFound, Refusal
from hanaper.core.private_ca.java_keystore import java_keystore
from hanaper.core.x509.encrypted_keys import KeyEncryption, encrypted_store
from hanaper.storage.composed import composed
from hanaper.storage.walls import require_write

SHORTEST_PASSPHRASE, LONGEST_PASSPHRASE = 12, 256


class Part(StrEnum):
    """What of a certificate is wanted, as PEM."""

    LEAF = "leaf"
    CHAIN = "chain"  # what is sent after the leaf: without the root
    FULL_CHAIN = "full_chain"
    ROOT = "root"


class KeyForm(StrEnum):
    """How a key is given out, each encrypted. Stores hold no ML-DSA, which readers of them do not know;
    Ed25519 in one needs OpenSSL 3 or Java 15."""

    PKCS8 = "pkcs8"
    PKCS12 = "pkcs12"
    JKS = "jks"  # protected by SHA-1 only: for what reads nothing else

    @property
    def label(self) -> str:
        return {"pkcs8": "PKCS #8", "pkcs12": "PKCS #12", "jks": "A Java key store"}[self]


def download(
    certificate: PrivateCertificate, part: Part, *, chain: int = 0, at: datetime | None = None
) -> str:
    """PEM. `chain`: which of `chains_above` at `at`; 0, the one that is given out, needs no time.

    Refused: `not_issued`, `no_such_chain`.
    """
    leaf = issued_der(certificate)
    if chain == 0 or at is None:
        *between, root = chain_above(certificate)
    else:
        ways = chains_above(certificate, at)
        if not 0 <= chain < len(ways):
            raise NotFound(f"There are {len(ways)} chains, from 0.", code="no_such_chain", field="chain")
        *between, root = ways[chain]
    wanted = {
        Part.LEAF: [leaf],
        Part.CHAIN: between,
        Part.FULL_CHAIN: [leaf, *between],
        Part.ROOT: [root],
    }[part]
    return to_pem(wanted)


def to_pem(certificates: Sequence[bytes]) -> str:
    return "".join(_pem(der) for der in certificates)


def issued_der(certificate: PrivateCertificate) -> bytes:
    issuance = Issuance.objects.filter(reference=certificate.public_id, state=IssuanceState.SIGNED).first()
    if issuance is None or issuance.certificate is None:
        raise _not_issued(certificate)
    return bytes(issuance.certificate)


def chains_above(certificate: PrivateCertificate, at: datetime) -> list[list[bytes]]:
    """The ways from the key that signed it up to a root, DER: the first is the one that is given out, others
    go over links and cross-signs. Refused: `not_issued`."""
    return chains_of(_signed(certificate).authority, at)


def whole_chains(certificate: PrivateCertificate, at: datetime) -> list[list[bytes]]:
    """`chains_above`, each with the certificate itself before it. Refused: `not_issued`."""
    issuance = _signed(certificate)
    return [[bytes(issuance.certificate or b""), *way] for way in chains_of(issuance.authority, at)]


def chain_above(certificate: PrivateCertificate) -> list[bytes]:
    """The way that is given out, DER: from the key that signed it up to its root. Refused: `not_issued`."""
    return authority_chain(_signed(certificate).authority)


def _signed(certificate: PrivateCertificate) -> Issuance:
    """With the authority whose key signed it, also one that another has taken over since."""
    issuance = _with_authority.first(certificate.public_id)
    if issuance is None:
        raise _not_issued(certificate)
    return issuance


def _not_issued(certificate: PrivateCertificate) -> Refusal:
    if certificate.fingerprint and certificate.ca.resetting:
        return Refusal(
            "This certificate was revoked and deleted: its CA is being reset.",
            code="not_issued",
            next_steps=["Issue another one below another CA, or when this one is enabled again."],
        )
    return Refusal("This certificate was not issued.", code="not_issued")


@composed
def _with_authority(reference: str) -> QuerySet[Issuance]:
    rows = Issuance.objects.select_related("authority__parent__parent")
    return rows.filter(reference=reference, state=IssuanceState.SIGNED)


def chain_of(ca: PrivateCA) -> list[bytes]:
    """The certificates from this CA up to its root, DER. Refused: `not_enabled`."""
    return authority_chain(_authority(ca))


def chains_of_ca(ca: PrivateCA, at: datetime) -> list[list[bytes]]:
    """Every way from this CA up to a root, its own first. Refused: `not_enabled`."""
    return chains_of(_authority(ca), at)


def _authority(ca: PrivateCA) -> Authority:
    if ca.authority_id is None:
        raise not_enabled(ca, "This private CA is not enabled: it has no certificate.")
    return Authority.objects.select_related("parent__parent").get(pk=ca.authority_id)


def chain_pem(ca: PrivateCA) -> str:
    return to_pem(chain_of(ca))


def export_key(
    actor: Actor,
    certificate: PrivateCertificate,
    *,
    passphrase: str,
    form: KeyForm = KeyForm.PKCS8,
    at: datetime,
) -> bytes:
    """The key that was made here, encrypted: PKCS #8 as PEM, or a store with the chain. For members who may
    write, and nobody else. Refused: `key_not_here`, `not_issued`, `key_not_for_<form>`."""
    refuse_passphrase(actor, passphrase)
    if certificate.key is None:
        raise Refusal("The key of this certificate was never here.", code="key_not_here")
    leaf = issued_der(certificate)
    if form is KeyForm.PKCS8:
        content = encrypted_pem(certificate.key, KeyEncryption(passphrase))
    else:
        content = _store(certificate, certificate.key, leaf, passphrase, form, at)
    with transaction.atomic():
        record(
            actor,
            AuditAction.PRIVATE_KEY_EXPORTED,
            certificate.public_id,
            at=at,
            account_id=certificate.account_id,
            after={"form": form},
        )
    return content


def _store(
    certificate: PrivateCertificate,
    secret: SealedSecret,
    leaf: bytes,
    passphrase: str,
    form: KeyForm,
    at: datetime,
) -> bytes:
    key = key_material.from_der(unseal(secret, KEY_PURPOSE))
    if not isinstance(key, rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey | ed25519.Ed25519PrivateKey):
        raise Refusal(f"{form.label} cannot hold this kind of key; take PKCS #8.", code=f"key_not_for_{form}")
    chain = chain_above(certificate)
    if form is KeyForm.PKCS12:
        signed, *above = [x509.load_der_x509_certificate(der) for der in (leaf, *chain)]
        return encrypted_store(key, passphrase, certificate.public_id, signed, above)
    plain = key.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())
    return java_keystore(certificate.public_id, plain, [leaf, *chain], passphrase=passphrase, created_at=at)


def refuse_passphrase(actor: Actor, passphrase: str) -> None:
    """Refused: who is no member that may write, and `bad_passphrase`."""
    require_write(actor)
    if actor.kind is not ActorKind.CUSTOMER:
        raise Forbidden("Keys are given to members of the account only.", code="members_only")
    if not SHORTEST_PASSPHRASE <= len(passphrase) <= LONGEST_PASSPHRASE:
        raise InvalidInput(
            f"A passphrase has {SHORTEST_PASSPHRASE} to {LONGEST_PASSPHRASE} characters.",
            field="passphrase",
            code="bad_passphrase",
        )


def encrypted_pem(secret: SealedSecret, encryption: KeyEncryption) -> bytes:
    """A key that was made here, as encrypted PKCS #8."""
    return encryption.pem(unseal(secret, KEY_PURPOSE))


def _pem(der: bytes) -> str:
    return x509.load_der_x509_certificate(der).public_bytes(Encoding.PEM).decode()
