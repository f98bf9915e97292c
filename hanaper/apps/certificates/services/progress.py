"""What follows when control of every domain is shown: a review for OV and EV, then an order at the issuer."""

from datetime import datetime, timedelta

from django.db.models import Q

from hanaper.apps.certificates import forms
from hanaper.apps.certificates.models.applications import Application
from hanaper.apps.certificates.models.certificates import Certificate
from hanaper.apps.certificates.models.issuing import IssuerOrder
from hanaper.apps.certificates.services.failing import fail_application
from hanaper.apps.certificates.services.telling import alert
from hanaper.apps.certificates.vocabulary import (
    ApplicationState,
    CheckState,
    IssuerOrderState,
    Purpose,
)
from hanaper.apps.events.vocabulary import EventKind
from hanaper.core.actor import system
from hanaper.core.certificate.profiles import ValidationLevel
from hanaper.core.certificate.states import CertificateState
from hanaper.core.certificate.validity import (
    DOMAIN_VALIDATION_REUSE,
    ORGANISATION_VALIDATION_REUSE,
    service_year,
    validation_usable,
    validity_for,
)
from hanaper.storage.wake import wake_pursuit

US = system("issuance")
ONE_MINUTE = timedelta(minutes=1)  # a term with less left is over


def proceed(application: Application, *, at: datetime, system_at: datetime) -> None:
    """Take an application on once all its checks have passed; does nothing before.

    In the caller's transaction, which has locked the certificate.
    """
    if application.checks.exclude(state=CheckState.PASSED).exists():
        return
    certificate = application.certificate
    if not ValidationLevel(certificate.level).needs_organisation:
        _advance(application, ApplicationState.VALIDATING, ApplicationState.ISSUING, validated_at=at)
        order_issuance(application, at=at, system_at=system_at)
        return
    vetted = _vetted(application, at)
    if vetted is not None:
        _advance(
            application,
            ApplicationState.VALIDATING,
            ApplicationState.ISSUING,
            validated_at=at,
            reviewed_at=vetted.reviewed_at,
            reviewer=vetted.reviewer,
        )
        order_issuance(application, at=at, system_at=system_at)
        return
    _advance(application, ApplicationState.VALIDATING, ApplicationState.REVIEWING, validated_at=at)
    alert(
        EventKind.REVIEW_NEEDED,
        certificate,
        at=at,
        dedupe=application.public_id,
        company=(application.company or {}).get("organization", ""),
    )


def _vetted(application: Application, at: datetime) -> Application | None:
    """An earlier review of the same organisation in this series that still holds (BR 4.2.1).

    Only for what the service does by itself: a form that somebody submitted is always reviewed.
    """
    if application.purpose == Purpose.APPLY:
        return None
    certificate = application.certificate
    known = (
        Application.objects.filter(certificate__series=certificate.series, reviewed_at__isnull=False)
        .filter(state=ApplicationState.ISSUED)
        .order_by("-reviewed_at")
        .first()
    )
    if known is None or known.company != application.company or known.reviewed_at is None:
        return None
    return known if validation_usable(known.reviewed_at, at, ORGANISATION_VALIDATION_REUSE) else None


def order_issuance(application: Application, *, at: datetime, system_at: datetime) -> None:
    """Write the intention to have an X.509 certificate issued; the pursuit carries it out.

    In the caller's transaction, which has taken the application to `issuing`.
    """
    certificate = Certificate.objects.select_related("follows").get(pk=application.certificate_id)
    begin, end = term_of(certificate, at)
    against = _why_not(application, end, at)
    if against is not None:
        code, text = against
        fail_application(US, application, code=code, reason=text, at=at, system_at=system_at)
        return
    not_before, not_after = validity_for(at, end)
    order = IssuerOrder.objects.create(
        certificate=certificate,
        application=application,
        issuer=ISSUER_OF_BRAND.get(certificate.brand, DEFAULT_ISSUER),
        state=IssuerOrderState.PREPARED,
        not_before=not_before,
        not_after=not_after,
        term_begin=begin,
        term_end=end,
        created_at=at,
        due_at=system_at,
    )
    wake_pursuit("certificates.issuer_order", order.pk)


def _why_not(application: Application, term_end: datetime, at: datetime) -> tuple[str, str] | None:
    """What has come to be known since it was submitted: code and words, None if nothing stands against it."""
    if term_end <= at + ONE_MINUTE:
        return "term_ended", "The term of this certificate has ended."
    if forms.is_compromised(application.key_fingerprint):
        return "key_compromised", "The key was reported as compromised. Apply with another one."
    for check in application.checks.all():
        # A review may take longer than a validation holds (BR 4.2.1).
        if check.obtained_at is None or not validation_usable(check.obtained_at, at, DOMAIN_VALIDATION_REUSE):
            return "validation_too_old", f"Control of {check.domain} was shown too long ago. Submit again."
    return None


# Every brand is issued by the built-in CA until an installation connects others (issue 6).
DEFAULT_ISSUER = "builtin"
ISSUER_OF_BRAND: dict[str, str] = {}


def term_of(certificate: Certificate, at: datetime) -> tuple[datetime, datetime]:
    """The term of the service year: as it began, or as it begins if issued at `at` (D18)."""
    if certificate.term_begin is not None:
        return certificate.term_begin, certificate.term_end
    begin = at
    before = certificate.follows
    if before is not None and before.term_begin is not None and before.term_end > at:
        in_force = CertificateState(before.state).in_force
        begin = before.term_end if in_force else at
    return service_year(begin)


def _advance(
    application: Application, origin: ApplicationState, to: ApplicationState, **columns: object
) -> None:
    rows = Application.objects.filter(Q(pk=application.pk, state=origin))
    if rows.update(state=to, **columns) != 1:
        raise RuntimeError(f"{application.public_id} was moved without locking its order")
    application.refresh_from_db()
