"""The built-in CA: a root and one issuing intermediate, made on first start."""

from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction

from hanaper.apps.authority.keystores import keystore
from hanaper.apps.authority.models import Authority
from hanaper.apps.authority.services.issuing import refuse_findings
from hanaper.apps.authority.services.revoking import certificate_file, publish_crl
from hanaper.core.errors import Refusal
from hanaper.core.x509.algorithms import KeyAlgorithm
from hanaper.core.x509.certificates import Prepared, assemble, prepare_intermediate, prepare_root
from hanaper.core.x509.extensions import StatusAddresses
from hanaper.core.x509.issuer import Issuer
from hanaper.core.x509.linting import lint_natively
from hanaper.core.x509.names import Subject, to_name
from hanaper.core.x509.serials import new_serial
from hanaper.storage.files import write_atomically

ROOT, ISSUING = "builtin-root", "builtin-issuing"
KEYSTORE = "database"
ROOT_TERM = timedelta(days=20 * 365)
ISSUING_TERM = timedelta(days=10 * 365)
# Clients whose clocks are a little behind ours must not find the chain not yet valid.
BACKDATED = timedelta(hours=1)


def issuing_authority() -> Authority:
    return Authority.objects.select_related("parent").get(role=ISSUING)


def ensure_builtin_ca(at: datetime) -> Authority:
    """The issuing authority, made with its root if they are not there. Safe to run again.

    Refused with `status_url_required` outside a sandbox until HANAPER_STATUS_URL is set: the address is
    burnt into every certificate.
    """
    existing = Authority.objects.filter(role=ISSUING, certificate__isnull=False).first()
    if existing is None:
        _refuse_without_address()
        # Keys, certificates and rows stand or fall together: a crash leaves nothing half made.
        with transaction.atomic():
            root = _make(ROOT, "Hanaper Root", KeyAlgorithm.EC_P384, None, ROOT_TERM, at)
            existing = _make(ISSUING, "Hanaper Issuing", KeyAlgorithm.EC_P256, root, ISSUING_TERM, at)
    for authority in Authority.objects.filter(role__in=[ROOT, ISSUING]):
        write_atomically(certificate_file(authority), bytes(authority.certificate or b""))
        if authority.crl_number == 0:
            publish_crl(authority, at=at)
    return existing


def _refuse_without_address() -> None:
    if settings.STATUS_URL.endswith(".invalid"):
        raise Refusal(
            "The address of CRLs and CA certificates must be set before the first CA key is made.",
            code="status_url_required",
            next_steps=["Set HANAPER_STATUS_URL to the http address at which clients will find them."],
        )


def _make(
    role: str,
    name: str,
    algorithm: KeyAlgorithm,
    parent: Authority | None,
    term: timedelta,
    at: datetime,
) -> Authority:
    store = keystore(KEYSTORE)
    key_id = store.generate(algorithm)
    authority = Authority(
        role=role,
        name=name,
        parent=parent,
        keystore=KEYSTORE,
        key_id=key_id,
        algorithm=algorithm,
        not_before=at - BACKDATED,
        not_after=at - BACKDATED + term,
        status_url=settings.STATUS_URL,
        created_at=at,
    )
    label = " (sandbox)" if settings.SANDBOX else ""
    subject = to_name(Subject(country="XX" if settings.SANDBOX else settings.CA_COUNTRY,
                              organization=settings.CA_ORGANIZATION, common_name=name + label))  # fmt: skip
    prepared = _prepared(authority, parent, subject, store.public_key(key_id))
    refuse_findings(lint_natively(prepared))
    signer = parent or authority
    signature = store.sign(signer.key_id, prepared.signature_algorithm, prepared.tbs)
    authority.certificate = assemble(prepared, signature)
    authority.not_before, authority.not_after = prepared.not_before, prepared.not_after
    authority.save()
    return authority


def _prepared(authority: Authority, parent: Authority | None, subject: object, spki: bytes) -> Prepared:
    term = {"not_before": authority.not_before, "not_after": authority.not_after, "serial": new_serial()}
    if parent is None:
        return prepare_root(subject=subject, spki=spki, **term)  # type: ignore[arg-type]
    return prepare_intermediate(
        subject=subject,  # type: ignore[arg-type]
        spki=spki,
        issuer=Issuer.of_certificate(bytes(parent.certificate or b"")),
        addresses=StatusAddresses(crl=parent.crl_address, issuer_certificate=parent.certificate_address),
        **term,  # type: ignore[arg-type]
    )
