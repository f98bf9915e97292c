"""The built-in CA: a root and one issuing intermediate, made on first start."""

from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction

from hanaper.apps.authority.models import Authority
from hanaper.apps.authority.services.making import BACKDATED, AuthorityDraft, come_out, make_authority
from hanaper.core.x509.algorithms import KeyAlgorithm
from hanaper.core.x509.extensions import ANY_POLICY, SERVER_AUTH
from hanaper.core.x509.findings import Rulebook
from hanaper.core.x509.names import Subject

ROOT, ISSUING = "builtin-root", "builtin-issuing"
ROOT_TERM = timedelta(days=20 * 365)
ISSUING_TERM = timedelta(days=10 * 365)


def issuing_authority() -> Authority:
    return Authority.objects.select_related("parent").get(role=ISSUING)


def ensure_builtin_ca(at: datetime) -> Authority:
    """The issuing authority, made with its root if they are not there. Safe to run again.

    Refused with `status_url_required` outside a sandbox until HANAPER_STATUS_URL is set: the address is
    burnt into every certificate.
    """
    existing = Authority.objects.filter(role=ISSUING, certificate__isnull=False).first()
    if existing is None:
        with transaction.atomic():
            root = make_authority(
                _draft(ROOT, "Hanaper Root", KeyAlgorithm.EC_P384, at + ROOT_TERM), None, at=at
            )
            issuing = _draft(ISSUING, "Hanaper Issuing", KeyAlgorithm.EC_P256, at + ISSUING_TERM)
            existing = make_authority(issuing, root, at=at)
    for authority in Authority.objects.filter(role__in=[ROOT, ISSUING]):
        come_out(authority, at=at)
    return existing


def _draft(role: str, name: str, algorithm: KeyAlgorithm, until: datetime) -> AuthorityDraft:
    label = " (sandbox)" if settings.SANDBOX else ""
    return AuthorityDraft(
        name=name,
        subject=Subject(
            country="XX" if settings.SANDBOX else settings.CA_COUNTRY,
            organization=settings.CA_ORGANIZATION,
            common_name=name + label,
        ),
        algorithm=algorithm,
        not_after=until - BACKDATED,
        rulebook=Rulebook.PUBLIC_TLS,
        path_length=None if role == ROOT else 0,
        extended_key_usages=(SERVER_AUTH,),
        policies=(ANY_POLICY,),
        role=role,
    )
