"""A statement says what each movement is, and which order and refund it is for; the ledger's ids stay beside."""

import csv
import io
from datetime import datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from hanaper.apps.ledger.queries import Asked, statement
from hanaper.apps.ledger.vocabulary import TransferKind
from hanaper.apps.orders.models import Order
from hanaper.apps.payments.statements import WORDS, Told, as_csv, told
from hanaper.apps.payments.sweep import sweep
from hanaper.apps.refunds.models import Refund
from hanaper.apps.refunds.services import request_refund
from hanaper.faces.console.labels import label
from tests.people import Person
from tests.shop import *  # noqa: F403 - its fixtures
from tests.shop import buy

pytestmark = pytest.mark.django_db
SINGLE = "hanaper-dv-single-1y"


@pytest.fixture
def returned(owner: Person, catalogue: None, at: datetime) -> Refund:
    """An order that was paid by balance, and whose money is back there."""
    order = buy(owner, SINGLE, at=at)
    refund = request_refund(owner.actor, order, at=at)
    sweep(at, at + timedelta(hours=1))
    refund.refresh_from_db()
    return refund


def test_each_movement_by_its_order(owner: Person, stranger: Person, returned: Refund) -> None:
    assert owner.account is not None and stranger.account is not None
    order = returned.order.public_id
    moved = [line.transfer for line in statement(Asked(owner.account, "USD")).lines]
    assert told(owner.account, moved) == [
        Told(TransferKind.CREDIT),
        Told(TransferKind.HOLD_POSTED, order),
        Told(TransferKind.REFUND_TO_BALANCE, order, returned.public_id),
    ]
    # Nothing of another account is told.
    assert {(one.order, one.refund) for one in told(stranger.account, moved)} == {("", "")}


def test_no_payment_is_looked_for_by_its_account(owner: Person, returned: Refund) -> None:
    """Whoever has paid a million times waits no longer: what a page names is found by that."""
    assert owner.account is not None
    moved = [line.transfer for line in statement(Asked(owner.account, "USD")).lines]
    with CaptureQueriesContext(connection) as asked:
        told(owner.account, moved)
    sought = [query["sql"].partition(" WHERE ")[2] for query in asked.captured_queries]
    assert len(sought) == 2 and not [one for one in sought if "account_id" in one]


def test_over_rest_and_as_a_file(owner: Person, returned: Refund) -> None:
    assert owner.account is not None
    order = returned.order.public_id
    lines = owner.rest.get("/statement", {"currency": "USD"}).json()["lines"]
    said = [(line["what"], line["order"], line["refund"]) for line in lines]
    assert said == [
        ("Credit", None, None),
        ("Paid from the balance", order, None),
        ("Refund to the balance", order, returned.public_id),
    ]
    assert lines[1]["kind"] == "payment.hold" and lines[1]["reference"].startswith("pap_")
    rows = list(csv.DictReader(io.StringIO("".join(as_csv(Asked(owner.account, "USD"))))))
    assert [(row["what"], row["order"] or None, row["refund"] or None) for row in rows] == said
    assert rows[1]["reference"] == lines[1]["reference"]
    in_other_words = "".join(as_csv(Asked(owner.account, "USD"), lambda kind: f"<{kind}>"))
    assert "<payment.hold_posted>" in in_other_words


def test_a_page_costs_the_same_however_long(owner: Person, catalogue: None, at: datetime) -> None:
    assert owner.account is not None
    counts = []
    for more in (1, 6):
        for _ in range(more):
            buy(owner, SINGLE, at=at)
        moved = [line.transfer for line in statement(Asked(owner.account, "USD")).lines]
        with CaptureQueriesContext(connection) as asked:
            found = told(owner.account, moved)
        counts.append(len(asked))
        assert sum(1 for one in found if one.order) == Order.objects.count()
    assert counts == [2, 2]


@pytest.mark.parametrize("kind", WORDS)
def test_the_words_are_those_of_the_console(kind: TransferKind) -> None:
    assert WORDS[kind] == label(kind)
