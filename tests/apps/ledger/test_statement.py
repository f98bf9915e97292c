"""The statement carries forward, page by page, and never shows what is another's."""

import csv
import io
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils.dateparse import parse_datetime

from hanaper.apps.accounts.models import Account
from hanaper.apps.ledger import accounts
from hanaper.apps.ledger.models import CustomerBalance
from hanaper.apps.ledger.queries import Asked, statement
from hanaper.apps.ledger.services import credit_balance, transfer
from hanaper.apps.ledger.vocabulary import TransferKind
from hanaper.apps.payments.statements import as_csv
from hanaper.core.errors import InvalidInput, Refusal
from tests.people import Person

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


@pytest.fixture
def moved(account: Account, finance: Person, at: datetime) -> Account:
    """Ten a day on seven days, and thirty taken on the eighth."""
    for day in range(7):
        credit_balance(finance.actor, account, amount=10, currency="USD", reason=f"={day}", at=at + day * DAY)
    transfer(
        TransferKind.HOLD,
        debit=accounts.customer(account),
        credit=accounts.PAYMENTS_HELD,
        currency="USD",
        amount=30,
        at=at + 7 * DAY,
        reference="ord_x",
        account=account,
    )
    return account


def test_every_movement(moved: Account, at: datetime) -> None:
    found = statement(Asked(moved, "USD"))
    assert [line.amount for line in found.lines] == [10] * 7 + [-30]
    assert [line.balance for line in found.lines] == [10, 20, 30, 40, 50, 60, 70, 40]
    assert (found.opening, found.closing, found.next_cursor) == (0, 40, None)
    assert CustomerBalance.objects.get(account=moved).amount == 40
    assert statement(Asked(moved, "EUR")).lines == []


def test_pages_carry_forward(moved: Account, at: datetime) -> None:
    cursor, carried, amounts = None, 0, []
    while True:
        page = statement(Asked(moved, "USD"), cursor=cursor, limit=3)
        assert page.opening == carried
        amounts += [line.amount for line in page.lines]
        carried, cursor = page.closing, page.next_cursor
        if cursor is None:
            break
    assert (carried, amounts) == (40, [10] * 7 + [-30])
    with pytest.raises(InvalidInput) as refused:
        statement(Asked(moved, "USD"), cursor="none")
    assert refused.value.field == "cursor"


def test_a_time_in_between(moved: Account, at: datetime) -> None:
    asked = Asked(moved, "USD", at + 2 * DAY, at + 5 * DAY)
    found = statement(asked)
    assert (found.opening, [line.balance for line in found.lines], found.closing) == (20, [30, 40, 50], 50)
    second = statement(asked, cursor=statement(asked, limit=2).next_cursor, limit=2)
    assert (second.opening, [line.balance for line in second.lines]) == (40, [50])


def test_as_many_queries_for_any_page(moved: Account, at: datetime) -> None:
    cursor = statement(Asked(moved, "USD"), limit=2).next_cursor
    with CaptureQueriesContext(connection) as few:
        statement(Asked(moved, "USD"), cursor=cursor, limit=2)
    with CaptureQueriesContext(connection) as many:
        statement(Asked(moved, "USD"), cursor=cursor, limit=6)
    assert len(many) == len(few)


def test_csv_is_no_formula(moved: Account, at: datetime) -> None:
    rows = list(csv.DictReader(io.StringIO("".join(as_csv(Asked(moved, "USD"))))))
    assert [row["memo"] for row in rows[:2]] == ["'=0", "'=1"]
    assert [int(row["balance"]) for row in rows][-2:] == [70, 40]
    assert parse_datetime(rows[0]["at"]) == at
    assert len(rows) == 8


def test_over_rest(moved: Account, owner: Person, stranger: Person) -> None:
    first = owner.rest.get("/statement", {"currency": "USD", "limit": 5}).json()
    rest = owner.rest.get("/statement", {"currency": "USD", "cursor": first["next_cursor"]}).json()
    assert (len(first["lines"]), first["closing"], rest["opening"], rest["closing"]) == (5, 50, 50, 40)
    assert owner.rest.get("/balances").json() == [{"currency": "USD", "amount": 40}]
    exported = owner.rest.get("/statement.csv", {"currency": "USD"})
    assert exported["Content-Type"].startswith("text/csv")
    assert moved.public_id in exported["Content-Disposition"]
    assert len(exported.getvalue().splitlines()) == 9
    assert stranger.rest.get("/statement", {"currency": "USD"}).json()["lines"] == []
    assert stranger.rest.get("/balances").json() == []
    assert owner.rest.get("/statement", {"currency": "XXQ"}).json()["error"]["field"] == "currency"


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"amount": 0}, "amount"),
        ({"amount": -5}, "amount"),
        ({"amount": 10**16}, "amount"),
        ({"currency": "XXQ"}, "currency"),
        ({"reason": "   "}, "reason"),
    ],
)
def test_credits_that_are_refused(
    given: dict[str, Any], field: str, account: Account, finance: Person
) -> None:
    body = {"amount": 5, "currency": "USD", "reason": "because", **given}
    answer = finance.rest.post(f"/operator/accounts/{account.public_id}/credits", body)
    error = answer.json()["error"]
    assert answer.status_code == 422
    assert field in (error["field"], *(fault["field"] for fault in error["faults"]))
    assert not CustomerBalance.objects.filter(account=account, amount__gt=0).exists()


def test_more_than_there_is_stays(account: Account, at: datetime) -> None:
    with pytest.raises(Refusal) as refused:
        transfer(
            TransferKind.HOLD, debit=accounts.customer(account), credit=accounts.PAYMENTS_HELD, currency="USD",
            amount=1, at=at, reference="x", account=account,
        )  # fmt: skip
    assert refused.value.code == "balance_too_small"
