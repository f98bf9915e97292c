"""The proof that the books are right, from the transfers alone; anybody may run it."""

from dataclasses import dataclass, field

from django.db.models import Count, Q, Sum

from hanaper.apps.ledger import accounts
from hanaper.apps.ledger.models import CustomerBalance, Transfer
from hanaper.apps.ledger.vocabulary import TransferKind

RESOLVED_BY = {
    TransferKind.HOLD: (TransferKind.HOLD_POSTED, TransferKind.HOLD_RELEASED),
    TransferKind.REFUND_RESERVED: (
        TransferKind.REFUND_VOIDED,
        TransferKind.REFUND_TO_CARD,
        TransferKind.REFUND_TO_BALANCE,
    ),
}


@dataclass(slots=True)
class LedgerReport:
    """What was looked at, and every discrepancy in words; the books are right if there is none."""

    checked: dict[str, int] = field(default_factory=dict)
    problems: list[str] = field(default_factory=list)

    @property
    def ok(self) -> bool:
        return not self.problems

    def count(self, what: str, number: int) -> None:
        self.checked[what] = self.checked.get(what, 0) + number


def verify_books(report: LedgerReport) -> None:
    """Debits equal credits by construction (one row carries both); what is left to prove is below."""
    report.count("transfers", Transfer.objects.count())
    _known_accounts(report)
    _balances(report)
    _resolutions(report)


def account_totals() -> dict[tuple[str, str], int]:
    """(account, currency): debits less credits, of every account."""
    totals: dict[tuple[str, str], int] = {}
    for side, sign in (("debit", 1), ("credit", -1)):
        # order_by() drops a default order that would break the grouping
        for name, currency, amount in (
            Transfer.objects.order_by().values_list(side, "currency").annotate(Sum("amount"))
        ):
            totals[name, currency] = totals.get((name, currency), 0) + sign * amount
    return totals


def _known_accounts(report: LedgerReport) -> None:
    for name in {name for name, _ in account_totals()}:
        if name not in accounts.OURS and accounts.customer_id(name) is None:
            report.problems.append(f"account {name!r} is not one of the ledger's")


def _balances(report: LedgerReport) -> None:
    totals = account_totals()
    kept = {
        (accounts.customer(balance.account), balance.currency): balance.amount
        for balance in CustomerBalance.objects.select_related("account").iterator()
    }
    report.count("balances", len(kept))
    customers = {key for key in totals if accounts.customer_id(key[0]) is not None}
    for key in sorted(customers | set(kept)):
        owed = -totals.get(key, 0)
        if kept.get(key, 0) != owed:
            report.problems.append(
                f"balance of {key[0]} is kept as {kept.get(key, 0)} {key[1]}, but its transfers sum to {owed}"
            )


def _resolutions(report: LedgerReport) -> None:
    """A hold or reservation is resolved at most once, by its own kind of transfer and to its full amount."""
    resolving = Transfer.objects.exclude(resolves=None).select_related("resolves")
    for transfer in resolving.iterator():
        opened = transfer.resolves
        if opened is None:  # excluded above
            continue
        report.count("resolutions", 1)
        if transfer.kind not in RESOLVED_BY.get(TransferKind(opened.kind), ()):
            report.problems.append(f"{transfer} ({transfer.kind}) cannot resolve {opened} ({opened.kind})")
        if (transfer.amount, transfer.currency) != (opened.amount, opened.currency):
            report.problems.append(f"{transfer} resolves {opened} with another amount")
    twice = (
        Transfer.objects.order_by()
        .filter(~Q(resolves=None))
        .values_list("resolves")
        .annotate(times=Count("pk"))
        .filter(times__gt=1)
    )
    report.problems += [f"transfer {pk} is resolved {times} times" for pk, times in twice]
