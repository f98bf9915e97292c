"""Paying: hold the balance, charge the card, and take nothing unless everything came about.

Intention, effect, outcome: the attempt and its key are committed, then the provider is called outside any
transaction, then the outcome is committed. After a crash anywhere the sweep goes on from the attempt.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from hanaper import clock
from hanaper.apps.audit.services import record
from hanaper.apps.audit.vocabulary import AuditAction
from hanaper.apps.ledger import accounts
from hanaper.apps.ledger.services import transfer
from hanaper.apps.ledger.vocabulary import TransferKind
from hanaper.apps.payments.locks import lock_payment
from hanaper.apps.payments.models import ChargeAttempt, Payment, PaymentPart
from hanaper.apps.payments.providers import CARD, CardDetails, ProviderRejected, ProviderTimeout, provider
from hanaper.apps.payments.services.charging import pursue_charge
from hanaper.apps.payments.services.opening import complete, money_due
from hanaper.apps.payments.vocabulary import Means, PartState, PaymentState
from hanaper.apps.recovery.services import refuse_in_recovery
from hanaper.core.actor import Actor
from hanaper.core.errors import Fault, InvalidInput, Refusal
from hanaper.core.money import format_amount
from hanaper.storage.crashpoints import crashpoint
from hanaper.storage.wake import wake_pursuit


@dataclass(frozen=True, slots=True)
class MeansChoice:
    """How much to pay by what: `card` belongs to the means card; without `amount`, whatever is left."""

    means: Means
    amount: int | None = None
    card: CardDetails | None = None


def pay(actor: Actor, payment: Payment, *, means: Sequence[MeansChoice], at: datetime) -> Payment:
    """Pay an open payment; answers once the provider did, or while it is still thinking (`processing`).

    Refused: `invalid_input` (amounts that do not sum, a card that is none of the sandbox's),
    `means_not_offered`, `balance_too_small`, `payment_in_progress`, `payment_completed`, `payment_cancelled`,
    `in_recovery`.
    """
    refuse_in_recovery()
    amounts = _amounts(payment, means)
    token, last_four = _token(means)
    with transaction.atomic():
        payment = lock_payment(payment.pk)
        _refuse_unless_open(payment)
        position = payment.parts.count()
        attempt = None
        for choice, amount in zip(means, amounts, strict=True):
            if amount == 0:
                continue
            part = PaymentPart(payment=payment, position=position, means=choice.means, amount=amount)
            position += 1
            if choice.means == Means.BALANCE:
                _hold(part, payment, at)
            else:
                attempt = _intend_charge(part, token, last_four)
        payment.state, payment.problem = PaymentState.PROCESSING, ""
        payment.save(update_fields=["state", "problem"])
        record(
            actor,
            AuditAction.PAYMENT_SUBMITTED,
            payment.public_id,
            at=at,
            account_id=payment.account_id,
            after={"means": [choice.means for choice in means], "currency": payment.currency},
        )
        if attempt is None:
            complete(actor, payment, at)
        else:
            wake_pursuit("payments.charge", attempt.pk)
    crashpoint("payments.charge.after_intent")
    if attempt is not None:
        pursue_charge(attempt.pk, at, clock.system_now())
    payment.refresh_from_db()
    return payment


def _amounts(payment: Payment, means: Sequence[MeansChoice]) -> list[int]:
    """The amount of each choice; one may leave its amount out and gets the rest."""
    due = money_due(payment)
    faults = []
    kinds = [choice.means for choice in means]
    if not means:
        faults.append(Fault("means", "Say how to pay: by balance, by card, or both.", "required"))
    if len(set(kinds)) != len(kinds) or not set(kinds) <= {Means.BALANCE, Means.CARD}:
        faults.append(Fault("means", "Pay by balance, by card, or by one of each.", "invalid"))
    for index, choice in enumerate(means):
        if choice.amount is not None and not 0 < choice.amount <= due:
            message = f"must be between 1 and {due}, what is left to pay"
            faults.append(Fault(f"means.{index}.amount", message, "out_of_range"))
        if (choice.means == Means.CARD) != (choice.card is not None):
            faults.append(Fault(f"means.{index}.card", "A card goes with the means card, only.", "invalid"))
    open_ended = [choice for choice in means if choice.amount is None]
    if len(open_ended) > 1:
        faults.append(Fault("means", "Only one of the means can take whatever is left.", "invalid"))
    if faults:
        raise InvalidInput("The means of payment do not fit.", faults=faults)
    given = sum(choice.amount or 0 for choice in means)
    amounts = [due - given if choice.amount is None else choice.amount for choice in means]
    if sum(amounts) != due or min(amounts) < 0:
        raise InvalidInput(
            f"The amounts must sum to {format_amount(due, payment.currency)}.",
            field="means",
            code="wrong_sum",
            details={"due": due},
        )
    return amounts


def _token(means: Sequence[MeansChoice]) -> tuple[str, str]:
    """What stands for the card at the provider; its number goes no further than this call."""
    card = next((choice.card for choice in means if choice.card is not None), None)
    if card is None:
        return "", ""
    try:
        return provider(CARD).create_token(card), card.number[-4:]
    except ProviderRejected as error:
        raise InvalidInput(error.message, field="means.card", code=error.code) from error
    except ProviderTimeout as error:
        raise Refusal(
            "The card provider does not answer; nothing was charged.",
            code="provider_unavailable",
            next_steps=["Try again in a minute, or pay by balance."],
        ) from error


def _refuse_unless_open(payment: Payment) -> None:
    said = {
        PaymentState.PROCESSING: ("A payment is under way already.", "payment_in_progress"),
        PaymentState.PAID: ("This is paid already.", "payment_completed"),
        PaymentState.CANCELLED: ("This can no longer be paid.", "payment_cancelled"),
    }.get(PaymentState(payment.state))
    if said is not None:
        raise Refusal(said[0], code=said[1], details={"payment": payment.public_id})


def _hold(part: PaymentPart, payment: Payment, at: datetime) -> None:
    part.state = PartState.HELD
    part.hold = transfer(
        TransferKind.HOLD,
        debit=accounts.customer(payment.account),
        credit=accounts.PAYMENTS_HELD,
        currency=payment.currency,
        amount=part.amount,
        at=at,
        reference=part.public_id,
        account=payment.account,
    )
    part.save()


def _intend_charge(part: PaymentPart, token: str, last_four: str) -> ChargeAttempt:
    part.state, part.provider, part.last_four = PartState.CHARGING, CARD, last_four
    part.save()
    system_at = clock.system_now()
    return ChargeAttempt.objects.create(part=part, token=token, created_at=system_at, next_try_at=system_at)
