"""Reading the ledger: balances and statements."""

import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q, QuerySet, Sum

from hanaper.apps.accounts.models import Account
from hanaper.apps.ledger import accounts
from hanaper.apps.ledger.models import CustomerBalance, Transfer
from hanaper.core.refund.canonical import write_moment

CSV_COLUMNS = ("at", "transfer", "kind", "reference", "memo", "currency", "amount", "balance")


@dataclass(frozen=True, slots=True)
class StatementLine:
    """One transfer as the customer sees it: `amount` signed, `balance` after it."""

    transfer: Transfer
    amount: int
    balance: int


@dataclass(frozen=True, slots=True)
class Statement:
    """A customer's balance in one currency from `since` (included) to `until` (excluded)."""

    account: Account
    currency: str
    opening: int
    lines: list[StatementLine]
    closing: int


def balances(account: Account) -> list[CustomerBalance]:
    """What the account has with us, a row a currency."""
    return list(CustomerBalance.objects.filter(account=account).order_by("currency"))


def statement(
    account: Account, currency: str, *, since: datetime | None = None, until: datetime | None = None
) -> Statement:
    """Every movement of the balance in the order it was written, with the running balance."""
    name = accounts.customer(account)
    rows = Transfer.objects.filter(account=account, currency=currency).filter(Q(debit=name) | Q(credit=name))
    opening = _sum(rows.filter(at__lt=since), name) if since is not None else 0
    if since is not None:
        rows = rows.filter(at__gte=since)
    if until is not None:
        rows = rows.filter(at__lt=until)
    lines, balance = [], opening
    for transfer in rows.order_by("pk"):
        amount = transfer.amount if transfer.credit == name else -transfer.amount
        balance += amount
        lines.append(StatementLine(transfer, amount, balance))
    return Statement(account, currency, opening, lines, balance)


def _sum(rows: QuerySet[Transfer], name: str) -> int:
    got = rows.filter(credit=name).aggregate(total=Sum("amount"))["total"] or 0
    gave = rows.filter(debit=name).aggregate(total=Sum("amount"))["total"] or 0
    return got - gave


def as_csv(one: Statement) -> Iterator[str]:
    """The statement as CSV, a header and a line a movement; amounts are minor units."""
    yield _row(CSV_COLUMNS)
    for line in one.lines:
        transfer = line.transfer
        yield _row(
            (
                write_moment(transfer.at),
                transfer.public_id,
                transfer.kind,
                transfer.reference,
                _harmless(transfer.memo),
                transfer.currency,
                str(line.amount),
                str(line.balance),
            )
        )


def _row(cells: tuple[str, ...]) -> str:
    written = io.StringIO()
    csv.writer(written).writerow(cells)
    return written.getvalue()


def _harmless(text: str) -> str:
    """A text that a spreadsheet would take for a formula is marked as text."""
    return "'" + text if text[:1] in ("=", "+", "-", "@", "\t", "\r") else text


def transfers(reference: str, limit: int) -> list[dict[str, object]]:
    """The newest transfers, newest first; with a `reference` only its own. For operators."""
    rows = Transfer.objects.filter(reference=reference) if reference else Transfer.objects.all()
    return [
        {
            "id": one.public_id,
            "kind": one.kind,
            "debit": one.debit,
            "credit": one.credit,
            "amount": one.amount,
            "currency": one.currency,
            "at": write_moment(one.at),
            "reference": one.reference,
            "memo": one.memo,
        }
        for one in rows.order_by("-pk")[:limit]
    ]
