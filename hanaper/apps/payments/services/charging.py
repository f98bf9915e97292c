"""Following a charge to its end: ask, learn, write down once."""

from datetime import datetime

from django.db import transaction
from django.db.models import F

from hanaper import clock
from hanaper.apps.audit.services import record
from hanaper.apps.audit.vocabulary import AuditAction
from hanaper.apps.events.services import emit
from hanaper.apps.events.vocabulary import EventKind
from hanaper.apps.ledger import accounts
from hanaper.apps.ledger.services import transfer
from hanaper.apps.ledger.vocabulary import TransferKind
from hanaper.apps.payments.leases import claim, next_try, write
from hanaper.apps.payments.locks import lock_part
from hanaper.apps.payments.models import ChargeAttempt, PaymentPart
from hanaper.apps.payments.providers import (
    Provider,
    ProviderBusy,
    ProviderCharge,
    ProviderFault,
    ProviderRejected,
    ProviderTimeout,
    provider,
)
from hanaper.apps.payments.services.opening import complete, release
from hanaper.apps.payments.vocabulary import UNFINISHED, AttemptState, PartState, PaymentState
from hanaper.core.actor import system
from hanaper.storage.crashpoints import crashpoint
from hanaper.storage.wake import pursuit

PAYMENTS = system("payments")


@pursuit("payments.charge")
def pursue_charge(attempt_pk: int, at: datetime, system_at: datetime) -> None:
    """One step with a charge: call the provider, or ask what became of an earlier call."""
    attempt = claim(ChargeAttempt.objects.get(pk=attempt_pk), system_at)
    if attempt is None:
        return
    part = attempt.part
    engine = provider(part.provider)
    try:
        charge = _ask(engine, attempt, part)
    except ProviderFault as error:
        # Searched for, not found, sent again, the same error: it is kept under this key for good.
        if attempt.state == AttemptState.UNKNOWN:
            _start_anew(attempt, str(error), system_at)
        else:
            _look_again(attempt, error, system_at)
    except ProviderTimeout as error:
        _look_again(attempt, error, system_at)
    except ProviderBusy as error:
        write(attempt, next_try_at=next_try(attempt.tries, system_at), problem=str(error)[:300])
    except ProviderRejected as error:
        _fail(attempt, error.message, at)
    else:
        crashpoint("payments.charge.after_call")
        observe_charge(attempt, charge, at=at)
    crashpoint("payments.charge.after_commit")


def _look_again(attempt: ChargeAttempt, error: Exception, system_at: datetime) -> None:
    """Nobody knows whether it was done: the next step asks before it sends anything."""
    again = next_try(attempt.tries, system_at)
    write(attempt, state=AttemptState.UNKNOWN, problem=str(error)[:300], next_try_at=again)


def _ask(engine: Provider, attempt: ChargeAttempt, part: PaymentPart) -> ProviderCharge:
    """What became of the charge. An earlier call is looked for before it is made again."""
    if attempt.state != AttemptState.PREPARED and (found := engine.find_charge(attempt.key)):
        return found
    ChargeAttempt.objects.filter(pk=attempt.pk, fence=attempt.fence).update(state=AttemptState.SUBMITTED)
    crashpoint("payments.charge.before_call")
    return engine.charge(
        key=attempt.key,
        token=attempt.token,
        amount=part.amount,
        currency=part.payment.currency,
        reference=part.public_id,
        account=part.payment.account.public_id,
    )


def observe_charge(attempt: ChargeAttempt, charge: ProviderCharge, *, at: datetime) -> None:
    """Write down what the provider says of a charge, once; later and repeated news change nothing."""
    if charge.status == "pending":
        again = next_try(attempt.tries, clock.system_now())
        write(attempt, state=AttemptState.PENDING, provider_charge=charge.id, next_try_at=again)
    elif charge.status == "succeeded":
        _capture(attempt, charge, at)
    else:
        _fail(attempt, charge.failure or "The card was declined.", at)


def _capture(attempt: ChargeAttempt, charge: ProviderCharge, at: datetime) -> None:
    with transaction.atomic():
        part = lock_part(attempt.part_id)
        if not _finish(attempt, AttemptState.SUCCEEDED, provider_charge=charge.id):
            return
        capture(part, charge, at)
        if part.payment.state == PaymentState.PROCESSING:
            complete(PAYMENTS, part.payment, at)
        else:
            keep_as_balance(part, part.amount, at)


def capture(part: PaymentPart, charge: ProviderCharge, at: datetime) -> None:
    """The provider has the money of this part for us; the caller holds the locks."""
    part.state, part.captured, part.provider_charge = PartState.CAPTURED, part.amount, charge.id
    part.save(update_fields=["state", "captured", "provider_charge"])
    transfer(
        TransferKind.CARD_CAPTURED,
        debit=accounts.CARD_PROVIDER,
        credit=accounts.SALES,
        currency=part.payment.currency,
        amount=part.amount,
        at=at,
        reference=part.public_id,
        account=part.payment.account,
    )


def keep_as_balance(part: PaymentPart, amount: int, at: datetime) -> None:
    """The card was charged after the payment had ended: the money is the customer's, as balance (R4)."""
    payment = part.payment
    transfer(
        TransferKind.LATE_PAYMENT,
        debit=accounts.SALES,
        credit=accounts.customer(payment.account),
        currency=payment.currency,
        amount=amount,
        at=at,
        reference=part.public_id,
        account=payment.account,
    )
    PaymentPart.objects.filter(pk=part.pk).update(refunded=F("refunded") + amount)
    emit(
        EventKind.BALANCE_CREDITED,
        account_id=payment.account_id,
        subject=payment.public_id,
        at=at,
        dedupe=f"payment.late:{part.public_id}",
        data={"amount": amount, "currency": payment.currency},
    )


def _fail(attempt: ChargeAttempt, problem: str, at: datetime) -> None:
    with transaction.atomic():
        part = lock_part(attempt.part_id)
        if not _finish(attempt, AttemptState.FAILED, problem=problem[:300]):
            return
        PaymentPart.objects.filter(pk=part.pk).update(state=PartState.RELEASED)
        payment = part.payment
        if payment.state != PaymentState.PROCESSING:
            return
        release(payment, at)
        payment.state, payment.problem = PaymentState.OPEN, problem[:300]
        payment.save(update_fields=["state", "problem"])
        record(
            PAYMENTS,
            AuditAction.PAYMENT_FAILED,
            payment.public_id,
            at=at,
            account_id=payment.account_id,
            after={"problem": problem[:300]},
        )
        emit(
            EventKind.PAYMENT_FAILED,
            account_id=payment.account_id,
            subject=payment.public_id,
            at=at,
            dedupe=f"payment.failed:{attempt.key}",
            data={"problem": problem[:300]},
        )


def _start_anew(attempt: ChargeAttempt, problem: str, system_at: datetime) -> None:
    """The provider keeps an error under our key, and has nothing by it: the next try takes a new key."""
    with transaction.atomic():
        part = lock_part(attempt.part_id)
        if not _finish(attempt, AttemptState.FAILED, problem=problem[:300]):
            return
        ChargeAttempt.objects.create(
            part=part,
            token=attempt.token,
            tries=attempt.tries,
            created_at=system_at,
            next_try_at=next_try(attempt.tries, system_at),
        )


def _finish(attempt: ChargeAttempt, state: AttemptState, **changes: object) -> bool:
    """Claim the end of an attempt: true for exactly one caller."""
    rows = ChargeAttempt.objects.filter(pk=attempt.pk, state__in=UNFINISHED)
    return rows.update(state=state, leased_until=None, **changes) == 1
