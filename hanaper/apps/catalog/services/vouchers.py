"""Vouchers: money that finance gives to one account."""

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction

from hanaper.apps.accounts.models import Account
from hanaper.apps.audit.services import record
from hanaper.apps.audit.vocabulary import AuditAction
from hanaper.apps.catalog.models import Voucher
from hanaper.apps.catalog.services import fields
from hanaper.apps.events.services import emit
from hanaper.apps.events.vocabulary import EventKind
from hanaper.core.actor import Actor, StaffRole
from hanaper.core.errors import InvalidInput, Refusal
from hanaper.core.money import format_amount, require_currency
from hanaper.storage.walls import require_staff


def create_voucher(
    actor: Actor,
    *,
    account: Account,
    currency: str,
    amount: int,
    expires_at: datetime,
    reason: str,
    kinds: Sequence[str] = (),
    at: datetime,
) -> Voucher:
    """Give an account `amount` to spend on `kinds` (none: everything) until `expires_at`."""
    require_staff(actor, StaffRole.FINANCE)
    if expires_at <= at:
        raise InvalidInput("expires_at must lie ahead.", field="expires_at", code="in_the_past")
    fields.amount(amount)
    with transaction.atomic():
        voucher = Voucher.objects.create(
            account=account,
            currency=require_currency(currency),
            amount=amount,
            balance=amount,
            kinds=fields.kinds(kinds),
            reason=fields.text(reason, "reason", 300),
            created_at=at,
            expires_at=expires_at,
        )
        told = {"currency": currency, "amount": amount, "expires_at": expires_at.isoformat()}
        record(
            actor,
            AuditAction.VOUCHER_CREATED,
            voucher.public_id,
            at=at,
            account_id=account.pk,
            after={**told, "reason": voucher.reason},
        )
        emit(
            EventKind.VOUCHER_CREATED,
            account_id=account.pk,
            subject=voucher.public_id,
            at=at,
            dedupe=f"voucher.created:{voucher.public_id}",
            data={**told, "price": format_amount(amount, currency)},
        )
    return voucher


def withdraw_voucher(actor: Actor, voucher: Voucher, *, at: datetime) -> Voucher:
    """It can no longer be spent; what orders hold or spent of it stays theirs."""
    require_staff(actor, StaffRole.FINANCE)
    with transaction.atomic():
        if Voucher.objects.filter(pk=voucher.pk, withdrawn_at=None).update(withdrawn_at=at) != 1:
            raise Refusal("This voucher was withdrawn already.", code="voucher_withdrawn")
        record(actor, AuditAction.VOUCHER_WITHDRAWN, voucher.public_id, at=at, account_id=voucher.account_id)
    voucher.refresh_from_db()
    return voucher
