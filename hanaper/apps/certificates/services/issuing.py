"""Having an X.509 certificate issued: submitted, polled, fetched, and what came of it committed.

The intention is a row with its key before anything is sent; every call is outside a transaction; the outcome
is claimed by a conditional update under the order's lock. What a CA made that nobody wants any more
(withdrawn, expired or revoked meanwhile) is revoked as soon as it is known.
"""

import hashlib
from datetime import datetime, timedelta
from typing import Any

from cryptography import x509
from django.db import transaction
from django.db.models import F

from hanaper.apps.audit.services import record
from hanaper.apps.audit.vocabulary import AuditAction
from hanaper.apps.authority.services import lock_key
from hanaper.apps.certificates import at_issuer
from hanaper.apps.certificates.at_issuer import Issued, Progress, Standing
from hanaper.apps.certificates.forms import is_compromised
from hanaper.apps.certificates.models.applications import Application
from hanaper.apps.certificates.models.certificates import Certificate
from hanaper.apps.certificates.models.issuing import IssuerOrder
from hanaper.apps.certificates.services.claims import lock_certificate, move
from hanaper.apps.certificates.services.failing import fail_application
from hanaper.apps.certificates.services.telling import alert, tell
from hanaper.apps.certificates.vocabulary import (
    OPEN_ISSUER_ORDER,
    OPEN_REVOCATION,
    ApplicationState,
    IssuerOrderState,
    Purpose,
    RevocationReason,
    RevocationState,
)
from hanaper.apps.events.vocabulary import EventKind
from hanaper.apps.orders.vocabulary import OrderState
from hanaper.core.actor import system
from hanaper.core.certificate.identifiers import DomainKind, parse_domains
from hanaper.core.certificate.states import Action, CertificateState
from hanaper.core.certificate.validity import reissue_due
from hanaper.core.ending_soon import next_warning
from hanaper.core.x509.algorithms import UnsupportedKey, key_algorithm, spki_of
from hanaper.storage.crashpoints import crashpoint
from hanaper.storage.leases import back_off, claim
from hanaper.storage.wake import pursuit

US = system("issuance")

FIRST_WAIT, LONGEST_WAIT = timedelta(seconds=2), timedelta(minutes=10)
WAIT_WHILE_LOCKED = timedelta(seconds=30)
# So many tries without an answer, and the operators are told.
TROUBLE_AFTER = 8

_O = IssuerOrderState


@pursuit("certificates.issuer_order")
def pursue_issuer_order(pk: int, at: datetime, system_at: datetime) -> None:
    """Take an order at an issuer one step on, or as far as the issuer answers at once."""
    if not claim(IssuerOrder.objects.filter(state__in=OPEN_ISSUER_ORDER), pk, system_at):
        return
    # Counted before anything is sent: zero tries prove that the issuer never heard of it.
    never_sent = IssuerOrder.objects.filter(pk=pk, tries=0).update(tries=1) == 1
    if not never_sent:
        IssuerOrder.objects.filter(pk=pk).update(tries=F("tries") + 1)
    order = _read(pk)
    crashpoint("certificates.issue.after_intent")
    if order.state == _O.UNWANTED and never_sent:
        _discard(order, at)
        return
    if not order.reference:
        progress = at_issuer.submit(order, at)
        crashpoint("certificates.issue.after_submit")
        if progress.reference:
            IssuerOrder.objects.filter(pk=pk).update(reference=progress.reference[:200])
            IssuerOrder.objects.filter(pk=pk, state=_O.PREPARED).update(state=_O.SUBMITTED)
    else:
        progress = at_issuer.poll(order, at)
    issued = None
    if progress.standing is Standing.READY:
        progress, issued = at_issuer.fetch(_read(pk), at)
        crashpoint("certificates.issue.after_fetch")
    _commit(_read(pk), progress, issued, at, system_at)
    crashpoint("certificates.issue.after_commit")


def _read(pk: int) -> IssuerOrder:
    return IssuerOrder.objects.select_related("application", "certificate").get(pk=pk)


def _commit(
    order: IssuerOrder, progress: Progress, issued: Issued | None, at: datetime, system_at: datetime
) -> None:
    """Write down what the issuer said, whoever moved the certificate meanwhile."""
    if issued is not None:
        wrong = _what_is_wrong(order, issued)
        # By itself: whoever changes what an order paid for locks the order before anything else.
        _keep(order, issued)
        with transaction.atomic():
            if wrong:
                _fail(order, at, system_at, "wrong_certificate", wrong)
            else:
                _deliver(order, at, system_at)
    elif progress.standing is Standing.REFUSED:
        with transaction.atomic():
            _fail(order, at, system_at, progress.code or "issuer_refused", progress.message)
    else:
        _wait(order, progress, at, system_at)
    order = _read(order.pk)
    if order.state == _O.UNWANTED and order.leaf is not None:
        _revoke_unwanted(order, at, system_at)


def _wait(order: IssuerOrder, progress: Progress, at: datetime, system_at: datetime) -> None:
    wait = back_off(order.tries, first=FIRST_WAIT, longest=LONGEST_WAIT)
    IssuerOrder.objects.filter(pk=order.pk, state__in=OPEN_ISSUER_ORDER).update(
        due_at=system_at + wait, fault=progress.message[:1000]
    )
    if order.tries == TROUBLE_AFTER and progress.standing is Standing.UNKNOWN:
        with transaction.atomic():
            alert(
                EventKind.ISSUER_TROUBLE,
                order.certificate,
                at=at,
                dedupe=order.public_id,
                issuer=order.issuer,
                fault=progress.message,
            )


def _keep(order: IssuerOrder, issued: Issued) -> None:
    """What was fetched, byte for byte; from now on it is known and can be revoked."""
    leaf = x509.load_der_x509_certificate(issued.leaf)
    IssuerOrder.objects.filter(pk=order.pk).update(
        leaf=issued.leaf,
        chain=issued.chain,
        serial=f"{leaf.serial_number:x}",
        fingerprint=hashlib.sha256(issued.leaf).hexdigest(),
        not_before=leaf.not_valid_before_utc,
        not_after=leaf.not_valid_after_utc,
    )


def _what_is_wrong(order: IssuerOrder, issued: Issued) -> str:
    """Why this is not what was ordered; empty if it is. An issuer is not believed, it is read."""
    application, certificate = order.application, order.certificate
    leaf = x509.load_der_x509_certificate(issued.leaf)
    try:
        key = leaf.public_key()
        key_algorithm(key)
        spki = spki_of(key)  # type: ignore[arg-type]  # key_algorithm refused other kinds
    except UnsupportedKey:
        spki = b""
    if spki != bytes(application.spki):
        return "The issuer certified another key."
    names = parse_domains(DomainKind(certificate.domain_kind), application.domains, allow_reserved=True)
    found = leaf.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    if set(found.get_values_for_type(x509.DNSName)) != set(names.san):
        return "The issuer certified other names."
    if leaf.not_valid_after_utc >= order.term_end:
        return "The issuer made it longer than its service year."
    return ""


def _deliver(order: IssuerOrder, at: datetime, system_at: datetime) -> None:
    """The X.509 certificate counts, if it is still wanted; otherwise it is to be revoked.

    In the caller's transaction.
    """
    certificate, orders = lock_certificate(order.certificate_id)
    order = _read(order.pk)
    if any(each.state == OrderState.REFUND_IN_PROGRESS for each in orders):
        # D11: wait; it is known and kept, and counts or is revoked once the refund is settled.
        IssuerOrder.objects.filter(pk=order.pk).update(due_at=system_at + WAIT_WHILE_LOCKED)
        return
    paid = all(each.state == OrderState.PAID for each in orders)
    if not paid or not _still_wanted(order, certificate):
        rows = IssuerOrder.objects.filter(pk=order.pk, state__in=OPEN_ISSUER_ORDER)
        rows.update(state=_O.UNWANTED, due_at=system_at)
        return
    if lock_key(order.application.key_fingerprint):
        _fail(
            order,
            at,
            system_at,
            "key_compromised",
            "The key was reported as compromised. Apply with another one.",
        )
        return
    Application.objects.filter(pk=order.application_id, state=ApplicationState.ISSUING).update(
        state=ApplicationState.ISSUED, ended_at=at
    )
    IssuerOrder.objects.filter(pk=order.pk).update(state=_O.ISSUED, issued_at=at, due_at=None, fault="")
    if order.application.purpose in (Purpose.APPLY, Purpose.ACTIVATION):
        _first_of_its_year(order, certificate, at)
    else:
        _next_of_its_year(order, certificate, at)


def _still_wanted(order: IssuerOrder, certificate: Certificate) -> bool:
    if order.state == _O.UNWANTED or order.application.state != ApplicationState.ISSUING:
        return False
    if order.application.purpose in (Purpose.APPLY, Purpose.ACTIVATION):
        return certificate.state == CertificateState.VALIDATING_APPLICATION
    # While a revocation is under review the year goes on; once it is approved nothing is added to it.
    decided = certificate.revocations.filter(state=RevocationState.APPROVED).exists()
    return CertificateState(certificate.state).in_force and not decided


def _columns(order: IssuerOrder, term_end: datetime) -> dict[str, Any]:
    return {
        "current": order,
        "reissue_due_at": reissue_due(order.not_before, order.not_after, term_end),
        "retry_at": None,
        "retries": 0,
    }


def _first_of_its_year(order: IssuerOrder, certificate: Certificate, at: datetime) -> None:
    move(
        US,
        certificate,
        Action.ISSUE,
        at=at,
        told={"serial": order.serial, "application": order.application.public_id},
        issued_at=at,
        term_begin=order.term_begin,
        term_end=order.term_end,
        warn_at=next_warning(order.term_end, at),
        **_columns(order, order.term_end),
    )
    tell(
        EventKind.CERTIFICATE_ISSUED,
        certificate,
        at=at,
        dedupe=order.public_id,
        serial=order.serial,
        term_end=order.term_end,
    )


def _next_of_its_year(order: IssuerOrder, certificate: Certificate, at: datetime) -> None:
    Certificate.objects.filter(pk=certificate.pk).update(**_columns(order, certificate.term_end))
    record(
        US,
        AuditAction.CERTIFICATE_REISSUED,
        certificate.public_id,
        at=at,
        account_id=certificate.account_id,
        after={
            "serial": order.serial,
            "application": order.application.public_id,
            "purpose": order.application.purpose,
        },
    )
    tell(
        EventKind.CERTIFICATE_REISSUED,
        certificate,
        at=at,
        dedupe=order.public_id,
        serial=order.serial,
        not_after=order.not_after,
    )


def _fail(order: IssuerOrder, at: datetime, system_at: datetime, code: str, message: str) -> None:
    """The issuer refused, or sent something else. In the caller's transaction."""
    _, orders = lock_certificate(order.certificate_id)
    if any(each.state == OrderState.REFUND_IN_PROGRESS for each in orders):
        IssuerOrder.objects.filter(pk=order.pk).update(due_at=system_at + WAIT_WHILE_LOCKED)
        return
    order = _read(order.pk)
    if order.leaf is not None:
        # Issued, though not what was ordered: it must not stay valid.
        state, due = _O.UNWANTED, system_at
    else:
        state, due = _O.FAILED, None
    unwanted = order.state == _O.UNWANTED
    IssuerOrder.objects.filter(pk=order.pk).update(
        state=_O.DISCARDED if unwanted and order.leaf is None else state, due_at=due, fault=message[:1000]
    )
    fail_application(US, order.application, code=code, reason=message, at=at, system_at=system_at)


def _discard(order: IssuerOrder, at: datetime) -> None:
    """Nothing came of it."""
    with transaction.atomic():
        rows = IssuerOrder.objects.filter(pk=order.pk, state=_O.UNWANTED)
        if rows.update(state=_O.DISCARDED, due_at=None):
            _record_discarded(order, at)


def _revoke_unwanted(order: IssuerOrder, at: datetime, system_at: datetime) -> None:
    """It was issued after all: the CA revokes it, and nobody ever gets it. Whyever it is not wanted, of a key
    that was reported that is the reason (BR 4.9.1.1)."""
    compromised = is_compromised(order.application.key_fingerprint)
    reason = RevocationReason.KEY_COMPROMISE if compromised else RevocationReason.CESSATION_OF_OPERATION
    progress = at_issuer.revoke(order, reason, at)
    crashpoint("certificates.issue.after_revoking_unwanted")
    if progress.standing is not Standing.READY:
        _wait(order, progress, at, system_at)
        return
    with transaction.atomic():
        rows = IssuerOrder.objects.filter(pk=order.pk, state=_O.UNWANTED)
        revoked = rows.update(
            state=_O.DISCARDED,
            due_at=None,
            revoked_at=at,
            revocation_reason=reason,
        )
        if revoked:
            _record_discarded(order, at)


def _record_discarded(order: IssuerOrder, at: datetime) -> None:
    record(
        US,
        AuditAction.CERTIFICATE_DISCARDED,
        order.certificate.public_id,
        at=at,
        account_id=order.certificate.account_id,
        after={"issuer_order": order.public_id, "serial": order.serial},
    )


def issued_and_valid(certificate: Certificate, at: datetime) -> list[IssuerOrder]:
    """The X.509 certificates of the year that clients would still trust (D13)."""
    rows = certificate.issuer_orders.filter(state=_O.ISSUED, revoked_at=None, not_after__gte=at)
    return list(rows.select_related("application", "certificate").order_by("pk"))


def is_being_revoked(certificate: Certificate) -> bool:
    return certificate.revocations.filter(state__in=OPEN_REVOCATION).exists()
