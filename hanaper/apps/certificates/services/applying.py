"""Apply, Modify, Submit and saving a draft: the form becomes an application, or every fault is named."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction

from hanaper import clock
from hanaper.apps.audit.services import record
from hanaper.apps.audit.vocabulary import AuditAction
from hanaper.apps.certificates import forms, private_keys
from hanaper.apps.certificates.models.applications import Application
from hanaper.apps.certificates.models.certificates import Certificate, CertificateName
from hanaper.apps.certificates.search import endings
from hanaper.apps.certificates.services.checking import start_checks
from hanaper.apps.certificates.services.claims import lock_for_use, move, require_party
from hanaper.apps.certificates.vocabulary import Purpose
from hanaper.apps.secrets import services as secrets
from hanaper.core.actor import Actor
from hanaper.core.certificate.states import Action, CertificateState, Party
from hanaper.core.certificate.states import move as legal_move
from hanaper.core.errors import Refusal
from hanaper.storage.walls import require_write

# What the form's Submit is from each state; from every other state the table refuses it.
SUBMITTED_BY = {
    CertificateState.PENDING_APPLICATION: Action.APPLY,
    CertificateState.VALIDATION_FAILED: Action.SUBMIT,
}


@dataclass(frozen=True, slots=True)
class ReadyKey:
    """The key of an application: the customer's, or one generated here, with its secret half."""

    spki: bytes
    private: bytes | None = None


def save_form(
    actor: Actor, certificate: Certificate, *, form: Mapping[str, Any], at: datetime
) -> Certificate:
    """Modify, and the draft of a first application: keep what was typed, right or wrong.

    Fields not given stay. Refused: `not_in_this_state`, `order_locked` (D11).
    """
    require_write(actor)
    with transaction.atomic():
        certificate, _ = lock_for_use(certificate.pk)
        kept = forms.merged(certificate.form, form)
        if certificate.state == CertificateState.PENDING_APPLICATION:
            # A draft: the table has no move for it, since nothing moves.
            require_party(actor, frozenset({Party.CUSTOMER}))
            Certificate.objects.filter(pk=certificate.pk, state=certificate.state).update(form=kept)
            certificate.refresh_from_db()
            record(
                actor,
                AuditAction.CERTIFICATE_FORM_SAVED,
                certificate.public_id,
                at=at,
                account_id=certificate.account_id,
                after={"fields": sorted(form)},
            )
        else:
            told = {"fields": sorted(form)}
            certificate = move(actor, certificate, Action.MODIFY, at=at, told=told, form=kept)
    return certificate


def submit(
    actor: Actor,
    certificate: Certificate,
    *,
    form: Mapping[str, Any] | None = None,
    at: datetime,
) -> Certificate:
    """Apply (or, from `Validation Failed`, Modify and Submit): the certificate is `Validating Application`.

    `form`: fields to put into the stored form first. Every fault of the form is named at once (InvalidInput,
    fields of the form); a refused form is not kept. Refused besides: `not_in_this_state`, `order_locked`.
    """
    require_write(actor)
    certificate = Certificate.objects.get(pk=certificate.pk)
    action = SUBMITTED_BY.get(CertificateState(certificate.state), Action.APPLY)
    legal_move(CertificateState(certificate.state), action)
    kept = forms.merged(certificate.form, form or {})
    judged = forms.judge(certificate, kept)
    # Generating a key takes up to seconds: not inside a transaction that others wait for.
    key = ready_key(judged)
    with transaction.atomic():
        certificate, _ = lock_for_use(certificate.pk)
        if form is None and certificate.form != kept:
            raise Refusal(
                "The form was changed at this moment. Look at it, and submit again.", code="form_changed"
            )
        certificate = move(
            actor,
            certificate,
            action,
            at=at,
            told={"domains": list(judged.names.applied)},
            form=kept,
            domains=list(judged.names.applied),
        )
        open_application(certificate, Purpose.APPLY, judged, key, at=at)
    return certificate


def ready_key(judged: forms.JudgedForm) -> ReadyKey:
    """The customer's key, or a new one."""
    if judged.request is not None:
        return ReadyKey(judged.request.spki)
    private, spki = private_keys.generate(judged.key_algorithm)
    return ReadyKey(spki, private)


def open_application(
    certificate: Certificate,
    purpose: Purpose,
    judged: forms.JudgedForm,
    key: ReadyKey,
    *,
    at: datetime,
) -> Application:
    """Write down one attempt with everything it rests on, and begin to check its domains.

    In the caller's transaction, which has moved the certificate.
    """
    sealed = None if key.private is None else secrets.seal(key.private, private_keys.PURPOSE)
    application = Application.objects.create(
        certificate=certificate,
        purpose=purpose,
        domains=list(judged.names.applied),
        methods={name: method.value for name, method in judged.methods.items()},
        contact=judged.contact,
        company=judged.company,
        spki=key.spki,
        key_fingerprint=forms.key_fingerprint(key.spki),
        key_algorithm=judged.key_algorithm.value,
        csr=None if judged.request is None else judged.request.der,
        key_generated=sealed is not None,
        private_key=sealed,
        submitted_at=at,
    )
    CertificateName.objects.filter(certificate=certificate).delete()
    CertificateName.objects.bulk_create(
        CertificateName(certificate=certificate, account_id=certificate.account_id, ending=ending)
        for ending in endings(judged.names.san)
    )
    start_checks(application, at=at, system_at=clock.system_now())
    return application
