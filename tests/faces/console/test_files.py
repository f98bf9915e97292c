"""What the console gives as files: lists for spreadsheets, and receipts as PDF."""

import csv
import io
from datetime import datetime
from typing import Any

import pypdf
import pytest
from django.test import Client

from hanaper.apps.accounts.models import Account
from tests.people import Person
from tests.shop import *  # noqa: F403 - its fixtures
from tests.shop import SINGLE, buy, place

pytestmark = pytest.mark.django_db


def got(person: Person, path: str, **wanted: str) -> Any:
    client = Client()
    client.force_login(person.user)
    assert person.account is not None
    answer: Any = client.get(f"/a/{person.account.public_id}/{path}", wanted)
    assert answer.status_code == 200 and answer["X-Content-Type-Options"] == "nosniff"
    assert answer["Content-Disposition"].startswith("attachment")
    return answer


def rows(person: Person, path: str, **wanted: str) -> list[dict[str, str]]:
    text = b"".join(got(person, path, **wanted)).decode()
    return list(csv.DictReader(io.StringIO(text, newline="")))


def words(person: Person, order: Any) -> str:
    read = pypdf.PdfReader(io.BytesIO(got(person, f"orders/{order.public_id}/receipt.pdf").content))
    return "\n".join(page.extract_text() for page in read.pages)


def test_orders_as_a_file_are_those_of_the_list(
    owner: Person, stranger: Person, catalogue: None, at: datetime
) -> None:
    paid, unpaid = buy(owner, SINGLE, at=at), place(owner, SINGLE, at=at)
    buy(stranger, SINGLE, at=at)
    listed = rows(owner, "orders.csv")
    assert {row["order"] for row in listed} == {paid.public_id, unpaid.public_id}
    assert [row["order"] for row in rows(owner, "orders.csv", state="unpaid")] == [unpaid.public_id]


def test_a_receipt_says_what_was_bought_and_with_what(
    owner: Person, make_voucher: Any, make_coupon: Any, at: datetime
) -> None:
    make_coupon()
    order = buy(owner, SINGLE, at=at, voucher_ids=[make_voucher().public_id], coupon_code="SPRING")
    told = words(owner, order)
    for part in ("Receipt", order.public_id, "$90.00", "-$9.00", "-$50.00", "$31.00", "Balance"):
        assert part in told, part


@pytest.mark.parametrize("name", ["Ünïcode & Söhne <b>", "例子有限公司", "ООО Пример"])
def test_a_receipt_can_be_read_in_the_reader_s_script(
    owner: Person, catalogue: None, at: datetime, name: str
) -> None:
    order = buy(owner, SINGLE, at=at)
    Account.objects.update(name=name)
    assert name in words(owner, order)
    owner.user.language = "zh-hans"
    owner.user.save()
    told = words(owner, order)
    assert "收据" in told and order.public_id in told


def test_nothing_paid_has_no_receipt(owner: Person, catalogue: None, at: datetime) -> None:
    order = place(owner, SINGLE, at=at)
    client = Client()
    client.force_login(owner.user)
    assert owner.account is not None
    answer = client.get(f"/a/{owner.account.public_id}/orders/{order.public_id}/receipt.pdf")
    assert answer.status_code == 409 and b"%PDF" not in answer.content
