"""Revocation (RFC 8555 7.6) by whoever may: the account that ordered, one that controls every name, and
whoever holds the certificate's own key."""

from datetime import datetime

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from hanaper.apps.acme.directories import Directory
from hanaper.apps.acme.models import AcmeAccount, AcmeOrder, Authorization
from hanaper.apps.acme.services.finalizing import identifiers_of
from hanaper.apps.certificates.queries import of_key
from hanaper.apps.events.services import emit
from hanaper.apps.events.vocabulary import EventKind
from hanaper.apps.private_ca import services as private_ca
from hanaper.apps.private_ca.ends import name_of
from hanaper.apps.private_ca.models.certificates import PrivateCertificate
from hanaper.apps.private_ca.queries import with_same_key
from hanaper.apps.private_ca.services.downloading import issued_der
from hanaper.core.acme import jws
from hanaper.core.acme.identifiers import Identifier
from hanaper.core.acme.problems import AcmeProblem, ProblemType, from_refusal, malformed, unauthorized
from hanaper.core.acme.states import AuthorizationState
from hanaper.core.actor import AccountRole, Actor, ActorKind
from hanaper.core.errors import Refusal
from hanaper.core.x509.crl import RevocationReason
from hanaper.core.x509.serials import serial_hex

NAMED = 20  # in a letter
# RFC 5280 5.3.1: what a subscriber may say.
REASONS = {
    0: RevocationReason.UNSPECIFIED,
    1: RevocationReason.KEY_COMPROMISE,
    3: RevocationReason.AFFILIATION_CHANGED,
    4: RevocationReason.SUPERSEDED,
    5: RevocationReason.CESSATION_OF_OPERATION,
    9: RevocationReason.PRIVILEGE_WITHDRAWN,
}


def read_reason(given: object) -> RevocationReason:
    """AcmeProblem `badRevocationReason`."""
    if given is None:
        return RevocationReason.UNSPECIFIED
    if isinstance(given, bool) or not isinstance(given, int) or given not in REASONS:
        allowed = ", ".join(f"{code} ({reason})" for code, reason in REASONS.items())
        raise AcmeProblem(ProblemType.BAD_REVOCATION_REASON, f"The reason is one of {allowed}.")
    return REASONS[given]


def certificate_to_revoke(directory: Directory, der: bytes) -> PrivateCertificate:
    """AcmeProblem `malformed`: no certificate; 404: none that was issued here."""
    try:
        serial = x509.load_der_x509_certificate(der).serial_number
    except ValueError:
        raise malformed("This is no certificate.") from None
    rows = PrivateCertificate.objects.select_related("ca").filter(
        ca=directory.ca, template=directory.template, serial=serial_hex(serial)
    )
    found = rows.first()
    try:
        same = found is not None and issued_der(found) == der
    except Refusal:
        same = False
    if found is None or not same:
        raise malformed("This certificate was not issued here.", 404)
    return found


def revoke_by_account(
    actor: Actor,
    account: AcmeAccount,
    certificate: PrivateCertificate,
    reason: RevocationReason,
    *,
    at: datetime,
) -> None:
    """AcmeProblem `unauthorized`, `alreadyRevoked`."""
    order = AcmeOrder.objects.filter(certificate=certificate).first()
    ordered = order is not None and order.acme_account_id == account.pk
    if not ordered and not _controls(account, _names(certificate, order), at):
        raise unauthorized("This account neither ordered the certificate nor controls every name in it.")
    _revoke(actor, certificate, reason, at)


def revoke_by_key(
    key: jws.Key,
    certificate: PrivateCertificate,
    reason: RevocationReason,
    *,
    address: str | None,
    request_id: str | None,
    at: datetime,
) -> None:
    """AcmeProblem `unauthorized`: another key; `alreadyRevoked`."""
    certified = x509.load_der_x509_certificate(issued_der(certificate)).public_key()
    if _spki(certified) != _spki(key.public_key):
        raise unauthorized("The request is not signed with the key of the certificate.")
    actor = Actor(
        kind=ActorKind.CUSTOMER,
        name=f"ACME, by the key of {certificate.public_id}",
        account_id=certificate.account_id,
        account_role=AccountRole.MEMBER,
        address=address,
        request_id=request_id,
    )
    _revoke(actor, certificate, reason, at, proven=True)


def _revoke(
    actor: Actor,
    certificate: PrivateCertificate,
    reason: RevocationReason,
    at: datetime,
    *,
    proven: bool = False,
) -> None:
    """`proven`: the key of the certificate has signed. Whoever has it could use, and revoke, all that is
    of the key: the account's others go with this one where it is said to be compromised, also when it is said
    again, as by a client that heard no answer."""
    already = None
    try:
        private_ca.revoke(actor, certificate, reason, at=at)
    except Refusal as refusal:
        if refusal.code != "not_in_this_state":
            raise from_refusal(refusal) from None
        already = AcmeProblem(ProblemType.ALREADY_REVOKED, "This certificate was revoked already.")
    if reason is RevocationReason.KEY_COMPROMISE and certificate.reason == reason:
        if proven:
            private_ca.revoke_same_key(actor, certificate, at=at)
        _tell_of_others(actor, certificate, at)
    if already is not None:
        raise already


def _tell_of_others(actor: Actor, certificate: PrivateCertificate, at: datetime) -> None:
    """An answer of ACME has no place for them. SSL certificates have their own two steps (R12)."""
    private = with_same_key(certificate, at=at)
    ssl = of_key(actor, certificate.account_id, certificate.key_fingerprint)
    left = [one.public_id for one in private] + [one.public_id for one in ssl]
    if left:
        emit(
            EventKind.PRIVATE_CERTIFICATE_SAME_KEY,
            account_id=certificate.account_id,
            subject=certificate.public_id,
            at=at,
            dedupe=f"{certificate.public_id}:same_key",
            data={
                "names": name_of(certificate),
                "left": ", ".join(left[:NAMED]) + (", ..." if len(left) > NAMED else ""),
                "certificates": left,
            },
        )


def _names(certificate: PrivateCertificate, order: AcmeOrder | None) -> list[Identifier]:
    if order is not None:
        return identifiers_of(order)
    return [Identifier(kind, value) for kind, values in certificate.names.items() for value in values]


def _controls(account: AcmeAccount, names: list[Identifier], at: datetime) -> bool:
    rows = Authorization.objects.filter(
        acme_account=account, state=AuthorizationState.VALID, expires_at__gt=at
    )
    shown = set(rows.values_list("kind", "value", "wildcard"))
    return bool(names) and all((one.kind, one.base, one.wildcard) in shown for one in names)


def _spki(key: object) -> bytes:
    found: bytes = key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)  # type: ignore[attr-defined]
    return found
