"""Finalizing an order (RFC 8555 7.4): the intention with its quota, the certificate, the outcome.

What was begun is known from the transaction that began it, and the order has room for one. Whoever goes on
after a crash finds it there: nothing is issued twice, and a certificate that failed gives back what it took.
"""

from datetime import datetime, timedelta

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from cryptography.x509.oid import NameOID
from django.db import transaction
from django.db.models import F, Q, QuerySet

from hanaper.apps.acme.directories import actor_of, refuse_unless_issuing
from hanaper.apps.acme.locks import lock_account
from hanaper.apps.acme.models import AcmeOrder, Authorization, ExternalKey
from hanaper.apps.acme.services.accounts import refuse_unless_valid
from hanaper.apps.acme.services.permission import Permission
from hanaper.apps.audit.services import record
from hanaper.apps.audit.vocabulary import AuditAction
from hanaper.apps.private_ca import services as private_ca
from hanaper.apps.private_ca.models.certificates import PrivateCertificate
from hanaper.apps.private_ca.states import PrivateCertificateState
from hanaper.core.acme import jws
from hanaper.core.acme.identifiers import Identifier, by_kind
from hanaper.core.acme.problems import AcmeProblem, ProblemType, from_refusal, malformed, unauthorized
from hanaper.core.acme.states import AcmeOrderState, AuthorizationState, before
from hanaper.core.actor import Actor
from hanaper.core.certificate.csr import open_csr
from hanaper.core.errors import Fault, InvalidInput, Refusal
from hanaper.core.private_ca.alternative_names import names_of, read_names
from hanaper.storage.composed import Change, composed, composed_change
from hanaper.storage.crashpoints import crashpoint

LEASE = timedelta(seconds=60)  # of whoever is at it; the first certificate of a shape takes a linter seconds


def finalize(actor: Actor, order: AcmeOrder, der: bytes, *, at: datetime, system_at: datetime) -> AcmeOrder:
    """The order, `valid` unless something keeps us from issuing at once.

    AcmeProblem: `orderNotReady`, `badCSR`, `rejectedIdentifier`, `unauthorized`; then the order stays ready.
    One that is refused when it is issued has failed: it says why.
    """
    if order.state != AcmeOrderState.READY:
        raise AcmeProblem(ProblemType.ORDER_NOT_READY, f"The order is {order.state}.")
    account = order.acme_account
    refuse_unless_issuing(account.ca, at)
    csr = _read(der, order)
    permission = Permission.of(account, at)
    permission.refuse_names(identifiers_of(order))
    order.csr = csr
    try:
        permission.refuse_request(request_of(order))
    except Refusal as refusal:
        raise from_refusal(refusal, ProblemType.BAD_CSR) from None
    with transaction.atomic():
        refuse_unless_valid(lock_account(account.pk))
        if _not_shown.first(order.pk, at) is not None:
            raise unauthorized("An authorization of this order has ended meanwhile: order again.")
        if not _processing(order.pk, csr, system_at + LEASE):
            raise AcmeProblem(ProblemType.ORDER_NOT_READY, "The order is being processed.")
        _take(account.key)
    crashpoint("acme.finalize.after_intent")
    return carry_out(order.pk, actor, at)


@composed_change
def _processing(pk: int, csr: str, due_at: datetime) -> Change:
    rows = AcmeOrder.objects.filter(pk=pk, state__in=before(AcmeOrderState.PROCESSING))
    return Change(rows, state=AcmeOrderState.PROCESSING, csr=csr, due_at=due_at)


@composed
def _not_shown(order_pk: int, at: datetime) -> QuerySet[Authorization, int]:
    rows = Authorization.objects.filter(orders=order_pk)
    ended = rows.exclude(state=AuthorizationState.VALID, expires_at__gt=at)
    return ended.values_list("pk", flat=True)[:1]


@composed
def _whole(pk: int) -> QuerySet[AcmeOrder]:
    rows = AcmeOrder.objects.select_related("acme_account__key", "acme_account__ca__account", "replaced")
    return rows.select_related("acme_account__ca__authority", "certificate").filter(pk=pk)


def carry_out(pk: int, actor: Actor | None, at: datetime) -> AcmeOrder:
    """Issue what was intended, or find what became of it. `actor` None: the sweep, for the account."""
    order = _whole.get(pk)
    if order.state != AcmeOrderState.PROCESSING:
        return order
    actor = actor or actor_of(order.acme_account)
    try:
        certificate = _certificate(order, actor, at)
    except Refusal as refusal:
        if refusal.code != "signing_elsewhere":  # somebody else is at it, or its sweep decides
            _fail(order, actor, from_refusal(refusal, ProblemType.BAD_CSR), at)
        return _whole.get(pk)
    crashpoint("acme.finalize.after_issue")
    if certificate.state == PrivateCertificateState.FAILED:
        lost = "It is not known whether the certificate was signed, so it counts for nothing: order again."
        _fail(order, actor, AcmeProblem(ProblemType.SERVER_INTERNAL, lost), at)
    elif certificate.state != PrivateCertificateState.ISSUING:
        _succeed(order, certificate, actor, at)
    return _whole.get(pk)


def request_of(order: AcmeOrder) -> private_ca.Request:
    """What is asked of the CA: the order's names, whatever the CSR says in its own way."""
    return private_ca.Request(
        template=order.acme_account.template,
        names=by_kind(identifiers_of(order)),
        csr=order.csr,
        until=order.not_after,
    )


def identifiers_of(order: AcmeOrder) -> list[Identifier]:
    return [Identifier(one["type"], one["value"]) for one in order.identifiers]


def _certificate(order: AcmeOrder, actor: Actor, at: datetime) -> PrivateCertificate:
    known = order.certificate
    if known is not None:
        return private_ca.finish(known) if known.state == PrivateCertificateState.ISSUING else known
    refuse_unless_valid(order.acme_account)

    def begun(certificate: PrivateCertificate) -> None:
        if not _fill(order.pk, certificate.pk):
            raise Refusal("Somebody else has begun it.", code="signing_elsewhere")

    ca = order.acme_account.ca
    return private_ca.issue(actor, ca, request_of(order), renews=order.replaced, begun=begun, at=at)


@composed_change
def _fill(pk: int, certificate_pk: int) -> Change:
    room = AcmeOrder.objects.filter(pk=pk, state=AcmeOrderState.PROCESSING, certificate=None)
    return Change(room, certificate=certificate_pk)


def _succeed(order: AcmeOrder, certificate: PrivateCertificate, actor: Actor, at: datetime) -> None:
    with transaction.atomic():
        lock_account(order.acme_account_id)
        replaced = order.replaced
        if replaced and AcmeOrder.objects.filter(replaced=replaced, state=AcmeOrderState.VALID).exists():
            replaced = None  # two orders raced to replace it: the first did
        rows = AcmeOrder.objects.filter(pk=order.pk, state__in=before(AcmeOrderState.VALID))
        if rows.update(state=AcmeOrderState.VALID, replaced=replaced, due_at=None, csr=""):
            record(
                actor,
                AuditAction.ACME_ORDER_FINALIZED,
                order.public_id,
                at=at,
                after={"certificate": certificate.public_id, "serial": certificate.serial},
            )
    crashpoint("acme.finalize.after_commit")


def _fail(order: AcmeOrder, actor: Actor, problem: AcmeProblem, at: datetime) -> None:
    with transaction.atomic():
        rows = AcmeOrder.objects.filter(pk=order.pk, state=AcmeOrderState.PROCESSING)
        if rows.update(state=AcmeOrderState.INVALID, error=problem.document(), due_at=None, csr=""):
            key = ExternalKey.objects.filter(pk=order.acme_account.key_id, certificates_used__gt=0)
            key.update(certificates_used=F("certificates_used") - 1)
            record(
                actor,
                AuditAction.ACME_ORDER_FAILED,
                order.public_id,
                at=at,
                after={"why": problem.message},
            )


def _take(key: ExternalKey) -> None:
    """One of the certificates of the external key, where it has a limit."""
    if not _count(key.pk):
        raise unauthorized(f"The {key.certificates_limit} certificates of this account's key are used up.")


@composed_change
def _count(key_pk: int) -> Change:
    room = Q(certificates_limit=None) | Q(certificates_used__lt=F("certificates_limit"))
    return Change(ExternalKey.objects.filter(room, pk=key_pk), certificates_used=F("certificates_used") + 1)


def _read(der: bytes, order: AcmeOrder) -> str:
    """The CSR as PEM, if it is for exactly the order's names. AcmeProblem `badCSR`."""
    try:
        request = x509.load_der_x509_csr(der)
        pem = request.public_bytes(Encoding.PEM).decode()
        opened, _, _ = open_csr(pem)
        found = _names(opened)
    except InvalidInput as wrong:
        raise from_refusal(wrong, ProblemType.BAD_CSR) from None
    except (ValueError, TypeError):
        raise bad_csr("This is no certificate request.") from None
    wanted = {(one.kind, one.value) for one in identifiers_of(order)}
    if found != wanted:
        raise bad_csr("The request is not for exactly the names of the order.")
    spki = opened.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    own = jws.read_key(order.acme_account.jwk).public_key
    if own.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo) == spki:
        raise bad_csr("A certificate is for another key than the account's own.")  # RFC 8555 11.1
    return pem


def _names(request: x509.CertificateSigningRequest) -> set[tuple[str, str]]:
    """Those of the extension and of the common name together (RFC 8555 7.4)."""
    try:
        extension = request.extensions.get_extension_for_class(x509.SubjectAlternativeName)
        given = names_of(extension.value)
    except x509.ExtensionNotFound:
        given = {"dns": [], "ip": [], "email": [], "uri": []}
    for attribute in request.subject.get_attributes_for_oid(NameOID.COMMON_NAME):
        text = str(attribute.value)
        given["ip" if _is_address(text) else "dns"].append(text)
    faults: list[Fault] = []
    names = read_names(given, faults)
    if faults:
        raise InvalidInput(faults[0].message, faults=faults)
    return {(kind, value) for kind, values in names.by_kind().items() for value in values}


def _is_address(text: str) -> bool:
    return ":" in text or text.rpartition(".")[2].isdigit()


def bad_csr(detail: str) -> AcmeProblem:
    return AcmeProblem(ProblemType.BAD_CSR, detail)


def certificate_of(order: AcmeOrder) -> PrivateCertificate:
    """AcmeProblem `malformed`, 404: there is none, or a reset has deleted it."""
    if order.certificate is None or order.state != AcmeOrderState.VALID:
        raise malformed("There is no certificate of this order.", 404)
    return order.certificate


def chains_of(order: AcmeOrder, *, at: datetime) -> list[str]:
    """PEM, each from the leaf on and without its root: the one that is given out, then the alternates
    (RFC 8555 7.4.2). AcmeProblem as `certificate_of`."""
    ways = private_ca.whole_chains(certificate_of(order), at)
    return list(dict.fromkeys(private_ca.to_pem(below) for *below, _root in ways))
