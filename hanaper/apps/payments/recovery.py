"""After an older backup was restored: the card provider knows of money what the books have forgotten.

What it took since for an order that is unknown or unpaid here belongs to whoever paid it; what it gave back
since must not be given back again.
"""

from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from hanaper.apps.accounts.models import Account
from hanaper.apps.events.services import emit
from hanaper.apps.events.vocabulary import EventKind
from hanaper.apps.payments.locks import lock_return
from hanaper.apps.payments.models import (
    ChargeAttempt,
    ExternalRefund,
    Payment,
    PaymentPart,
    RefundAttempt,
    Return,
)
from hanaper.apps.payments.providers import (
    CARD,
    ProviderBusy,
    ProviderCharge,
    ProviderRefund,
    ProviderRejected,
    ProviderTimeout,
    is_offered,
    provider,
)
from hanaper.apps.payments.services.charging import capture, keep_as_balance, observe_charge
from hanaper.apps.payments.services.receiving import adopt_external
from hanaper.apps.payments.services.refunding import observe_refund
from hanaper.apps.payments.services.returning import finish_attempt
from hanaper.apps.payments.vocabulary import (
    UNFINISHED,
    AttemptState,
    Means,
    PartState,
    PaymentState,
    ReturnState,
)
from hanaper.core.errors import Refusal

GONE = ("failed", "canceled")  # refunds that gave nothing back


@dataclass
class Reconciled:
    """What the provider did that the backup does not know.

    `charges_recovered`: taken for orders that are lost; what did not go back is in their accounts' balances.
    `charges_unclaimed`: of accounts that are lost too; an operator gives them back at the provider.
    `refunds_adopted`: went on with; `refunds_external`: booked, and their orders wait for an operator.
    """

    charges_recovered: int = 0
    charges_unclaimed: int = 0
    refunds_adopted: int = 0
    refunds_external: int = 0


def reconcile(at: datetime, system_at: datetime) -> Reconciled:
    """Follow the provider's own lists, one by one; safe to run again. Refused: `provider_unavailable`."""
    if not is_offered(CARD):
        return Reconciled()
    try:
        charges, refunds = list(provider(CARD).list_charges()), list(provider(CARD).list_refunds())
    except (ProviderTimeout, ProviderBusy, ProviderRejected) as error:
        raise Refusal(
            f"The card provider could not be asked what it did since the backup: {error}",
            code="provider_unavailable",
            next_steps=[
                "Start the service: it neither pays nor signs before the recovery ends, and in a sandbox the"
                " provider runs with it. Then run `hanaper backup finish` again."
            ],
        ) from error
    found = Reconciled()
    for charge in charges:
        _follow_charge(charge, refunds, found, at, system_at)
    for refund in refunds:
        _follow_refund(refund, found, at, system_at)
    return found


def _follow_charge(
    charge: ProviderCharge,
    refunds: list[ProviderRefund],
    found: Reconciled,
    at: datetime,
    system_at: datetime,
) -> None:
    attempt = ChargeAttempt.objects.select_related("part").filter(key=charge.key or "").first()
    if attempt is not None:
        observe_charge(attempt, charge, at=at)
        return
    if charge.status not in ("pending", "succeeded"):
        return
    account = Account.objects.filter(public_id=charge.account or "").first()
    if account is None or charge.key is None:
        found.charges_unclaimed += 1
        _tell_operators(charge.id, charge.amount, "The card was charged for an account that is unknown.", at)
        return
    _take_over(account, charge, [one for one in refunds if one.charge == charge.id], at, system_at)
    found.charges_recovered += 1


def _take_over(
    account: Account,
    charge: ProviderCharge,
    refunds: list[ProviderRefund],
    at: datetime,
    system_at: datetime,
) -> None:
    """A payment for an order that is lost: what did not go back to the card comes to the balance (R4)."""
    with transaction.atomic():
        payment = Payment.objects.create(
            account=account,
            currency=charge.currency,
            total=charge.amount,
            state=PaymentState.CANCELLED,
            opened_at=at,
        )
        part = PaymentPart.objects.create(
            payment=payment,
            position=0,
            means=Means.CARD,
            state=PartState.CHARGING,
            amount=charge.amount,
            provider=CARD,
        )
        pending = charge.status == "pending"
        ChargeAttempt.objects.create(
            part=part,
            key=charge.key or "",
            provider_charge=charge.id,
            state=AttemptState.PENDING if pending else AttemptState.SUCCEEDED,
            created_at=system_at,
            next_try_at=system_at,
        )
        if pending:  # kept as balance once it is captured, as any payment that comes late
            return
        capture(part, charge, at)
        for refund in refunds:
            if refund.status == "succeeded":
                adopt_external(refund, at, system_at)
        rest = charge.amount - sum(one.amount for one in refunds if one.status not in GONE)
        if rest > 0:
            keep_as_balance(part, rest, at)


def _follow_refund(refund: ProviderRefund, found: Reconciled, at: datetime, system_at: datetime) -> None:
    attempt = RefundAttempt.objects.select_related("of__part").filter(key=refund.key or "").first()
    if attempt is None:
        attempt = _continued(refund, system_at)
        found.refunds_adopted += attempt is not None
    if attempt is not None:
        observe_refund(attempt, refund, at=at)
        return
    if refund.status in GONE:
        return
    if ExternalRefund.objects.filter(provider_refund=refund.id).exists():
        return
    found.refunds_external += 1
    if refund.status == "succeeded":
        adopt_external(refund, at, system_at)
        return
    # It may still arrive, and is booked when it does; until then nothing else goes back.
    Payment.objects.filter(parts__provider_charge=refund.charge).update(disputed=True)
    _tell_operators(refund.id, refund.amount, "A refund is under way at the provider that is not known.", at)


def _continued(refund: ProviderRefund, system_at: datetime) -> RefundAttempt | None:
    """Our own refund, sent once more since the backup: its return, still open here, goes on with it."""
    if refund.key is None or not refund.reference:
        return None
    candidates = Return.objects.filter(
        reference=refund.reference,
        amount=refund.amount,
        part__provider_charge=refund.charge,
        state__in=(ReturnState.RESERVED, ReturnState.RETURNING),
    )
    candidate = candidates.first()
    if candidate is None:
        return None
    with transaction.atomic():
        one = lock_return(candidate.pk)
        for attempt in one.attempts.filter(state__in=UNFINISHED):
            finish_attempt(attempt, AttemptState.FAILED, problem="Sent once more, before the restore.")
        return RefundAttempt.objects.create(
            of=one,
            key=refund.key,
            state=AttemptState.UNKNOWN,
            created_at=system_at,
            next_try_at=system_at,
            first_sent_at=system_at,
        )


def _tell_operators(subject: str, amount: int, problem: str, at: datetime) -> None:
    emit(
        EventKind.RECOVERY_FOUND,
        account_id=None,
        subject=subject,
        at=at,
        dedupe=f"payment.recovery:{subject}:{problem}",
        data={"problem": problem, "amount": amount},
    )
