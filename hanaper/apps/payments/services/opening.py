"""Opening and ending a payment. What is captured, held or released goes through the ledger here."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from hanaper.apps.accounts.models import Account
from hanaper.apps.audit.services import record
from hanaper.apps.audit.vocabulary import AuditAction
from hanaper.apps.ledger import accounts
from hanaper.apps.ledger.services import transfer
from hanaper.apps.ledger.vocabulary import TransferKind
from hanaper.apps.payments.callbacks import connected
from hanaper.apps.payments.locks import lock_payment
from hanaper.apps.payments.models import Payment, PaymentPart
from hanaper.apps.payments.vocabulary import Means, PartState, PaymentState
from hanaper.core.actor import Actor
from hanaper.core.errors import Refusal

_COVERED = {
    Means.VOUCHER: (TransferKind.VOUCHER_SPENT, accounts.VOUCHERS),
    Means.COUPON: (TransferKind.COUPON_USED, accounts.COUPONS),
}


@dataclass(frozen=True, slots=True)
class PartDraft:
    """What a voucher or coupon covers: `amount` minor units, `reference` its public id."""

    means: Means
    amount: int
    reference: str


def open_payment(
    actor: Actor,  # noqa: ARG001 - the order records who placed it
    *,
    account: Account,
    currency: str,
    parts: Sequence[PartDraft],
    total: int,
    at: datetime,
) -> Payment:
    """A payment of `total`, of which `parts` are covered already; in the caller's transaction."""
    payment = Payment.objects.create(account=account, currency=currency, total=total, opened_at=at)
    PaymentPart.objects.bulk_create(
        PaymentPart(
            payment=payment,
            position=position,
            means=part.means,
            state=PartState.PLANNED,
            amount=part.amount,
            reference=part.reference,
        )
        for position, part in enumerate(parts)
        if part.amount > 0
    )
    return payment


def pay_nothing(actor: Actor, payment: Payment, *, at: datetime) -> Payment:
    """Complete a payment that vouchers and coupons cover whole (D6); in the caller's transaction."""
    payment = lock_payment(payment.pk)
    if money_due(payment) != 0:
        raise Refusal("There is still something to pay.", code="payment_not_covered")
    complete(actor, payment, at)
    return payment


def money_due(payment: Payment) -> int:
    """What is left to be paid in money: the total less what vouchers and coupons cover."""
    covered = payment.parts.filter(means__in=list(_COVERED)).values_list("amount", flat=True)
    return payment.total - sum(covered)


def complete(actor: Actor, payment: Payment, at: datetime) -> None:
    """Capture every part that still waits and tell whoever is paid; the caller holds the locks.

    Balance is captured from its hold, vouchers and coupons as they stand; cards were captured before.
    """
    for part in payment.parts.select_related("hold").order_by("position"):
        if part.state == PartState.PLANNED:
            kind, source = _COVERED[Means(part.means)]
            _transfer(kind, source, accounts.SALES, part, payment, at)
        elif part.state == PartState.HELD:
            _transfer(
                TransferKind.HOLD_POSTED, accounts.PAYMENTS_HELD, accounts.SALES, part, payment, at, part.hold
            )
        else:
            continue
        PaymentPart.objects.filter(pk=part.pk).update(state=PartState.CAPTURED, captured=part.amount)
    payment.state, payment.paid_at, payment.problem = PaymentState.PAID, at, ""
    payment.save(update_fields=["state", "paid_at", "problem"])
    record(
        actor,
        AuditAction.PAYMENT_COMPLETED,
        payment.public_id,
        at=at,
        account_id=payment.account_id,
        after={"total": payment.total, "currency": payment.currency},
    )
    connected().paid(payment, at)


def release(payment: Payment, at: datetime) -> None:
    """Let go of what was held for a payment that did not come about; the caller holds the locks."""
    for part in payment.parts.filter(state=PartState.HELD).select_related("hold"):
        _transfer(
            TransferKind.HOLD_RELEASED,
            accounts.PAYMENTS_HELD,
            accounts.customer(payment.account),
            part,
            payment,
            at,
            part.hold,
        )
        PaymentPart.objects.filter(pk=part.pk).update(state=PartState.RELEASED)


def cancel_payment(
    actor: Actor,  # noqa: ARG001 - the order records who ended it
    payment: Payment,
    *,
    at: datetime,
) -> Payment:
    """End a payment that was not completed; in the caller's transaction, which holds the order's lock.

    A card that is being charged at this moment may still succeed: what comes in late goes to the balance.
    """
    with transaction.atomic():
        payment = lock_payment(payment.pk)
        if payment.state == PaymentState.PAID:
            raise Refusal("This is paid; ask for a refund instead.", code="payment_completed")
        release(payment, at)
        payment.state = PaymentState.CANCELLED
        payment.save(update_fields=["state"])
    return payment


def _transfer(
    kind: TransferKind,
    debit: str,
    credit: str,
    part: PaymentPart,
    payment: Payment,
    at: datetime,
    resolves: object = None,
) -> None:
    transfer(
        kind,
        debit=debit,
        credit=credit,
        currency=payment.currency,
        amount=part.amount,
        at=at,
        reference=part.public_id,
        account=payment.account,
        resolves=resolves,  # type: ignore[arg-type]
    )
