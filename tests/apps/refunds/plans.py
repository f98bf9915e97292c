"""Certificates that can be told what to do, and plans that are confirmed and carried out on them."""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import Any

import pytest

from hanaper import clock
from hanaper.apps.orders import products
from hanaper.apps.orders.models import Order
from hanaper.apps.orders.products import Product, StepOutcome, StepState
from hanaper.apps.refunds.models import RefundPlan
from hanaper.apps.refunds.services import (
    confirm_plan,
)
from hanaper.apps.refunds.sweep import sweep
from hanaper.core.actor import Actor
from hanaper.core.errors import Refusal
from hanaper.wiring import PRODUCTS
from tests.people import Person
from tests.shop import buy

DV = "hanaper-dv-single-1y"
NEXT = {
    "cancel_apply": None,
    "withdraw": "pending_application",
    "submit": "validating_application",
    "revoke": "validating_revocation",
    "approve_revocation": "revoked",
    "cancel": None,
}


class Certificates:
    """Certificates as their states only; `refusing` refuses an action, `instead` changes what a step does."""

    def __init__(self) -> None:
        self.states: dict[str, str] = {}
        self.years: dict[str, int] = {}
        self.taken: list[str] = []
        self.refusing: set[str] = set()
        self.approved = False
        self.instead: dict[str, str] = {}

    def product(self) -> Product:
        return Product(
            frozenset({"ssl_certificate"}),
            lambda order, at: None,
            self.evidence,
            self.undo,
            lambda order, at: None,
        )

    def evidence(self, orders: Sequence[Order], at: datetime) -> dict[int, dict[str, Any]]:
        return {order.pk: self.part() for order in orders}

    def part(self) -> dict[str, Any]:
        return {
            "certificates": [
                {
                    "id": name, "state": state, "year": self.years.get(name, 1), "series": "1",
                    "publicly_trusted": False,
                    "revocation_requested_at": "2026-03-02T09:00:00Z" if state == "validating_revocation" else None,
                }
                for name, state in self.states.items()
            ]
        }  # fmt: skip

    def undo(self, actor: Actor, order: Order, action: str, target: str, at: datetime) -> StepOutcome:
        if action in self.refusing:
            raise Refusal("The selected contact is wrong.", code="invalid_form", field="contact")
        if action == "approve_revocation" and not self.approved:
            return StepOutcome(StepState.WAITING)
        self.taken.append(action)
        if action in self.instead:
            self.states[target] = self.instead[action]
        elif action in NEXT:
            state = NEXT[action]
            if state is None:
                del self.states[target]
            else:
                self.states[target] = state
        return StepOutcome(StepState.DONE)


@pytest.fixture
def certificates() -> Iterator[Certificates]:
    fake = Certificates()
    products.register([fake.product(), *PRODUCTS[1:]])
    yield fake
    products.register(PRODUCTS)


@pytest.fixture
def order(owner: Person, catalogue: None, certificates: Certificates, at: datetime) -> Order:
    return buy(owner, DV, at=at)


def go(plan: RefundPlan, at: datetime) -> RefundPlan:
    RefundPlan.objects.filter(pk=plan.pk).update(next_look_at=clock.system_now(), leased_until=None)
    sweep(at, clock.system_now() + timedelta(seconds=1))
    plan.refresh_from_db()
    return plan


def confirm(person: Person, plan: RefundPlan, at: datetime, accept: bool = True) -> RefundPlan:
    return confirm_plan(person.actor, plan, token=plan.token, accept=accept, at=at)
