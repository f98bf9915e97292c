"""A currency that is none is refused at its field, and nothing of what was typed is cut off."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from hanaper.apps.catalog.models import Coupon, Price, Voucher
from hanaper.apps.ledger.models import CustomerBalance
from tests.faces.console.private import text
from tests.people import Person
from tests.shop import *  # noqa: F403 - its fixtures

pytestmark = pytest.mark.django_db
SAID = "&#x27;DOLLARS&#x27; is not a currency: write its three letters, such as USD."
UNTIL = "2099-01-01T00:00"
FORMS: dict[str, tuple[str, list[str], dict[str, str]]] = {
    "price": ("set-price", ["hanaper-dv-single-1y"], {"amount": "5"}),
    "voucher": ("vouchers", [], {"amount": "5", "expires_at": UNTIL, "reason": "r"}),
    "coupon": ("coupons", [], {"code": "NEW", "amount": "5", "ends_at": UNTIL}),
    "percent": ("coupons", [], {"code": "NEW", "percent": "5", "ends_at": UNTIL}),
    "credit": ("credit", [], {"amount": "5", "reason": "r"}),
}


def counted() -> list[int]:
    return [model.objects.count() for model in (Price, Voucher, Coupon, CustomerBalance)]  # type: ignore[attr-defined]


@pytest.fixture
def operator(administrator: Person) -> Client:
    client = Client()
    client.force_login(administrator.user)
    return client


@pytest.mark.parametrize("form", FORMS)
def test_what_is_no_currency_is_refused_at_its_field(
    owner: Person, operator: Client, catalogue: None, form: str
) -> None:
    assert owner.account is not None
    name, what, given = FORMS[form]
    what = [owner.account.public_id] if name == "credit" else what
    before = counted()
    refused = operator.post(
        reverse(name, args=["operator", *what]),
        {**given, "account": owner.account.public_id, "currency": "dollars"},
    )
    assert refused.status_code == 422 and set(refused.context["faults"]) == {"currency"}
    shown = text(refused)
    assert SAID in shown and 'value="dollars"' in shown and 'aria-describedby="currency-fault"' in shown
    assert counted() == before
    # No form cuts it off while it is typed.
    field = shown[shown.index('id="currency"') :]
    assert "maxlength" not in field[: field.index(">")]


def test_the_ledger_is_filtered_by_a_currency_or_says_what_is_wrong(
    operator: Client, owner: Person, catalogue: None, at: Any
) -> None:
    give_balance(owner, 500, at)  # noqa: F405 - of tests.shop
    address = reverse("ledger", args=["operator"])
    assert len(operator.get(address, {"currency": " usd "}).context["rows"]) == 1
    refused = operator.get(address, {"currency": "dollars"})
    assert refused.status_code == 422 and SAID in text(refused)
    assert 'value="dollars"' in text(refused) and "Nothing fits" not in text(refused)
