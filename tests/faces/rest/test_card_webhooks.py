"""Webhooks of the card provider at the door: only the provider's own, once, in any order, and never believed."""

import json
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.test import Client

from hanaper import clock
from hanaper.apps.ledger.models import Transfer
from hanaper.apps.orders.models import Order
from hanaper.apps.payments import sweep
from hanaper.apps.payments.models import ProviderEvent, Return
from hanaper.apps.payments.providers.sandbox_card import sign_webhook
from hanaper.apps.refunds.services import request_refund
from tests.apps.payments.conftest import card_provider, catalogue, pay_by_card
from tests.fixtures_card import SECRET, CardProvider
from tests.people import Person

__all__ = ["card_provider", "catalogue", "pay_by_card"]

pytestmark = pytest.mark.django_db(transaction=True)
ADDRESS = "/hooks/sandbox-card"
Pay = Callable[[str], Order]


def event(kind: str, about: dict[str, Any], name: str = "evt_1") -> bytes:
    return json.dumps({"event": name, "kind": kind, "object": about}).encode()


def deliver(body: bytes, *, secret: str = SECRET, age: int = 0, signature: str | None = None) -> int:
    stamp = str(int(clock.system_now().timestamp()) - age)
    signed = signature or f"t={stamp},v1={sign_webhook(secret, stamp, body)}"
    client = Client(raise_request_exception=False)
    headers = {"Sandbox-Signature": signed}
    return client.post(ADDRESS, body, content_type="application/json", headers=headers).status_code


@pytest.mark.parametrize(
    ("how", "status"),
    [
        ({}, 200),
        ({"secret": "cd" * 32}, 400),
        ({"age": 3600}, 400),
        ({"age": -3600}, 400),
        ({"signature": "none"}, 400),
        ({"signature": "t=1,v1=é"}, 400),
        ({"signature": "t=" + "9" * 5000 + ",v1=00"}, 400),
    ],
)
def test_who_is_let_in(how: dict[str, Any], status: int, card_provider: CardProvider) -> None:
    assert deliver(event("refund.updated", {"id": "re_none"}), **how) == status
    assert ProviderEvent.objects.count() == (status == 200)


@pytest.mark.parametrize(
    "body", [b"", b"null", b"[]", b"{}", b"\xff", b'{"event": 1, "kind": 2, "object": "x"}']
)
def test_what_is_no_event(body: bytes, card_provider: CardProvider) -> None:
    assert deliver(body) == 400
    assert not ProviderEvent.objects.exists()


def test_a_large_body_is_not_read(card_provider: CardProvider) -> None:
    assert deliver(b" " * 70_000) == 413
    assert Client().get(ADDRESS).status_code == 405


def test_what_it_says_is_looked_up_and_not_believed(
    pay_by_card: Pay, owner: Person, card_provider: CardProvider, at: datetime
) -> None:
    """A refund that waits is said to have succeeded: the provider itself says that it waits."""
    made = request_refund(owner.actor, pay_by_card("refund_stuck"), at=at)
    for hours in range(3):
        sweep.sweep(at, clock.system_now() + timedelta(hours=hours))
    (refund,) = card_provider.refunds()
    assert refund["status"] == "pending"
    assert deliver(event("refund.updated", {"id": refund["id"], "status": "succeeded"})) == 200
    made.refresh_from_db()
    assert made.state == "paying"
    card_provider.resolve(refund["id"], "succeeded")
    # Late, out of order and twice.
    assert deliver(event("refund.updated", {"id": refund["id"], "status": "pending"}, "evt_2")) == 200
    made.refresh_from_db()
    assert made.state == "succeeded"
    for _ in range(2):
        assert deliver(event("refund.updated", {"id": refund["id"], "status": "succeeded"}, "evt_3")) == 200
    assert Transfer.objects.filter(kind="refund.to_card").count() == 1
    assert Return.objects.get().state == "returned"
    assert ProviderEvent.objects.count() == 3
