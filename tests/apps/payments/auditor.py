"""An auditor who trusts nobody: reads the tables by SQL, adds up by hand, and has the provider's own books.

It shares no code with `ledger verify`, so that the two cannot be wrong together.
"""

from collections import Counter
from typing import Any

from django.db import connection

from tests.apps.payments.moody_provider import MoodyProvider

OPEN_RETURN = ("reserved", "returning")
ORDERS = """
    SELECT o.public_id, o.state, o.total, o.money, o.payment_id, r.public_id AS refund, r.state AS refund_state
    FROM orders_order o LEFT JOIN refunds_refund r ON r.order_id = o.id AND r.state <> 'given_up'
"""
RETURNS = "SELECT reference, amount, state FROM payments_return"
PARTS = "SELECT public_id, payment_id, means, state, amount FROM payments_paymentpart"
TRANSFERS = "SELECT debit, credit, amount, reference FROM ledger_transfer"
BALANCES = "SELECT amount FROM ledger_customerbalance"


def read(query: str) -> list[dict[str, Any]]:
    with connection.cursor() as cursor:
        cursor.execute(query)
        names = [column[0] for column in cursor.description]
        return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]


class Auditor:
    """`audit(credited)` fails if any money is somewhere else than it should be; `credited`: by operators."""

    def __init__(self, provider: MoodyProvider) -> None:
        self.provider = provider

    def unpaid(self) -> list[str]:
        """Orders that can still be cancelled."""
        return [row["public_id"] for row in read(ORDERS) if row["state"] == "unpaid"]

    def audit(self, credited: int) -> None:
        self.orders, self.returns, self.parts = read(ORDERS), read(RETURNS), read(PARTS)
        transfers = read(TRANSFERS)
        self.books: Counter[str] = Counter()  # account: debits less credits
        self.by_refund: Counter[tuple[str, str]] = Counter()  # (account, refund): the same
        for row in transfers:
            for side, sign in (("debit", 1), ("credit", -1)):
                name = "customer" if row[side].startswith("customer/") else row[side]
                self.books[name] += sign * row["amount"]
                self.by_refund[name, row["reference"]] += sign * row["amount"]
        self._the_customer_has_lost_and_won_nothing(credited)
        self._each_refund_is_paid_once()
        self._no_order_is_charged_twice()
        self._the_accounts_say_where_the_money_is()

    def quiet(self) -> None:
        """Nothing is under way any more, and we know everything that the provider knows."""
        truth = {one.id: one.status for one in self._things()}
        assert self.provider.told == truth
        assert not [one for one in self.returns if one["state"] in OPEN_RETURN]
        assert not [one for one in self.parts if one["state"] in ("held", "charging")]
        assert not [one for one in self.orders if one["state"] == "refund_in_progress"]

    def _the_customer_has_lost_and_won_nothing(self, credited: int) -> None:
        """What operators gave is on the balance or was spent; what the card gave was spent or came back."""
        balance = sum(row["amount"] for row in read(BALANCES))
        held = sum(part["amount"] for part in self.parts if part["state"] == "held")
        bought = sum(row["money"] for row in self.orders if row["state"] in ("paid", "refund_in_progress"))
        came_back = {row["refund"] for row in self.orders if row["state"] == "refund_in_progress"}
        bought -= sum(
            row["amount"]
            for row in self.returns
            if row["reference"] in came_back and row["state"] == "returned"
        )
        debt = self.books["receivable/returned-twice"]
        assert balance >= 0
        assert debt >= 0
        assert balance + held + bought - debt == credited + self._taken()

    def _taken(self) -> int:
        """What the provider took from the card less what it gave back, as far as it told us."""
        provider = self.provider
        taken = sum(one.amount for one in provider.charges.values() if self._told(one.id))
        return taken - sum(one.amount for one in provider.refunds.values() if self._told(one.id))

    def _each_refund_is_paid_once(self) -> None:
        """R3, R4: card and balance together got what was to go back, whatever the provider changed."""
        due = Counter({row["reference"]: 0 for row in self.returns})
        for row in self.returns:
            if row["state"] == "returned":
                due[row["reference"]] += row["amount"]
        for refund, amount in due.items():
            cards = sum(
                one.amount
                for one in self.provider.refunds.values()
                if self.provider.owner[one.id] == refund and self._told(one.id)
            )
            to_balance = -self.by_refund["customer", refund]
            debt = self.by_refund["receivable/returned-twice", refund]
            assert cards + to_balance - debt == amount, (refund, cards, to_balance, debt, amount)
        for row in self.orders:
            if row["refund_state"] == "succeeded":
                assert due[row["refund"]] == row["money"]

    def _no_order_is_charged_twice(self) -> None:
        payment_of = {part["public_id"]: part["payment_id"] for part in self.parts}
        charged: Counter[int] = Counter()
        for charge in self.provider.charges.values():
            if charge.status == "succeeded":
                charged[payment_of[self.provider.owner[charge.id]]] += charge.amount
        refunded: Counter[int] = Counter()
        for refund in self.provider.refunds.values():
            if refund.status == "succeeded":
                refunded[payment_of[self.provider.owner[refund.charge]]] += refund.amount
        for row in self.orders:
            assert refunded[row["payment_id"]] <= charged[row["payment_id"]]
            if row["state"] in ("paid", "refund_in_progress", "refunded"):
                assert charged[row["payment_id"]] <= row["money"]

    def _the_accounts_say_where_the_money_is(self) -> None:
        books, parts = self.books, self.parts
        assert sum(books.values()) == 0
        assert books["customer"] == -sum(row["amount"] for row in read(BALANCES))
        assert books["provider/card"] == self._taken()
        assert books["payments/held"] == -sum(part["amount"] for part in parts if part["state"] == "held")
        still_open = sum(one["amount"] for one in self.returns if one["state"] in OPEN_RETURN)
        assert books["refunds/reserved"] == -still_open
        kept = sum(row["total"] for row in self.orders if row["state"] == "paid")
        # R3: of what is refunded we keep what a voucher covered.
        kept += sum(
            row["total"] - row["money"]
            for row in self.orders
            if row["state"] in ("refund_in_progress", "refunded")
        )
        assert books["sales"] == -kept

    def _told(self, thing: str) -> bool:
        return self.provider.told.get(thing) == "succeeded"

    def _things(self) -> list[Any]:
        return [*self.provider.charges.values(), *self.provider.refunds.values()]
