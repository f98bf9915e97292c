"""Giving money back (R3, R4): reserved when the refund is asked for, posted or voided by its outcome.

Each part goes back by its own means; what the provider cannot give back goes to the customer's balance, also
when it fails after having succeeded. A reservation is resolved exactly once, by constraint.
"""

from collections.abc import Mapping
from datetime import datetime

from django.db import transaction
from django.db.models import F

from hanaper import clock
from hanaper.apps.audit.services import record
from hanaper.apps.audit.vocabulary import AuditAction
from hanaper.apps.ledger import accounts
from hanaper.apps.ledger.services import transfer
from hanaper.apps.ledger.vocabulary import TransferKind
from hanaper.apps.payments.callbacks import connected
from hanaper.apps.payments.locks import lock_part, lock_return
from hanaper.apps.payments.models import Payment, PaymentPart, RefundAttempt, Return
from hanaper.apps.payments.vocabulary import (
    MONEY,
    UNFINISHED,
    AttemptState,
    Destination,
    Means,
    ReturnState,
)
from hanaper.apps.recovery.services import refuse_in_recovery
from hanaper.core.actor import Actor, system
from hanaper.core.errors import Refusal
from hanaper.storage.crashpoints import crashpoint
from hanaper.storage.wake import wake_pursuit

PAYMENTS = system("payments")


def reserve_returns(
    actor: Actor,
    payment: Payment,
    *,
    amounts: Mapping[int, int],
    reference: str,
    at: datetime,
    despite_dispute: bool = False,
) -> list[Return]:
    """Reserve what a refund gives back, by position of the part; in the caller's transaction.

    `reference` is the refund's public id. Refused: `over_refund` (R3: never more than was captured in money
    and is not on its way back already), `payment_disputed` (money went back at the provider, not by us),
    unless `despite_dispute`: operators who refund by hand have seen it.
    """
    refuse_in_recovery()
    payment.refresh_from_db()
    if payment.disputed and not despite_dispute:
        raise Refusal(
            "Money of this payment was given back at the provider and not by us.",
            code="payment_disputed",
            next_steps=["Ask support: an operator can refund by hand what is left."],
        )
    parts = {part.position: part for part in payment.parts.all()}
    return [
        _reserve(actor, lock_part(parts[position].pk), amount, reference, at)
        for position, amount in sorted(amounts.items())
        if amount > 0
    ]


def _reserve(actor: Actor, part: PaymentPart, amount: int, reference: str, at: datetime) -> Return:
    if part.means not in MONEY:
        raise Refusal("What a voucher or coupon covered is not returned.", code="not_money", clause="R3")
    free = PaymentPart.objects.filter(pk=part.pk, captured__gte=F("reserved") + F("refunded") + amount)
    if free.update(reserved=F("reserved") + amount) != 1:
        raise Refusal("More than was paid cannot go back.", code="over_refund", clause="R3")
    reservation = transfer(
        TransferKind.REFUND_RESERVED,
        debit=accounts.SALES,
        credit=accounts.REFUNDS_RESERVED,
        currency=part.payment.currency,
        amount=amount,
        at=at,
        reference=reference,
        account=part.payment.account,
    )
    one = Return.objects.create(
        part=part, reference=reference, amount=amount, reservation=reservation, asked_at=at
    )
    if part.means == Means.CARD:
        _new_attempt(one)
    record(
        actor,
        AuditAction.RETURN_RESERVED,
        one.public_id,
        at=at,
        account_id=part.payment.account_id,
        after={"refund": reference, "means": part.means, "amount": amount},
    )
    crashpoint("payments.return.after_reserve")
    wake_pursuit("payments.return", one.pk)
    return one


def _new_attempt(one: Return, *, tries: int = 0, next_try_at: datetime | None = None) -> RefundAttempt:
    system_at = clock.system_now()
    return RefundAttempt.objects.create(
        of=one, tries=tries, created_at=system_at, next_try_at=next_try_at or system_at
    )


def start_anew(attempt: RefundAttempt, problem: str, next_try_at: datetime) -> None:
    """The provider keeps an error under our key, and has nothing by it: the next try takes a new key."""
    with transaction.atomic():
        one = lock_return(attempt.of_id)
        if finish_attempt(attempt, AttemptState.FAILED, problem=problem[:300]):
            _new_attempt(one, tries=attempt.tries, next_try_at=next_try_at)


def finish_attempt(attempt: RefundAttempt, state: AttemptState, **changes: object) -> bool:
    """Claim the end of an attempt: true for exactly one caller."""
    rows = RefundAttempt.objects.filter(pk=attempt.pk, state__in=UNFINISHED)
    return rows.update(state=state, leased_until=None, **changes) == 1


def post_to_original(one: Return, at: datetime) -> bool:
    """The money is back where it came from; the caller holds the locks. Whether this call did it."""
    if one.part.means == Means.CARD:
        return _post(one, TransferKind.REFUND_TO_CARD, accounts.CARD_PROVIDER, Destination.ORIGINAL, at)
    balance = accounts.customer(one.part.payment.account)
    return _post(one, TransferKind.REFUND_TO_BALANCE, balance, Destination.ORIGINAL, at)


def post_to_balance(one: Return, at: datetime) -> bool:
    """R4: the original account cannot take it, so the balance does; the caller holds the locks."""
    crashpoint("payments.fallback.before_post")
    balance = accounts.customer(one.part.payment.account)
    return _post(one, TransferKind.REFUND_TO_BALANCE, balance, Destination.BALANCE, at)


def _post(one: Return, kind: TransferKind, credit: str, destination: Destination, at: datetime) -> bool:
    ended = Return.objects.filter(pk=one.pk, state__in=[ReturnState.RESERVED, ReturnState.RETURNING]).update(
        state=ReturnState.RETURNED, destination=destination, finished_at=at
    )
    if ended != 1:
        return False
    payment = one.part.payment
    transfer(
        kind,
        debit=accounts.REFUNDS_RESERVED,
        credit=credit,
        currency=payment.currency,
        amount=one.amount,
        at=at,
        reference=one.reference,
        account=payment.account,
        resolves=one.reservation,
    )
    PaymentPart.objects.filter(pk=one.part_id).update(
        reserved=F("reserved") - one.amount, refunded=F("refunded") + one.amount
    )
    record(
        PAYMENTS,
        AuditAction.RETURN_COMPLETED,
        one.public_id,
        at=at,
        account_id=payment.account_id,
        after={"refund": one.reference, "destination": destination, "amount": one.amount},
    )
    tell_if_settled(one.reference, at)
    return True


def void_returns(actor: Actor, reference: str, *, at: datetime) -> int:
    """Give up every return of a refund that certainly went nowhere; how many. All or nothing.

    Refused with `return_under_way` if a provider may have been asked already.
    """
    with transaction.atomic():
        returns = [
            lock_return(pk)
            for pk in Return.objects.filter(reference=reference).order_by("pk").values_list("pk", flat=True)
        ]
        asked = RefundAttempt.objects.filter(of__in=returns, first_sent_at__isnull=False)
        if asked.exists() or any(one.state != ReturnState.RESERVED for one in returns):
            raise Refusal(
                "The provider was asked already; whether it paid is not certain.",
                code="return_under_way",
                clause="R4",
                next_steps=["Wait for its answer: the refund ends by itself."],
            )
        for one in returns:
            _void(actor, one, at)
    return len(returns)


def _void(actor: Actor, one: Return, at: datetime) -> None:
    Return.objects.filter(pk=one.pk).update(state=ReturnState.VOIDED, finished_at=at)
    RefundAttempt.objects.filter(of=one, state__in=UNFINISHED).update(state=AttemptState.CANCELLED)
    PaymentPart.objects.filter(pk=one.part_id).update(reserved=F("reserved") - one.amount)
    payment = one.part.payment
    transfer(
        TransferKind.REFUND_VOIDED,
        debit=accounts.REFUNDS_RESERVED,
        credit=accounts.SALES,
        currency=payment.currency,
        amount=one.amount,
        at=at,
        reference=one.reference,
        account=payment.account,
        resolves=one.reservation,
    )
    record(
        actor,
        AuditAction.RETURN_VOIDED,
        one.public_id,
        at=at,
        account_id=payment.account_id,
        after={"refund": one.reference, "amount": one.amount},
    )


def tell_if_settled(reference: str, at: datetime) -> None:
    """Once no return of the refund is open any more, tell whoever asked for it."""
    open_ones = Return.objects.filter(
        reference=reference, state__in=[ReturnState.RESERVED, ReturnState.RETURNING]
    )
    if not open_ones.exists():
        connected().returns_settled(reference, at)
