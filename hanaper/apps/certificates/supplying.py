"""What a gateway may have made of this product by itself: DV certificates, from the account's own quota.

Taken is what cost nothing yet to anybody: a certificate on the list whose form nobody has begun, then a unit
of quota. A wildcard would be more than was asked for.
"""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import QuerySet

from hanaper.apps.catalog.vocabulary import ProductKind
from hanaper.apps.certificates.checks import place_of
from hanaper.apps.certificates.models.applications import Application, DomainCheck
from hanaper.apps.certificates.models.certificates import Certificate
from hanaper.apps.certificates.models.people import Contact
from hanaper.apps.certificates.services import applying, creating, reissuing, withdrawing
from hanaper.apps.certificates.services.claims import lock_for_use
from hanaper.apps.certificates.vocabulary import (
    ACTIVE_APPLICATION,
    ApplicationState,
    CheckMethod,
    CheckState,
    RevocationReason,
    RevocationState,
)
from hanaper.apps.orders.models import OrderLine
from hanaper.apps.orders.vocabulary import OrderState
from hanaper.apps.probes.http import PATH
from hanaper.core.actor import Actor, system
from hanaper.core.certificate.identifiers import DomainKind, parse_domain
from hanaper.core.certificate.profiles import ValidationLevel
from hanaper.core.certificate.states import CertificateState
from hanaper.core.errors import InvalidInput, NotFound, Refusal
from hanaper.core.gateway.supply import (
    QUOTA,
    Asked,
    Offer,
    Record,
    ShownBy,
    Stage,
    Standing,
    key_algorithm_of,
)
from hanaper.core.gateway.wire import Proof
from hanaper.core.x509.algorithms import KeyAlgorithm
from hanaper.storage.crashpoints import crashpoint

US = system("gateway")
FITTING = (DomainKind.SINGLE, DomainKind.MULTI_DOMAIN)
MOST = 100
# Before the end of the term: when somebody is told, and when the next one is had.
TOLD_BEFORE, RENEWED_BEFORE = timedelta(days=30), timedelta(days=7)
METHODS = {ShownBy.GATEWAY: CheckMethod.GATEWAY.value, ShownBy.DNS: CheckMethod.DNS.value}
S = CertificateState


class Supply:
    def offers(self, account_id: int, at: datetime) -> Sequence[Offer]:
        """The one that would be taken first, first; without contact and domain being looked at."""
        del at  # quota has no end
        found = [
            Offer(QUOTA, row.product.name, row.order.public_id, 1) for row in _untouched(account_id)[:MOST]
        ]
        return found + [
            Offer(QUOTA, line.product.name, line.order.public_id, line.quota_available)
            for line in _lines(account_id)
        ]

    def judge(self, asked: Asked, at: datetime) -> None:
        """Refused: `contact_missing`, `contact_not_found`, `no_template_needed`, `key_not_served`,
        InvalidInput for the domain."""
        del at
        if asked.template:
            raise InvalidInput(
                "Only a private CA issues by a template: leave it out.",
                field="template",
                code="no_template_needed",
            )
        key_algorithm_of(asked.key_algorithm)
        parse_domain(asked.domain, allow_reserved=settings.SANDBOX)
        _contact(asked)

    def refuse_impossible(self, asked: Asked, at: datetime) -> None:
        """As `judge`. Refused also: `no_quota`."""
        self.judge(asked, at)
        contact = _contact(asked)
        if _first_untouched(asked, contact) is None and _first_line(asked, contact) is None:
            raise _no_quota(asked)

    def obtain(self, asked: Asked, begun: Callable[[str], None], at: datetime) -> None:
        """Take one and apply for it. `begun` is told its public id in the transaction that takes it; if it
        raises, nothing was taken. Refused as `refuse_impossible`, and as locks, forms and quota refuse."""
        self.refuse_impossible(asked, at)
        contact = _contact(asked)
        form = {"domains": [asked.domain], "contact": contact.public_id, "method": METHODS[asked.shown_by]}
        if asked.key_algorithm:
            form["key_algorithm"] = asked.key_algorithm.value
        line = _first_line(asked, contact, renewing_only=True)
        untouched = None if line else _first_untouched(asked, contact)
        with transaction.atomic():
            if untouched is not None:
                certificate, _ = lock_for_use(untouched.pk)
                if certificate.state != S.PENDING_APPLICATION or certificate.form:
                    raise _no_quota(asked)  # somebody began with it at this moment; there may be another
                certificate = applying.save_form(US, certificate, form=form, at=at)
            elif (line := line or _first_line(asked, contact)) is not None:
                certificate = creating.create(US, line, form=form, at=at)
            else:
                raise _no_quota(asked)
            begun(certificate.public_id)
        crashpoint("gateway.supply.after_take")
        self.go_on(asked.account_id, certificate.public_id, at)

    def go_on(self, account_id: int, public_id: str, at: datetime) -> None:
        """Apply for what was begun or has failed. Refused as `applying.submit` refuses."""
        applying.submit(US, _named(account_id, public_id), at=at)

    def standing(self, account_id: int, public_id: str, at: datetime) -> Standing | None:
        """None: it is not of this product."""
        del at  # states are as they are now
        if not public_id.startswith("crt_"):
            return None
        try:
            return _standing(_named(account_id, public_id))
        except NotFound as missing:
            return Standing(Stage.LOST, QUOTA, "lost", missing.message)

    def rekey(
        self, actor: Actor, account_id: int, public_id: str, wanted: KeyAlgorithm, at: datetime
    ) -> bool:
        """Reissued within its term (D13). Refused as `reissuing.reissue`."""
        row = _named(account_id, public_id)
        if _key_algorithm(row) != wanted:
            reissuing.reissue(actor, row, key_algorithm=wanted.value, at=at)
        return True

    def proving(self) -> list[str]:
        """Issued ones for which nodes are to answer now, because they are being reissued or followed."""
        asked = DomainCheck.objects.filter(
            due_at__isnull=False, state=CheckState.PENDING, method=CheckMethod.GATEWAY
        )
        series = asked.values_list("application__certificate__series", flat=True)
        rows = Certificate.objects.filter(
            series__in=set(series), state__in=(S.ISSUED, S.VALIDATING_REVOCATION)
        )
        return list(rows.values_list("public_id", flat=True))

    def give_up(self, account_id: int, public_id: str, at: datetime) -> None:
        """What is not issued leaves the list, and its quota is restored (SPEC section 6); what is, stays the
        account's. Safe to run again. Refused: `order_locked` (D11)."""
        row = _named(account_id, public_id)
        if row.state == S.VALIDATING_APPLICATION:
            row = withdrawing.withdraw(US, row, at=at)
        if row.state == S.PENDING_APPLICATION:
            withdrawing.cancel_apply(US, row, at=at)
        elif row.state == S.VALIDATION_FAILED:
            withdrawing.delete_request(US, row, at=at)


def _named(account_id: int, public_id: str) -> Certificate:
    return Certificate.objects.get_visible(US, public_id, what="certificate", account_id=account_id)


def _contact(asked: Asked) -> Contact:
    """The one that was named, or the account's first."""
    rows = Contact.objects.filter(account_id=asked.account_id, removed_at=None).order_by("pk")
    found = (rows.filter(public_id=asked.contact) if asked.contact else rows).first()
    if found is not None:
        return found
    if asked.contact:
        message, code = "There is no such contact in this account.", "contact_not_found"
    else:
        message, code = "An application names a contact, and this account has none.", "contact_missing"
    raise InvalidInput(
        message,
        field="contact",
        code=code,
        next_steps=["Make a contact under Contacts and companies, then try again."],
    )


def _no_quota(asked: Asked) -> Refusal:
    return Refusal(
        f"No unused quota of this account fits {asked.domain}: a DV certificate for one domain is needed.",
        code="no_quota",
        next_steps=[
            "Buy a DV certificate for a single domain (Buy, SSL Certificates), or cancel an application that"
            " is not needed.",
            "Or have it issued by a private CA of the account.",
        ],
    )


def _untouched(account_id: int) -> QuerySet[Certificate]:
    """On the list, and nobody has begun its form."""
    rows = Certificate.objects.filter(
        account_id=account_id,
        state=S.PENDING_APPLICATION,
        level=ValidationLevel.DV,
        domain_kind__in=FITTING,
        combined=False,
        follows=None,
        form={},
        order__state=OrderState.PAID,
    )
    return rows.select_related("product", "order").order_by("pk")


def _first_untouched(asked: Asked, contact: Contact) -> Certificate | None:
    rows = _untouched(asked.account_id)
    return (rows if contact.id_number else rows.filter(needs_id_number=False)).first()


def _lines(account_id: int, *, renewing: str = "") -> list[OrderLine]:
    """With quota left, the plainest first. What was ordered to renew another certificate is not for this."""
    rows = OrderLine.objects.filter(
        order__account_id=account_id,
        order__state=OrderState.PAID,
        order__product_kind=ProductKind.SSL_CERTIFICATE,
        order__renews__in=("", renewing),
        quota_available__gt=0,
        product__level=ValidationLevel.DV,
        product__domain_kind__in=FITTING,
    ).select_related("product", "order")

    def plain(line: OrderLine) -> tuple[bool, bool, int, datetime]:
        other_kind = line.product.domain_kind != DomainKind.SINGLE
        return not line.order.renews, other_kind, line.order.years, line.order.placed_at

    return sorted(rows.order_by("order__placed_at")[:MOST], key=plain)


def _first_line(asked: Asked, contact: Contact, *, renewing_only: bool = False) -> OrderLine | None:
    for line in _lines(asked.account_id, renewing=asked.replaces):
        ordered_for_it = line.order.renews != "" or not renewing_only
        if ordered_for_it and (contact.id_number or not line.product.needs_id_number):
            return line
    return None


def _standing(row: Certificate) -> Standing:
    state = S(row.state)
    if state is S.PENDING_APPLICATION:
        withdrawn = row.applications.exists()
        return _taken_back("It was withdrawn.") if withdrawn else Standing(Stage.BEGUN, QUOTA)
    if state is S.VALIDATING_APPLICATION:
        checks = _checks(row)
        message = next((str(one.seen.get("message", "")) for one in checks if one.tries), "")
        code = "not_seen_yet" if message else ""
        return Standing(Stage.PENDING, QUOTA, code, message, _proofs(checks), _records(checks))
    if state is S.VALIDATION_FAILED:
        last = row.applications.order_by("-pk").first() or Application()
        return Standing(Stage.FAILED, QUOTA, last.failure_code or "validation_failed", last.failure)
    if state.in_force:
        checks = _checks(row)
        return Standing(
            Stage.ISSUED,
            QUOTA,
            proofs=_proofs(checks),
            records=_records(checks),
            key_algorithm=_key_algorithm(row),
            **_ends(row),
        )
    if state is S.EXPIRED:
        return Standing(Stage.LOST, QUOTA, "expired", "Its term has ended.")
    if state is S.REVOKED and _for_no_fault(row):
        return Standing(Stage.LOST, QUOTA, "revoked", "Its CA revoked it.")
    return _taken_back("It was revoked." if state is S.REVOKED else "Its application was cancelled.")


def _for_no_fault(row: Certificate) -> bool:
    """Its CA or an operator revoked it, and not for misuse: its owner wants one as before."""
    done = row.revocations.filter(state=RevocationState.DONE, for_cause=True)
    return done.exclude(reason=RevocationReason.PRIVILEGE_WITHDRAWN).exists()


def _key_algorithm(row: Certificate) -> KeyAlgorithm | None:
    """Of what is served, or is being issued in its place."""
    rows = row.applications.filter(state__in=(*ACTIVE_APPLICATION, ApplicationState.ISSUED))
    last = rows.order_by("-pk").values_list("key_algorithm", flat=True).first()
    return KeyAlgorithm(last) if last else None


def _taken_back(message: str) -> Standing:
    return Standing(Stage.TAKEN_BACK, QUOTA, "taken_back", message)


def _ends(row: Certificate) -> dict[str, Any]:
    """Nothing while another year follows by itself, which the gateway then serves."""
    later = Certificate.objects.filter(series=row.series, year__gt=row.year).exclude(
        state__in=(S.REMOVED, S.REVOKED)
    )
    if later.exists():
        return {}
    end = row.term_end
    return {"ends_at": end, "tell_at": end - TOLD_BEFORE, "renew_at": end - RENEWED_BEFORE}


def _checks(row: Certificate) -> list[DomainCheck]:
    """Those of the whole series that wait: the year that follows is applied for while this one is served."""
    rows = DomainCheck.objects.filter(
        application__certificate__series=row.series,
        account_id=row.account_id,
        state=CheckState.PENDING,
    )
    return list(rows.order_by("pk"))


def _proofs(checks: Sequence[DomainCheck]) -> tuple[Proof, ...]:
    return tuple(
        Proof(domain=one.domain, path=PATH.format(check=one.public_id), content=one.token)
        for one in checks
        if one.method == CheckMethod.GATEWAY
    )


def _records(checks: Sequence[DomainCheck]) -> tuple[Record, ...]:
    return tuple(Record(place_of(one), one.token) for one in checks if one.method == CheckMethod.DNS)
