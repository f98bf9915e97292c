"""When to renew, said to whoever asks (RFC 9773), and by whoever wants it sooner."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from cryptography import x509
from django.db import transaction
from django.db.models import Q

from hanaper.apps.acme.models import RenewalCall
from hanaper.apps.audit.services import record
from hanaper.apps.audit.vocabulary import AuditAction
from hanaper.apps.private_ca.models.cas import PrivateCA
from hanaper.apps.private_ca.models.certificates import PrivateCertificate
from hanaper.apps.private_ca.services.downloading import issued_der
from hanaper.apps.private_ca.states import PrivateCertificateState
from hanaper.core.acme import renewal
from hanaper.core.acme.problems import malformed
from hanaper.core.actor import Actor
from hanaper.core.errors import InvalidInput, Refusal
from hanaper.core.x509.serials import serial_hex
from hanaper.storage.walls import require_write

_ENDED = (PrivateCertificateState.REVOKED, PrivateCertificateState.HELD)


@dataclass(frozen=True, slots=True)
class Suggestion:
    window: renewal.Window
    explanation: str


def certificate_named(ca: PrivateCA, certificate_id: str) -> PrivateCertificate | None:
    """The certificate of this CA with the identifier of RFC 9773 4.1. AcmeProblem `malformed`: it is none."""
    key_identifier, serial = renewal.read_certificate_id(certificate_id)
    found = PrivateCertificate.objects.filter(ca=ca, serial=serial_hex(serial)).first()
    if found is None:
        return None
    try:
        certificate = x509.load_der_x509_certificate(issued_der(found))
    except Refusal:  # begun, and not signed
        return None
    issuer = certificate.extensions.get_extension_for_class(x509.AuthorityKeyIdentifier).value
    return found if issuer.key_identifier == key_identifier else None


def suggestion_for(ca: PrivateCA, certificate_id: str, *, at: datetime) -> Suggestion:
    """AcmeProblem `malformed`, 404: no certificate of this CA."""
    certificate = certificate_named(ca, certificate_id)
    if certificate is None:
        raise malformed("There is no such certificate of this CA.", 404)
    call = _newest_call(certificate)
    explanation = "" if call is None else call.explanation
    if certificate.state in _ENDED or call is not None:
        return Suggestion(renewal.now(at), explanation)
    return Suggestion(renewal.window(certificate.not_before, certificate.not_after), "")


def ask_for_renewal(
    actor: Actor,
    ca: PrivateCA,
    certificates: Sequence[PrivateCertificate] | None,
    *,
    explanation: str = "",
    at: datetime,
) -> list[RenewalCall]:
    """From now on the window of these certificates lies in the past; None: of every one there is."""
    require_write(actor)
    if any(one.ca_id != ca.pk for one in certificates or ()):
        raise InvalidInput("They are certificates of this CA.", field="certificates", code="of_another_ca")
    with transaction.atomic():
        calls = RenewalCall.objects.bulk_create(
            RenewalCall(
                account_id=ca.account_id, ca=ca, certificate=one, explanation=explanation, asked_at=at
            )
            for one in ([None] if certificates is None else certificates)
        )
        told = None if certificates is None else [one.public_id for one in certificates]
        record(
            actor,
            AuditAction.ACME_RENEWAL_ASKED,
            ca.public_id,
            at=at,
            account_id=ca.account_id,
            after={"certificates": told, "explanation": explanation},
        )
    return calls


def _newest_call(certificate: PrivateCertificate) -> RenewalCall | None:
    mine = Q(certificate=certificate) | Q(certificate=None, asked_at__gte=certificate.created_at)
    return RenewalCall.objects.filter(mine, ca_id=certificate.ca_id).order_by("-asked_at", "-pk").first()
