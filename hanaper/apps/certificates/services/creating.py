"""Creating an application: one quota of an order becomes a certificate on the list (SPEC section 6)."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import transaction

from hanaper.apps.audit.services import record
from hanaper.apps.audit.vocabulary import AuditAction
from hanaper.apps.catalog.models import Product
from hanaper.apps.catalog.vocabulary import ProductKind
from hanaper.apps.certificates import forms
from hanaper.apps.certificates.models.certificates import Certificate
from hanaper.apps.orders import quota
from hanaper.apps.orders.locks import lock_order, refuse_unless_paid
from hanaper.apps.orders.models import Order, OrderLine
from hanaper.core.actor import Actor
from hanaper.core.certificate.states import CertificateState
from hanaper.core.errors import InvalidInput, Refusal
from hanaper.storage.ids import new_public_id
from hanaper.storage.walls import require_write


def line_of(order: Order, line: str | None) -> OrderLine:
    """The line to take quota from: the named one, or the only one that has any left."""
    if line:
        return _named(order, line)
    lines = list(order.lines.select_related("product", "order").order_by("position"))
    left = [each for each in lines if each.quota_available > 0]
    if len(left) > 1:
        raise InvalidInput(
            "This order has several lines: say which one to use.",
            field="line",
            code="line_needed",
            details={"lines": [each.public_id for each in left]},
        )
    return left[0] if left else lines[0]


def _named(order: Order, line: str) -> OrderLine:
    found = order.lines.select_related("product", "order").filter(public_id=line).first()
    if found is None:
        raise InvalidInput("The order has no such line.", field="line", code="line_not_found")
    return found


def create(
    actor: Actor,
    line: OrderLine,
    *,
    form: Mapping[str, Any] | None = None,
    at: datetime,
) -> Certificate:
    """Take one quota of `line`: the first year's certificate, `Pending Application`; of several years the
    later ones beside it, `Not Activated`.

    `form`: the beginning of an application form, not judged yet. Refused: `not_a_certificate`,
    `quota_used_up`, `order_not_paid`, `order_refunded`, `order_locked` (D11).
    """
    require_write(actor)
    if line.order.product_kind != ProductKind.SSL_CERTIFICATE:
        raise Refusal(
            "This order is not for SSL certificates: nothing can be applied for with it.",
            code="not_a_certificate",
            details={"order": line.order.public_id},
        )
    with transaction.atomic():
        order = lock_order(line.order_id)
        refuse_unless_paid(order)
        renewed = _renewed(order)
        started = {} if renewed is None else _carried_over(renewed.form)
        first = new_public_id("crt")
        certificates = _years(order, line, first, forms.merged(started, form or {}), renewed, at)
        quota.take(line, first, at)
        for certificate in certificates:
            record(
                actor,
                AuditAction.CERTIFICATE_CREATED,
                certificate.public_id,
                at=at,
                account_id=order.account_id,
                after={"state": certificate.state, "order": order.public_id, "year": certificate.year},
            )
    return certificates[0]


def _years(
    order: Order,
    line: OrderLine,
    first: str,
    form: dict[str, Any],
    renewed: Certificate | None,
    at: datetime,
) -> list[Certificate]:
    product: Product = line.product
    made: list[Certificate] = []
    for year in range(1, order.years + 1):
        # D18: early renewal begins at the old end, each later year where the one before ends.
        follows = made[-1] if made else renewed
        certificate = Certificate(
            account_id=order.account_id,
            order=order,
            line=line,
            product=product,
            series=first,
            year=year,
            brand=product.brand,
            level=product.level,
            domain_kind=product.domain_kind,
            publicly_trusted=product.publicly_trusted,
            needs_id_number=product.needs_id_number,
            state=CertificateState.NOT_ACTIVATED if made else CertificateState.PENDING_APPLICATION,
            form={} if made else form,
            follows=follows,
            created_at=at,
        )
        if not made:
            certificate.public_id = first
        certificate.save()
        made.append(certificate)
    return made


def _renewed(order: Order) -> Certificate | None:
    """The certificate that the order renews, for its first application only."""
    if not order.renews:
        return None
    found = Certificate.objects.filter(account_id=order.account_id, public_id=order.renews).first()
    if found is None or found.followers.filter(order=order).exists():
        return None
    return found


def _carried_over(form: Mapping[str, Any]) -> dict[str, Any]:
    """A renewal starts from the old form, but with a new key."""
    return {name: value for name, value in form.items() if name != "csr"}
