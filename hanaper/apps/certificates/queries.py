"""Reading certificates, contacts, companies and the queues of the reviewers, within the walls."""

from datetime import UTC, date, datetime, time
from typing import Any

from django.db.models import Prefetch, Q, QuerySet

from hanaper.apps.audit.models import AuditEntry
from hanaper.apps.certificates.models.applications import Application, DomainCheck
from hanaper.apps.certificates.models.certificates import Certificate
from hanaper.apps.certificates.models.issuing import IssuerOrder
from hanaper.apps.certificates.models.people import Company, Contact
from hanaper.apps.certificates.models.revocations import RevocationRequest
from hanaper.apps.certificates.search import found_by
from hanaper.apps.certificates.vocabulary import ApplicationState, IssuerOrderState, RevocationState
from hanaper.apps.orders.models import Order
from hanaper.apps.orders.vocabulary import OrderState
from hanaper.core.actor import Actor
from hanaper.core.certificate.states import Action, CertificateState, Party, actions_in
from hanaper.core.errors import InvalidInput


def contacts(actor: Actor) -> QuerySet[Contact]:
    return Contact.objects.visible_to(actor).filter(removed_at=None)


def contact(actor: Actor, public_id: str) -> Contact:
    return Contact.objects.get_visible(actor, public_id, what="contact", removed_at=None)


def companies(actor: Actor) -> QuerySet[Company]:
    return Company.objects.visible_to(actor).filter(removed_at=None)


def company(actor: Actor, public_id: str) -> Company:
    return Company.objects.get_visible(actor, public_id, what="company", removed_at=None)


def certificates(
    actor: Actor,
    *,
    search: str = "",
    state: str = "",
    brand: str = "",
    order: str = "",
    expiring_before: datetime | None = None,
    expiring_from: datetime | None = None,
    off_the_list: bool = False,
) -> QuerySet[Certificate]:
    """The list. `search`: what some part of a name begins with, a serial number or an id; `state`: one, or
    several by commas; `expiring_before`: in force, ending before it and not before `expiring_from`."""
    rows: QuerySet[Certificate] = Certificate.objects.visible_to(actor).select_related(
        "order", "line", "product", "current", "account", "follows"
    )
    if state:
        wanted = [part.strip() for part in state.split(",") if part.strip()]
        unknown = sorted(set(wanted) - {each.value for each in CertificateState})
        if unknown:
            choices = ", ".join(each.value for each in CertificateState if each.on_the_list)
            raise InvalidInput(f"A state is one of: {choices}.", field="state", code="unknown_state")
        # One state by itself: then the index gives the rows in their order.
        rows = rows.filter(state=wanted[0]) if len(wanted) == 1 else rows.filter(state__in=wanted)
    elif not off_the_list:
        rows = rows.exclude(state=CertificateState.REMOVED)
    if brand:
        rows = rows.filter(brand=brand)
    if order:
        rows = rows.filter(Q(order__public_id=order) | Q(parts__order__public_id=order)).distinct()
    if expiring_before is not None:
        in_force = (CertificateState.ISSUED, CertificateState.VALIDATING_REVOCATION)
        rows = rows.filter(term_end__lt=expiring_before, state__in=in_force)
        if expiring_from is not None:
            rows = rows.filter(term_end__gte=expiring_from)
    if search.strip():
        rows = rows.filter(found_by(actor, search))
    return rows


def actions_of(row: Certificate, by: Party = Party.CUSTOMER) -> tuple[Action, ...]:
    """What `by` can do with it now; customers nothing while its order is being refunded (D11)."""
    if by is Party.CUSTOMER and row.order.state == OrderState.REFUND_IN_PROGRESS:
        return ()
    return actions_in(CertificateState(row.state), by)


def drafts_naming(actor: Actor, person: str) -> QuerySet[Certificate]:
    """Those still to be submitted whose form names a contact or a company, the newest first."""
    drafts = f"{CertificateState.PENDING_APPLICATION},{CertificateState.VALIDATION_FAILED}"
    named = Q(form__contact=person) | Q(form__company=person)
    return certificates(actor, state=drafts).filter(named).order_by("-id")


def of_key(actor: Actor, account_id: int, fingerprint: str) -> list[Certificate]:
    """The account's certificates in force of a key (SHA-256 of its SubjectPublicKeyInfo, hex)."""
    in_force = (CertificateState.ISSUED, CertificateState.VALIDATING_REVOCATION)
    rows = Certificate.objects.visible_to(actor).filter(account_id=account_id, state__in=in_force)
    wanted = rows.filter(
        issuer_orders__state=IssuerOrderState.ISSUED,
        issuer_orders__revoked_at=None,
        issuer_orders__application__key_fingerprint=fingerprint,
    )
    return list(wanted.distinct().order_by("pk")) if fingerprint else []


COUNTED = 5000  # service years that a chart looks at: a page costs the same however many there are


def ends_by_month(actor: Actor, begin: date, end: date) -> dict[str, int]:
    """How many service years in force end in each month (`2026-03`), of the first to end in between."""
    rows = Certificate.objects.visible_to(actor).filter(
        term_end__gte=datetime.combine(begin, time(), UTC),
        term_end__lt=datetime.combine(end, time(), UTC),
        state__in=(CertificateState.ISSUED, CertificateState.VALIDATING_REVOCATION),
    )
    found: dict[str, int] = {}
    for (ends_at,) in rows.order_by("term_end", "id").values_list("term_end")[:COUNTED]:
        month = ends_at.strftime("%Y-%m")
        found[month] = found.get(month, 0) + 1
    return found


def certificate(actor: Actor, public_id: str) -> Certificate:
    """One by its id; what left the list can still be looked at by whoever knows it."""
    rows = Certificate.objects.select_related("order", "line", "product", "current", "account", "follows")
    return rows.get_visible(actor, public_id, what="certificate")


def for_detail(actor: Actor, public_id: str) -> Certificate:
    """As `certificate`, with everything that its page shows, in a fixed number of queries."""
    applications = Application.objects.order_by("pk").prefetch_related(
        Prefetch("checks", DomainCheck.objects.select_related("reused").order_by("pk"))
    )
    together: tuple[Any, ...] = (
        Prefetch("applications", applications),
        Prefetch("issuer_orders", IssuerOrder.objects.order_by("pk")),
        Prefetch("revocations", RevocationRequest.objects.order_by("pk")),
        "parts__source",
        "parts__order",
    )
    rows: Any = Certificate.objects.select_related(
        "order", "line", "product", "current", "account", "follows"
    ).prefetch_related(*together)
    found: Certificate = rows.get_visible(actor, public_id, what="certificate")
    return found


def timeline(certificate: Certificate) -> QuerySet[AuditEntry]:
    """What was done with it, oldest first."""
    return AuditEntry.objects.filter(
        account_id=certificate.account_id, target=certificate.public_id
    ).order_by("pk")


def reviews_due(order: Order) -> dict[str, datetime]:
    """When the revocations of an order's certificates that wait for review are due (D10), by certificate."""
    waiting = RevocationRequest.objects.filter(certificate__order=order, state=RevocationState.PENDING)
    return dict(waiting.values_list("certificate__public_id", "due_at"))


def siblings(certificate: Certificate) -> QuerySet[Certificate]:
    """The other years of its series that are on the list."""
    rows = Certificate.objects.filter(series=certificate.series).exclude(pk=certificate.pk)
    return rows.exclude(state=CertificateState.REMOVED).order_by("year")


def issuances(certificate: Certificate) -> QuerySet[IssuerOrder]:
    """The X.509 certificates of the year, newest first."""
    rows = IssuerOrder.objects.filter(certificate=certificate, leaf__isnull=False)
    return rows.select_related("application").order_by("-pk")


def issuance(certificate: Certificate, serial: str) -> IssuerOrder | None:
    wanted = serial.lower().replace(":", "").lstrip("0")
    return issuances(certificate).filter(serial=wanted, state=IssuerOrderState.ISSUED).first()


def applications_to_review() -> QuerySet[Application]:
    """OV and EV applications that wait for a reviewer, longest first."""
    rows: QuerySet[Application] = Application.objects.filter(state=ApplicationState.REVIEWING)
    rows = rows.select_related("certificate", "certificate__account", "certificate__order")
    return rows.prefetch_related(
        Prefetch("checks", DomainCheck.objects.select_related("reused").order_by("pk"))
    )


def revocations_to_review() -> QuerySet[RevocationRequest]:
    """Requests that wait for a reviewer; sort by `queue_key` for D10's order."""
    rows = RevocationRequest.objects.filter(state=RevocationState.PENDING)
    return rows.select_related("certificate", "certificate__account", "certificate__order")


def application(actor: Actor, public_id: str) -> Application:
    rows = Application.objects.select_related("certificate", "certificate__account", "certificate__order")
    return rows.get_visible(actor, public_id, what="application")


def revocation(actor: Actor, public_id: str) -> RevocationRequest:
    rows = RevocationRequest.objects.select_related(
        "certificate", "certificate__account", "certificate__order"
    )
    return rows.get_visible(actor, public_id, what="revocation request")


def order_for(actor: Actor, public_id: str) -> Order:
    return Order.objects.get_visible(actor, public_id, what="order")
