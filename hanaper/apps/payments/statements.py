"""Statements as people read them: what each movement of a balance is, and which order and refund it is for.

The ledger is never rewritten and knows references only: parts of payments, refunds. Here they are told.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import batched

from hanaper.apps.accounts.models import Account
from hanaper.apps.ledger.models import Transfer
from hanaper.apps.ledger.queries import Asked, StatementLine, every_line
from hanaper.apps.ledger.vocabulary import TransferKind
from hanaper.apps.payments.models import PaymentPart, Return
from hanaper.apps.payments.vocabulary import PartState
from hanaper.core.refund.canonical import write_moment
from hanaper.storage.spreadsheets import csv_lines

CSV_COLUMNS = (
    "at", "transfer", "kind", "what", "order", "refund", "reference", "memo", "currency", "amount", "balance"
)  # fmt: skip
AT_ONCE = 500
# What moves the balance of a customer, in the words of the console's deeds.
WORDS: dict[TransferKind, str] = {
    TransferKind.CREDIT: "Credit",
    TransferKind.LATE_PAYMENT: "Payment that came late",
    TransferKind.HOLD: "Held for an order",
    TransferKind.HOLD_POSTED: "Paid from the balance",
    TransferKind.HOLD_RELEASED: "Hold released",
    TransferKind.REFUND_TO_BALANCE: "Refund to the balance",
    TransferKind.REFUND_BOUNCED: "Refund came back",
    TransferKind.BOUNCE_UNDONE: "Returned refund settled",
}


@dataclass(frozen=True, slots=True)
class Told:
    """`kind`: what it is, as it turned out; `order` and `refund`: what it is for, ids or empty."""

    kind: TransferKind
    order: str = ""
    refund: str = ""


def told(account: Account, transfers: Sequence[Transfer]) -> list[Told]:
    """Of each, in two queries. That a hold became a payment is told by the part that it was for.

    The wall is held here: asked for the account's, a database walks all of its payments.
    """
    named = {one.reference for one in transfers}
    parts = PaymentPart.objects.filter(public_id__in=named).select_related("payment__order")
    by_part = {part.public_id: part for part in parts if part.payment.account_id == account.pk}
    returns = Return.objects.filter(reference__in=named)
    found = returns.values_list("reference", "part__payment__order__public_id", "part__payment__account_id")
    by_refund = {reference: order for reference, order, owner in found if owner == account.pk}
    return [_told(one, by_part.get(one.reference), by_refund) for one in transfers]


def _told(transfer: Transfer, part: PaymentPart | None, by_refund: dict[str, str]) -> Told:
    kind, reference = TransferKind(transfer.kind), transfer.reference
    if part is None:
        is_refund = reference in by_refund
        return Told(kind, by_refund.get(reference) or "", reference if is_refund else "")
    if kind == TransferKind.HOLD and part.state == PartState.CAPTURED:
        kind = TransferKind.HOLD_POSTED
    order = getattr(part.payment, "order", None)
    return Told(kind, order.public_id if order else "")


def in_words(kind: TransferKind) -> str:
    return WORDS.get(kind, kind.value)


def as_csv(asked: Asked, words: Callable[[TransferKind], str] = in_words) -> Iterator[str]:
    """The whole statement as CSV, a header and a line a movement; amounts are minor units."""
    return csv_lines(CSV_COLUMNS, _rows(asked, words))


def _rows(asked: Asked, words: Callable[[TransferKind], str]) -> Iterator[tuple[object, ...]]:
    for lines in batched(every_line(asked), AT_ONCE):
        found = told(asked.account, [line.transfer for line in lines])
        for line, what in zip(lines, found, strict=True):
            yield _cells(line, what, words(what.kind))


def _cells(line: StatementLine, what: Told, words: str) -> tuple[object, ...]:
    transfer = line.transfer
    return (
        write_moment(transfer.at), transfer.public_id, transfer.kind, words, what.order, what.refund,
        transfer.reference, transfer.memo, transfer.currency, line.amount, line.balance,
    )  # fmt: skip
