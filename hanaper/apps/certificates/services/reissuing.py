"""Within the year: reissuing by itself before an X.509 certificate ends (D13), and at the customer's wish.

Costs no quota. Both keep the names of the year; the service's own keeps the key where the customer sent the
request, and makes a new one where the key was generated here.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import transaction

from hanaper.apps.audit.services import record
from hanaper.apps.audit.vocabulary import AuditAction
from hanaper.apps.certificates import forms
from hanaper.apps.certificates.models.applications import Application
from hanaper.apps.certificates.models.certificates import Certificate
from hanaper.apps.certificates.services.applying import ReadyKey, open_application, ready_key
from hanaper.apps.certificates.services.claims import lock_certificate, lock_for_use, may_go_on
from hanaper.apps.certificates.vocabulary import (
    ACTIVE_APPLICATION,
    OPEN_REVOCATION,
    ApplicationState,
    CheckMethod,
    Purpose,
)
from hanaper.core.actor import Actor, system
from hanaper.core.certificate.csr import CheckedRequest, check_csr
from hanaper.core.certificate.identifiers import DomainKind, parse_domains
from hanaper.core.certificate.states import CertificateState
from hanaper.core.errors import Fault, InvalidInput, Refusal
from hanaper.core.x509.algorithms import KeyAlgorithm
from hanaper.storage.walls import require_write

US = system("reissue")


def reissue(
    actor: Actor,
    certificate: Certificate,
    *,
    csr: str | None = None,
    key_algorithm: str | None = None,
    at: datetime,
) -> Application:
    """A new X.509 certificate with a new key, for the same names and the rest of the year.

    The ones before stay valid until they end or the year is revoked. `csr`: the customer's request; without
    one a key is generated here. Refused: `not_issued`, `reissue_under_way`, `same_key`, `order_locked`.
    """
    require_write(actor)
    certificate = Certificate.objects.get(pk=certificate.pk)
    _refuse_unless_issued(certificate)
    last = _last_issued(certificate)
    judged = _judged(last, certificate, csr, key_algorithm)
    if judged.request is not None and judged.request.key_fingerprint == last.key_fingerprint:
        raise InvalidInput(
            "This request holds the key that the certificate has now: a reissue is for a new key.",
            field="csr",
            code="same_key",
        )
    key = ready_key(judged)
    with transaction.atomic():
        certificate, _ = lock_for_use(certificate.pk)
        _refuse_unless_issued(certificate)
        if certificate.applications.filter(state__in=ACTIVE_APPLICATION).exists():
            raise Refusal(
                "This certificate is being reissued already.",
                code="reissue_under_way",
                details={"certificate": certificate.public_id},
            )
        application = open_application(certificate, Purpose.REKEY, judged, key, at=at)
        record(
            actor,
            AuditAction.CERTIFICATE_REISSUE_ASKED,
            certificate.public_id,
            at=at,
            account_id=certificate.account_id,
            after={"application": application.public_id, "key": judged.key_algorithm.value},
        )
    application.refresh_from_db()
    return application


def set_auto_reissue(actor: Actor, certificate: Certificate, wanted: bool, *, at: datetime) -> Certificate:
    """Whether the service reissues within the year by itself; switched on again, it catches up."""
    require_write(actor)
    with transaction.atomic():
        certificate, _ = lock_for_use(certificate.pk)
        if certificate.auto_reissue != wanted:
            Certificate.objects.filter(pk=certificate.pk).update(auto_reissue=wanted)
            record(
                actor,
                AuditAction.CERTIFICATE_SETTINGS_CHANGED,
                certificate.public_id,
                at=at,
                account_id=certificate.account_id,
                before={"auto_reissue": certificate.auto_reissue},
                after={"auto_reissue": wanted},
            )
            certificate.refresh_from_db()
    return certificate


def reissue_when_due(pk: int, at: datetime, system_at: datetime) -> bool:
    """By the sweep: begin to reissue, once the current X.509 certificate nears its end (D13, D18)."""
    last = same_again(Certificate.objects.get(pk=pk))
    if last is None:
        return False
    judged, before = last
    key = key_again(before, judged)
    with transaction.atomic():
        certificate, orders = lock_certificate(pk)
        due = certificate.reissue_due_at is not None and certificate.reissue_due_at <= at
        waits = certificate.retry_at is not None and certificate.retry_at > system_at
        busy = certificate.applications.filter(state__in=ACTIVE_APPLICATION).exists()
        if not may_go_on(orders) or not due or waits or busy or not certificate.auto_reissue:
            return False
        if certificate.state != CertificateState.ISSUED:
            return False
        application = open_application(certificate, Purpose.REISSUE, judged, key, at=at)
        record(
            US,
            AuditAction.CERTIFICATE_REISSUE_ASKED,
            certificate.public_id,
            at=at,
            account_id=certificate.account_id,
            after={"application": application.public_id, "by_itself": True},
        )
    return True


def same_again(certificate: Certificate) -> tuple[forms.JudgedForm, Application] | None:
    """What was issued last, to be applied for once more by the service itself; None if nothing was."""
    last = certificate.applications.filter(state=ApplicationState.ISSUED).order_by("-pk").first()
    return None if last is None else (_judged(last, certificate, None, None), last)


def key_again(last: Application, judged: forms.JudgedForm) -> ReadyKey:
    """The customer's own key, which we cannot replace; where the key was generated here, a new one."""
    return ReadyKey(bytes(last.spki)) if last.key_is_customers else ready_key(judged)


def _refuse_unless_issued(certificate: Certificate) -> None:
    open_request = certificate.revocations.filter(state__in=OPEN_REVOCATION).exists()
    if certificate.state != CertificateState.ISSUED or open_request:
        raise Refusal(
            f"Only an issued certificate can be reissued; this one is"
            f" {CertificateState(certificate.state).label}.",
            code="not_issued",
            details={"state": certificate.state},
        )


def _last_issued(certificate: Certificate) -> Application:
    return certificate.applications.filter(state=ApplicationState.ISSUED).latest("pk")


def _judged(
    last: Application, certificate: Certificate, csr: str | None, key_algorithm: str | None
) -> forms.JudgedForm:
    """What was issued last, with another key."""
    names = parse_domains(DomainKind(certificate.domain_kind), last.domains, allow_reserved=True)
    request: CheckedRequest | None = None
    algorithm = KeyAlgorithm(last.key_algorithm)
    if csr:
        request = check_csr(csr, names)
        algorithm = request.key_algorithm
        if forms.is_compromised(request.key_fingerprint):
            raise InvalidInput(
                "This key was reported as compromised. Make a new one.",
                field="csr",
                code="csr_key_compromised",
            )
    elif key_algorithm:
        faults: list[Fault] = []
        algorithm = forms.generated_algorithm(key_algorithm, faults)
        if faults:
            raise InvalidInput(faults[0].message, code=faults[0].code, faults=faults)
    methods = {name: CheckMethod(method) for name, method in _methods(last.methods).items()}
    return forms.JudgedForm(names, methods, request, algorithm, last.contact, last.company)


def _methods(methods: Mapping[str, Any]) -> dict[str, str]:
    return {str(name): str(method) for name, method in methods.items()}
