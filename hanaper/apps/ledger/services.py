"""Writing the ledger: `transfer` is the one way in. It can be read in a minute, and should be."""

from datetime import datetime

from django.db import transaction
from django.db.models import F

from hanaper import clock
from hanaper.apps.accounts.models import Account
from hanaper.apps.audit.services import record
from hanaper.apps.audit.vocabulary import AuditAction
from hanaper.apps.events.services import emit
from hanaper.apps.events.vocabulary import EventKind
from hanaper.apps.ledger import accounts
from hanaper.apps.ledger.models import CustomerBalance, Transfer
from hanaper.apps.ledger.vocabulary import TransferKind
from hanaper.core.actor import Actor, StaffRole
from hanaper.core.errors import InvalidInput, Refusal
from hanaper.core.money import MAX_AMOUNT, format_amount, require_currency
from hanaper.storage.walls import require_staff


def transfer(
    kind: TransferKind,
    *,
    debit: str,
    credit: str,
    currency: str,
    amount: int,
    at: datetime,
    reference: str,
    account: Account | None = None,
    resolves: Transfer | None = None,
    memo: str = "",
) -> Transfer:
    """Move `amount` minor units from `credit` to `debit`, in the caller's transaction.

    `account`: the customer concerned; needed when a side is their balance, whose row moves with it. Refused
    with `balance_too_small` if that would go below zero. IntegrityError: `resolves` was resolved before.
    """
    for side, change in ((debit, -amount), (credit, amount)):
        # A balance is what we owe: crediting it makes it grow, debiting it makes it shrink.
        if accounts.customer_id(side) is None:
            continue
        if account is None or side != accounts.customer(account):
            raise ValueError(f"{side} moves, so its account must be given")
        _move_balance(account, currency, change)
    return Transfer.objects.create(
        kind=kind,
        debit=debit,
        credit=credit,
        currency=currency,
        amount=amount,
        at=at,
        system_at=clock.system_now(),
        reference=reference,
        account=account,
        resolves=resolves,
        memo=memo,
    )


def _move_balance(account: Account, currency: str, change: int) -> None:
    balance, _ = CustomerBalance.objects.get_or_create(account=account, currency=currency)
    rows = CustomerBalance.objects.filter(pk=balance.pk)
    if change < 0:
        rows = rows.filter(amount__gte=-change)
    if rows.update(amount=F("amount") + change) != 1:
        raise Refusal(
            f"The balance holds less than {format_amount(-change, currency)}.",
            code="balance_too_small",
            next_steps=["Pay a smaller part by balance, or the rest by card."],
        )


def credit_balance(
    actor: Actor, account: Account, *, amount: int, currency: str, reason: str, at: datetime
) -> Transfer:
    """An operator of finance puts `amount` on a customer's balance, for a reason that the audit keeps."""
    require_staff(actor, StaffRole.FINANCE)
    require_currency(currency)
    if not 0 < amount <= MAX_AMOUNT:
        raise InvalidInput(f"The amount must be between 1 and {MAX_AMOUNT} minor units.", field="amount")
    if not reason.strip():
        raise InvalidInput("Say why: the reason is kept in the audit log.", field="reason")
    with transaction.atomic():
        moved = transfer(
            TransferKind.CREDIT,
            debit=accounts.CREDITS,
            credit=accounts.customer(account),
            currency=currency,
            amount=amount,
            at=at,
            reference=account.public_id,
            account=account,
            memo=reason.strip()[:300],
        )
        record(
            actor,
            AuditAction.BALANCE_CREDITED,
            account.public_id,
            at=at,
            account_id=account.pk,
            after={
                "amount": amount,
                "currency": currency,
                "reason": reason.strip(),
                "transfer": moved.public_id,
            },
        )
        emit(
            EventKind.BALANCE_CREDITED,
            account_id=account.pk,
            subject=moved.public_id,
            at=at,
            dedupe=f"balance.credited:{moved.public_id}",
            data={"amount": amount, "currency": currency},
        )
    return moved
