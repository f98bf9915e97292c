"""Combining: several applications become one several-domain, several-wildcard or hybrid certificate.

SPEC section 6: same brand and level, all `Pending Application`, one year each. Into several wildcards or a
hybrid it ends the right to a refund of every order that gave quota (R9, D4), so it takes two steps.
"""

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction

from hanaper.apps.audit.services import record
from hanaper.apps.audit.vocabulary import AuditAction
from hanaper.apps.certificates.models.certificates import Certificate, CombinedQuota
from hanaper.apps.certificates.services import warning
from hanaper.apps.certificates.services.claims import lock_certificate, move, orders_of
from hanaper.apps.certificates.vocabulary import Removal
from hanaper.apps.orders import quota
from hanaper.apps.orders.locks import lock_orders, refuse_unless_paid
from hanaper.core.actor import Actor
from hanaper.core.certificate.identifiers import MAX_NAMES, DomainKind
from hanaper.core.certificate.states import Action, CertificateState
from hanaper.core.certificate.states import move as legal_move
from hanaper.core.errors import Fault, InvalidInput
from hanaper.storage.ids import new_public_id
from hanaper.storage.walls import require_write

BARS_REFUND = (DomainKind.MULTI_WILDCARD, DomainKind.HYBRID)

# How many names a kind may bring, and of which sort.
_PLAIN = (DomainKind.SINGLE, DomainKind.MULTI_DOMAIN)
_WILDCARDS = (DomainKind.WILDCARD, DomainKind.MULTI_WILDCARD)


def result_kind(kinds: Sequence[DomainKind]) -> DomainKind:
    """What certificates of these kinds make together, by content."""
    if all(kind in _PLAIN for kind in kinds):
        return DomainKind.MULTI_DOMAIN
    if all(kind in _WILDCARDS for kind in kinds):
        return DomainKind.MULTI_WILDCARD
    return DomainKind.HYBRID


def prepare_combination(
    actor: Actor, certificates: Sequence[Certificate], *, at: datetime
) -> tuple[DomainKind, warning.Warning]:
    """What would come of it, what it means for refunds, and the token that confirms it; reads only."""
    require_write(actor)
    kind = _judge(certificates)
    bars = kind in BARS_REFUND
    text = warning.COMBINE_TEXT if bars else ""
    warned = warning.warn(
        actor, _in_order(certificates), Action.COMBINE.value, text, at, bars_refund=bars, kind=kind.value
    )
    return kind, warned


def confirm_combination(
    actor: Actor, certificates: Sequence[Certificate], confirmation: str, *, at: datetime
) -> Certificate:
    """One certificate in `Pending Application` instead of these, which leave the list.

    Refused: what `prepare_combination` refuses, the token's refusals, `order_locked`, `order_not_paid`.
    """
    require_write(actor)
    kind = _judge(certificates)
    warning.require_confirmation(
        actor,
        _in_order(certificates),
        Action.COMBINE.value,
        confirmation,
        at,
        bars_refund=kind in BARS_REFUND,
        kind=kind.value,
    )
    with transaction.atomic():
        orders = lock_orders(pk for one in certificates for pk in orders_of(one))
        for order in orders:
            refuse_unless_paid(order)
        sources = [lock_certificate(one.pk)[0] for one in _in_order(certificates)]
        kind = _judge(sources)
        combined = _create(sources, kind, at)
        for source in sources:
            told = {"into": combined.public_id}
            move(actor, source, Action.COMBINE, at=at, told=told, removed_at=at, removed_by=Removal.COMBINE)
        _move_quota(combined, sources, kind, at)
        record(
            actor,
            AuditAction.CERTIFICATE_CREATED,
            combined.public_id,
            at=at,
            account_id=combined.account_id,
            after={
                "state": combined.state,
                "kind": kind.value,
                "combined": [source.public_id for source in sources],
                "orders": [order.public_id for order in orders],
                "bars_refund": kind in BARS_REFUND,
            },
        )
    return combined


def _in_order(certificates: Sequence[Certificate]) -> list[Certificate]:
    return sorted(certificates, key=lambda one: one.pk)


def _judge(certificates: Sequence[Certificate]) -> DomainKind:
    """What they make together; InvalidInput names each certificate that cannot take part."""
    faults = []
    if len(certificates) < 2:
        faults.append(Fault("certificates", "Choose two certificates or more.", "too_few"))
    if len({one.pk for one in certificates}) < len(certificates):
        faults.append(Fault("certificates", "A certificate was chosen twice.", "duplicate"))
    if len(certificates) > MAX_NAMES:
        # Each brings one name at least.
        message = f"At most {MAX_NAMES} names fit into one certificate."
        faults.append(Fault("certificates", message, "too_many_domains"))
    if faults:
        raise InvalidInput(faults[0].message, code="cannot_combine", faults=faults)
    first = certificates[0]
    for index, one in enumerate(certificates):
        field = f"certificates.{index}"
        if one.account_id != first.account_id:
            # An operator sees every account; a certificate stays in one.
            faults.append(Fault(field, "Belongs to another account.", "other_account"))
        if one.state != CertificateState.PENDING_APPLICATION:
            state = CertificateState(one.state).label
            message = f"Only a certificate in Pending Application can be combined; this one is {state}."
            faults.append(Fault(field, message, "not_in_this_state"))
        if one.order.years != 1:
            faults.append(Fault(field, "Only one-year certificates can be combined.", "several_years"))
        if (one.brand, one.level) != (first.brand, first.level):
            faults.append(Fault(field, "Brand and level must be the same for all.", "brand_or_level"))
        if one.combined:
            faults.append(Fault(field, "It was made by combining already.", "combined_before"))
    if not faults and first.level == "ev" and any(one.domain_kind not in _PLAIN for one in certificates):
        faults.append(Fault("certificates", "EV certificates hold no wildcards.", "wildcard_not_in_level"))
    if faults:
        raise InvalidInput(faults[0].message, code="cannot_combine", faults=faults)
    for one in certificates:
        legal_move(CertificateState(one.state), Action.COMBINE)
    return result_kind([DomainKind(one.domain_kind) for one in certificates])


def _create(sources: list[Certificate], kind: DomainKind, at: datetime) -> Certificate:
    first = sources[0]
    public_id = new_public_id("crt")
    domains = list(dict.fromkeys(name for source in sources for name in source.form.get("domains") or ()))
    combined = Certificate(
        account_id=first.account_id,
        order_id=first.order_id,
        line_id=first.line_id,
        product_id=first.product_id,
        series=public_id,
        brand=first.brand,
        level=first.level,
        domain_kind=kind,
        publicly_trusted=first.publicly_trusted,
        needs_id_number=any(source.needs_id_number for source in sources),
        combined=True,
        state=CertificateState.PENDING_APPLICATION,
        form={**_carried_over(first), "domains": domains},
        created_at=at,
    )
    combined.public_id = public_id
    combined.save()
    CombinedQuota.objects.bulk_create(
        CombinedQuota(certificate=combined, source=source, order_id=source.order_id, line_id=source.line_id)
        for source in sources
    )
    return combined


def _carried_over(source: Certificate) -> dict[str, object]:
    kept = ("contact", "company", "key_algorithm", "method")
    return {name: source.form[name] for name in kept if name in source.form}


def _move_quota(combined: Certificate, sources: list[Certificate], kind: DomainKind, at: datetime) -> None:
    for line_id in sorted({source.line_id for source in sources}):
        gave = [source for source in sources if source.line_id == line_id]
        quota.combine(
            gave[0].line,
            combined.public_id,
            at,
            amount=len(gave),
            bars_refund=kind in BARS_REFUND,
        )
