"""Reading the ledger: balances and statements."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q, QuerySet, Sum

from hanaper.apps.accounts.models import Account
from hanaper.apps.ledger import accounts
from hanaper.apps.ledger.models import CustomerBalance, Transfer
from hanaper.core.actor import Actor
from hanaper.core.refund.canonical import write_moment
from hanaper.storage.paging import MAX_LIMIT, page


@dataclass(frozen=True, slots=True)
class StatementLine:
    """One transfer as the customer sees it: `amount` signed, `balance` after it."""

    transfer: Transfer
    amount: int
    balance: int


@dataclass(frozen=True, slots=True)
class Statement:
    """A page of the movements of a balance: `opening` is carried forward from the page before."""

    account: Account
    currency: str
    opening: int
    lines: list[StatementLine]
    closing: int
    next_cursor: str | None


@dataclass(frozen=True, slots=True)
class Asked:
    """Whose balance in which currency, from `since` (included) to `until` (excluded)."""

    account: Account
    currency: str
    since: datetime | None = None
    until: datetime | None = None


def balances(account: Account) -> list[CustomerBalance]:
    """What the account has with us, a row a currency."""
    return list(CustomerBalance.objects.filter(account=account).order_by("currency"))


def statement(asked: Asked, *, cursor: str | None = None, limit: int = MAX_LIMIT) -> Statement:
    """The movements in the order they were written, with the running balance."""
    found = page(_movements(asked), sort="id", cursor=cursor, limit=limit)
    opening = _opening(asked, found.rows[0] if cursor and found.rows else None)
    lines = list(_lines(asked, found.rows, opening))
    closing = lines[-1].balance if lines else opening
    return Statement(asked.account, asked.currency, opening, lines, closing, found.next_cursor)


def every_line(asked: Asked) -> Iterator[StatementLine]:
    """The whole statement, a few hundred lines at a time."""
    return _lines(asked, _movements(asked).order_by("pk").iterator(500), _opening(asked))


def _movements(asked: Asked) -> QuerySet[Transfer]:
    rows = _of_balance(asked)
    if asked.since is not None:
        rows = rows.filter(at__gte=asked.since)
    if asked.until is not None:
        rows = rows.filter(at__lt=asked.until)
    return rows


def _of_balance(asked: Asked) -> QuerySet[Transfer]:
    name = accounts.customer(asked.account)
    rows = Transfer.objects.filter(account=asked.account, currency=asked.currency)
    return rows.filter(Q(debit=name) | Q(credit=name))


def _opening(asked: Asked, first: Transfer | None = None) -> int:
    """The balance before `since`, and the movements before `first`, if this is not the first page."""
    carried = 0 if asked.since is None else _sum(asked, _of_balance(asked).filter(at__lt=asked.since))
    if first is not None:
        carried += _sum(asked, _movements(asked).filter(pk__lt=first.pk))
    return carried


def _sum(asked: Asked, rows: QuerySet[Transfer]) -> int:
    name = accounts.customer(asked.account)
    found = rows.aggregate(
        got=Sum("amount", filter=Q(credit=name), default=0),
        gave=Sum("amount", filter=Q(debit=name), default=0),
    )
    return int(found["got"] - found["gave"])


def _lines(asked: Asked, rows: Iterable[Transfer], balance: int) -> Iterator[StatementLine]:
    name = accounts.customer(asked.account)
    for transfer in rows:
        amount = transfer.amount if transfer.credit == name else -transfer.amount
        balance += amount
        yield StatementLine(transfer, amount, balance)


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


def every_transfer(
    actor: Actor,
    *,
    reference: str = "",
    kind: str = "",
    account: str = "",
    debit: str = "",
    credit: str = "",
    currency: str = "",
) -> QuerySet[Transfer]:
    """The transfers that `actor` may see, by every filter given; `account` is a public id, `debit` and
    `credit` are accounts of the ledger (with `currency` an index has them in their order).
    """
    rows: QuerySet[Transfer] = Transfer.objects.visible_to(actor).select_related("account")
    wanted = {
        "reference": reference,
        "kind": kind,
        "account__public_id": account,
        "debit": debit,
        "credit": credit,
        "currency": currency,
    }
    return rows.filter(**{field: value for field, value in wanted.items() if value})


def transfer(actor: Actor, public_id: str) -> Transfer:
    rows = Transfer.objects.select_related("account", "resolves", "resolved_by")
    return rows.get_visible(actor, public_id, what="transfer")


def totals(reference: str) -> list[tuple[str, str, int]]:
    """What each account of the ledger gained (debit) or gave (credit, below zero) for one reference."""
    sums: dict[tuple[str, str], int] = {}
    for row in Transfer.objects.filter(reference=reference).order_by("pk")[:1000]:
        for name, amount in ((row.debit, row.amount), (row.credit, -row.amount)):
            sums[name, row.currency] = sums.get((name, row.currency), 0) + amount
    return [(name, currency, amount) for (name, currency), amount in sorted(sums.items())]
