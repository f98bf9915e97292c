"""Following a return to its end: ask the provider, learn, write down once, and fall back to the balance."""

from datetime import datetime

from django.db import transaction

from hanaper import clock
from hanaper.apps.audit.services import record
from hanaper.apps.audit.vocabulary import AuditAction
from hanaper.apps.events.services import emit
from hanaper.apps.events.vocabulary import EventKind
from hanaper.apps.ledger import accounts
from hanaper.apps.ledger.models import CustomerBalance
from hanaper.apps.ledger.services import transfer
from hanaper.apps.ledger.vocabulary import TransferKind
from hanaper.apps.payments.callbacks import connected
from hanaper.apps.payments.leases import claim, next_try, write
from hanaper.apps.payments.locks import lock_return
from hanaper.apps.payments.models import RefundAttempt, Return
from hanaper.apps.payments.providers import (
    Provider,
    ProviderBusy,
    ProviderFault,
    ProviderRefund,
    ProviderRejected,
    ProviderTimeout,
    provider,
)
from hanaper.apps.payments.services.returning import (
    PAYMENTS,
    finish_attempt,
    post_to_balance,
    post_to_original,
    start_anew,
)
from hanaper.apps.payments.vocabulary import UNFINISHED, AttemptState, Destination, Means, ReturnState
from hanaper.apps.recovery.services import refuse_in_recovery
from hanaper.storage.crashpoints import crashpoint
from hanaper.storage.wake import pursuit


@pursuit("payments.return")
def pursue_return(return_pk: int, at: datetime, system_at: datetime) -> None:
    """One step with a return; nothing if it has ended or another worker is at it."""
    refuse_in_recovery()
    one = Return.objects.select_related("part").get(pk=return_pk)
    if one.state not in (ReturnState.RESERVED, ReturnState.RETURNING):
        return
    if one.part.means == Means.BALANCE:
        with transaction.atomic():
            post_to_original(lock_return(one.pk), at)
        return
    unfinished = one.attempts.filter(state__in=UNFINISHED).first()
    if unfinished is not None:
        _pursue_attempt(unfinished, at, system_at)


def _pursue_attempt(unfinished: RefundAttempt, at: datetime, system_at: datetime) -> None:
    attempt = claim(unfinished, system_at)
    if attempt is None:
        return
    again = next_try(attempt.tries, system_at)
    try:
        refund = _ask(provider(attempt.of.part.provider), attempt, system_at)
    except ProviderFault as error:
        # Searched for, not found, sent again, the same error: it is kept under this key for good.
        if attempt.state == AttemptState.UNKNOWN:
            start_anew(attempt, str(error), again)
        else:
            write(attempt, state=AttemptState.UNKNOWN, problem=str(error)[:300], next_try_at=again)
    except ProviderTimeout as error:
        write(attempt, state=AttemptState.UNKNOWN, problem=str(error)[:300], next_try_at=again)
    except ProviderBusy as error:
        write(attempt, problem=str(error)[:300], next_try_at=again)
    except ProviderRejected as error:
        _fall_back(attempt, error.message, at)
    else:
        crashpoint("payments.return.after_call")
        observe_refund(attempt, refund, at=at)
    crashpoint("payments.return.after_commit")


def _ask(engine: Provider, attempt: RefundAttempt, system_at: datetime) -> ProviderRefund:
    """What became of the refund. Before anything is sent again the provider's own list is searched for our
    key: providers prune idempotency keys after a day, their refunds never."""
    if attempt.first_sent_at is not None and (found := engine.find_refund(attempt.key)):
        return found
    RefundAttempt.objects.filter(pk=attempt.pk, fence=attempt.fence).update(
        state=AttemptState.SUBMITTED, first_sent_at=attempt.first_sent_at or system_at
    )
    Return.objects.filter(pk=attempt.of_id, state=ReturnState.RESERVED).update(state=ReturnState.RETURNING)
    crashpoint("payments.return.before_call")
    one = attempt.of
    return engine.refund(
        key=attempt.key, charge=one.part.provider_charge, amount=one.amount, reference=one.reference
    )


def observe_refund(attempt: RefundAttempt, refund: ProviderRefund, *, at: datetime) -> None:
    """Write down what the provider says of a refund; repeated and stale news change nothing.

    A success is not the end: it may fail later, and a failure may turn out to have arrived after all.
    """
    if refund.status in ("pending", "requires_action"):
        _wait(attempt, refund, at)
    elif refund.status == "succeeded":
        _succeed(attempt, refund, at)
    elif refund.status in ("failed", "canceled"):
        _fall_back(attempt, refund.failure or "The provider could not give it back.", at, refund.id)
        _bounce(attempt, refund, at)


def _wait(attempt: RefundAttempt, refund: ProviderRefund, at: datetime) -> None:
    again = next_try(attempt.tries, clock.system_now())
    RefundAttempt.objects.filter(pk=attempt.pk, state__in=UNFINISHED).update(
        state=AttemptState(refund.status), provider_refund=refund.id, next_try_at=again, leased_until=None
    )
    if refund.status == "requires_action":
        _tell_operators(attempt, "The provider waits for somebody to act.", at)


def _succeed(attempt: RefundAttempt, refund: ProviderRefund, at: datetime) -> None:
    with transaction.atomic():
        one = lock_return(attempt.of_id)
        if finish_attempt(attempt, AttemptState.SUCCEEDED, provider_refund=refund.id):
            post_to_original(one, at)
            if refund.amount < one.amount:
                _give_rest(one, one.amount - refund.amount, at)
        elif one.destination == Destination.BALANCE:
            _take_back(attempt, one, at)


def _give_rest(one: Return, rest: int, at: datetime) -> None:
    """The provider gave back less than it was asked to: the rest goes to the balance (R4)."""
    payment = one.part.payment
    bounce = transfer(
        TransferKind.REFUND_BOUNCED,
        debit=accounts.CARD_PROVIDER,
        credit=accounts.customer(payment.account),
        currency=payment.currency,
        amount=rest,
        at=at,
        reference=one.reference,
        account=payment.account,
    )
    Return.objects.filter(pk=one.pk).update(bounce=bounce)


def _fall_back(attempt: RefundAttempt, problem: str, at: datetime, provider_refund: str = "") -> None:
    """R4: it did not arrive, so the balance gets it, once."""
    with transaction.atomic():
        one = lock_return(attempt.of_id)
        if finish_attempt(
            attempt, AttemptState.FAILED, problem=problem[:300], provider_refund=provider_refund
        ):
            post_to_balance(one, at)
    crashpoint("payments.fallback.after_post")


def _bounce(attempt: RefundAttempt, refund: ProviderRefund, at: datetime) -> None:
    """R4, late: it had succeeded and failed after all; the provider has the money, the customer gets it."""
    with transaction.atomic():
        one = lock_return(attempt.of_id)
        bounced = RefundAttempt.objects.filter(pk=attempt.pk, state=AttemptState.SUCCEEDED)
        if one.destination != Destination.ORIGINAL or bounced.update(state=AttemptState.FAILED) != 1:
            return
        payment = one.part.payment
        # What a partial success left was given to the balance then.
        amount = one.amount - (one.bounce.amount if one.bounce else 0)
        bounce = transfer(
            TransferKind.REFUND_BOUNCED,
            debit=accounts.CARD_PROVIDER,
            credit=accounts.customer(payment.account),
            currency=payment.currency,
            amount=amount,
            at=at,
            reference=one.reference,
            account=payment.account,
            memo=(refund.failure or "")[:300],
        )
        Return.objects.filter(pk=one.pk).update(destination=Destination.BALANCE, bounce=bounce)
        record(
            PAYMENTS,
            AuditAction.RETURN_BOUNCED,
            one.public_id,
            at=at,
            account_id=payment.account_id,
            after={"refund": one.reference, "amount": amount, "reason": refund.failure},
        )
        connected().return_bounced(one.reference, at)


def _take_back(attempt: RefundAttempt, one: Return, at: datetime) -> None:
    """It arrived after all, though the balance has it too: the balance gives it back, or owes it."""
    rows = RefundAttempt.objects.filter(pk=attempt.pk, state=AttemptState.FAILED)
    if rows.update(state=AttemptState.SUCCEEDED) != 1:
        return
    payment = one.part.payment
    held = CustomerBalance.objects.filter(
        account=payment.account, currency=payment.currency, amount__gte=one.amount
    )
    transfer(
        TransferKind.BOUNCE_UNDONE,
        debit=accounts.customer(payment.account) if held.exists() else accounts.RECEIVABLE,
        credit=accounts.CARD_PROVIDER,
        currency=payment.currency,
        amount=one.amount,
        at=at,
        reference=one.reference,
        account=payment.account,
    )
    Return.objects.filter(pk=one.pk).update(destination=Destination.ORIGINAL, bounce=None)
    _tell_operators(attempt, "A refund arrived that had been reported as failed.", at)


def _tell_operators(attempt: RefundAttempt, problem: str, at: datetime) -> None:
    emit(
        EventKind.RETURN_NEEDS_OPERATOR,
        account_id=None,
        subject=attempt.of.reference,
        at=at,
        dedupe=f"return.needs_operator:{attempt.key}:{problem}",
        data={"problem": problem, "return": attempt.of.public_id},
    )
