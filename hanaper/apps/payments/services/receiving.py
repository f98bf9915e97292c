"""Webhooks of providers: into the inbox once, then taken as a hint to look, never as the truth.

They arrive twice, late and out of order, so what a charge or refund is now is asked of the provider itself.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import F, Value
from django.db.models.functions import Least

from hanaper.apps.audit.services import record
from hanaper.apps.audit.vocabulary import AuditAction
from hanaper.apps.events.services import emit
from hanaper.apps.events.vocabulary import EventKind
from hanaper.apps.ledger import accounts
from hanaper.apps.ledger.services import transfer
from hanaper.apps.ledger.vocabulary import TransferKind
from hanaper.apps.payments.locks import lock_part
from hanaper.apps.payments.models import (
    ChargeAttempt,
    ExternalRefund,
    Payment,
    PaymentPart,
    ProviderEvent,
    RefundAttempt,
)
from hanaper.apps.payments.providers import (
    Provider,
    ProviderBusy,
    ProviderFault,
    ProviderRefund,
    ProviderTimeout,
    provider,
)
from hanaper.apps.payments.services.charging import observe_charge
from hanaper.apps.payments.services.refunding import observe_refund
from hanaper.apps.payments.services.returning import PAYMENTS
from hanaper.storage.crashpoints import crashpoint


def receive_webhook(
    provider_name: str,
    event_id: str,
    kind: str,
    body: Mapping[str, Any],
    at: datetime,
    system_at: datetime,
) -> bool:
    """Keep a verified event and look at what it is about; whether it was new.

    Committed before anything else: once the provider has our answer it will not send the event again.
    """
    event, new = ProviderEvent.objects.get_or_create(
        provider=provider_name,
        event=event_id,
        defaults={"kind": kind, "body": dict(body), "received_at": system_at},
    )
    crashpoint("payments.webhook.before_commit")
    if new:
        handle_event(event.pk, at, system_at)
    crashpoint("payments.webhook.after_commit")
    return new


def handle_event(event_pk: int, at: datetime, system_at: datetime) -> None:
    """Look at what the event is about; if the provider does not answer, the sweep looks again."""
    event = ProviderEvent.objects.get(pk=event_pk)
    if event.handled_at is not None:
        return
    engine = provider(event.provider)
    subject = str(event.body.get("id", ""))
    try:
        if event.kind.startswith("refund."):
            _look_at_refund(engine, subject, at, system_at)
        elif event.kind.startswith("charge."):
            _look_at_charge(engine, str(event.body.get("key", "")), at)
    except (ProviderTimeout, ProviderBusy, ProviderFault):
        return
    ProviderEvent.objects.filter(pk=event.pk).update(handled_at=system_at)


def _look_at_charge(engine: Provider, key: str, at: datetime) -> None:
    attempt = ChargeAttempt.objects.select_related("part").filter(key=key).first()
    charge = engine.find_charge(key) if attempt is not None else None
    if attempt is not None and charge is not None:
        observe_charge(attempt, charge, at=at)


def _look_at_refund(engine: Provider, refund_id: str, at: datetime, system_at: datetime) -> None:
    refund = engine.get_refund(refund_id)
    if refund is None:
        return
    attempt = RefundAttempt.objects.select_related("of__part").filter(key=refund.key or "").first()
    if attempt is not None:
        observe_refund(attempt, refund, at=at)
    elif refund.status == "succeeded":
        adopt_external(refund, at, system_at)


def adopt_external(refund: ProviderRefund, at: datetime, system_at: datetime) -> None:
    """Money went back at the provider and not by us: the books follow, and further refunds wait for an
    operator, so that together they never exceed what was paid."""
    found = PaymentPart.objects.filter(provider_charge=refund.charge).first()
    if found is None:
        _tell_operators(refund, "A refund of a charge that is not ours.", at)
        return
    with transaction.atomic():
        part = lock_part(found.pk)
        if ExternalRefund.objects.filter(provider_refund=refund.id).exists():
            return
        payment = part.payment
        moved = transfer(
            TransferKind.EXTERNAL_REFUND,
            debit=accounts.EXTERNAL_REFUNDS,
            credit=accounts.CARD_PROVIDER,
            currency=payment.currency,
            amount=refund.amount,
            at=at,
            reference=part.public_id,
            account=payment.account,
        )
        ExternalRefund.objects.create(
            provider_refund=refund.id, part=part, amount=refund.amount, transfer=moved, found_at=system_at
        )
        free = F("captured") - F("reserved") - F("refunded")
        PaymentPart.objects.filter(pk=part.pk).update(
            refunded=F("refunded") + Least(Value(refund.amount), free)
        )
        Payment.objects.filter(pk=payment.pk).update(disputed=True)
        record(
            PAYMENTS,
            AuditAction.EXTERNAL_REFUND_FOUND,
            part.public_id,
            at=at,
            account_id=payment.account_id,
            after={"provider_refund": refund.id, "amount": refund.amount},
        )
        _tell_operators(refund, "Money was given back at the provider and not by us.", at)


def _tell_operators(refund: ProviderRefund, problem: str, at: datetime) -> None:
    emit(
        EventKind.EXTERNAL_REFUND_FOUND,
        account_id=None,
        subject=refund.id,
        at=at,
        dedupe=f"payment.external_refund:{refund.id}",
        data={"problem": problem, "amount": refund.amount},
    )
