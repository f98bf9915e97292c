"""Money under everything at once: orders, cards, refunds, webhooks and sweeps in any order (R3, R4).

After each step an auditor with books of its own (`auditor.py`) looks where every unit of money is.
"""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import transaction
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    consumes,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from hanaper import clock
from hanaper.apps.catalog.models import Voucher
from hanaper.apps.orders import services as orders
from hanaper.apps.orders.models import Order
from hanaper.apps.payments import providers, sweep
from hanaper.apps.payments.providers import CARD, CardDetails
from hanaper.apps.payments.services import MeansChoice, receive_webhook
from hanaper.apps.payments.vocabulary import Means
from hanaper.apps.refunds.models import Refund
from hanaper.apps.refunds.services import give_up, request_refund
from hanaper.core.errors import Refusal
from tests.apps.payments.auditor import Auditor
from tests.apps.payments.moody_provider import CHARGE_MOODS, REFUND_MOODS, MoodyProvider
from tests.people import Person
from tests.shop import catalogue, give_balance, make_voucher, place

__all__ = ["catalogue", "make_voucher"]

pytestmark = pytest.mark.django_db

PRODUCT = "hanaper-dv-single-1y"  # 19.00 USD
CHEAPEST_PART = 400
REFUSALS = {
    "balance_too_small", "payment_in_progress", "payment_completed", "payment_cancelled", "order_not_unpaid",
    "order_expired", "provider_unavailable", "refund_in_progress", "already_refunded", "refund_refused",
    "return_under_way", "refund_not_under_way", "voucher_used_up",
}  # fmt: skip
VOUCHERS = st.sampled_from((0, 0, 0, 500, 5000))
WAYS = st.sampled_from(("card", "mixed", "balance"))
CHARGES = st.one_of(st.just("succeeded"), st.sampled_from(CHARGE_MOODS))
REFUNDS = st.lists(st.sampled_from(REFUND_MOODS), max_size=2)


class Money(RuleBasedStateMachine):
    """One customer, any number of orders, and a provider in any mood."""

    owner: Person
    finance: Person
    vouchers: Callable[..., Voucher]
    start: datetime

    placed = Bundle("placed")
    asked = Bundle("asked")
    events = Bundle("events")

    def __init__(self) -> None:
        super().__init__()
        self.undo = transaction.atomic()
        self.undo.__enter__()
        self.provider = MoodyProvider()
        providers.register(CARD, self.provider)
        self.auditor = Auditor(self.provider)
        self.at, self.ahead, self.credited, self.told_events = self.start, timedelta(0), 0, 0

    @rule(amount=st.sampled_from((CHEAPEST_PART, 1900, 10_000)))
    def credit(self, amount: int) -> None:
        give_balance(self.owner, amount, self.at)
        self.credited += amount

    @rule(target=placed, voucher=VOUCHERS, how=WAYS, mood=CHARGES)
    def buy(self, voucher: int, how: str, mood: str) -> Order:
        vouchers = [self.vouchers(amount=voucher, expires_at=self.at + timedelta(days=1))] if voucher else []
        order = place(self.owner, PRODUCT, voucher_ids=[one.public_id for one in vouchers], at=self.at)
        self.pay(order, how, mood)
        return order

    @rule(order=placed, how=WAYS, mood=CHARGES)
    def pay(self, order: Order, how: str, mood: str) -> None:
        means = []
        if how != "card":
            means.append(MeansChoice(Means.BALANCE, CHEAPEST_PART if how == "mixed" else None))
        if how != "balance":
            means.append(MeansChoice(Means.CARD, card=CardDetails("4000000000000001", "12/30")))
        self.provider.moods = [mood]
        self.tried(lambda: orders.pay_order(self.owner.actor, order, means=means, at=self.at))

    @precondition(lambda self: self.auditor.unpaid())
    @rule(data=st.data())
    def cancel(self, data: st.DataObject) -> None:
        order = Order.objects.get(public_id=data.draw(st.sampled_from(self.auditor.unpaid())))
        self.tried(lambda: orders.cancel_order(self.owner.actor, order, at=self.at))

    @rule(target=asked, order=placed, moods=REFUNDS)
    def ask(self, order: Order, moods: list[str]) -> Any:
        """Ask for a refund; by chance the worker looks at it at once."""
        asked = self.tried(lambda: request_refund(self.owner.actor, order, at=self.at))
        if moods:
            self.look(moods)
        return asked

    @rule(refund=asked)
    def give_up(self, refund: Refund | None) -> None:
        if refund is not None:
            self.tried(lambda: give_up(self.finance.actor, refund, reason="a wish", at=self.at))

    @rule(moods=REFUNDS)
    def look(self, moods: list[str]) -> None:
        """The worker looks at whatever is due."""
        self.provider.moods = moods
        self.ahead += timedelta(hours=2)
        sweep.sweep(self.at, clock.system_now() + self.ahead)

    @rule()
    def go_away_or_come_back(self) -> None:
        self.provider.away = not self.provider.away

    @precondition(lambda self: self.provider.charges)
    @rule(data=st.data())
    def turn(self, data: st.DataObject) -> None:
        """The provider thinks better of it, and has not told us."""
        thing = data.draw(st.sampled_from(self.things()))
        turns = self.provider.turns(thing)
        if turns:
            self.provider.turn(thing, data.draw(st.sampled_from(turns)))

    @precondition(lambda self: self.provider.charges)
    @rule(target=events, data=st.data())
    def tell(self, data: st.DataObject) -> tuple[str, str]:
        """A webhook about anything, at any time."""
        self.told_events += 1
        event = (f"evt_{self.told_events}", data.draw(st.sampled_from(self.things())))
        self.deliver(event)
        return event

    @rule(event=consumes(events))
    def tell_again(self, event: tuple[str, str]) -> None:
        self.deliver(event)

    @rule(hours=st.sampled_from((1, 1, 25, 100)))
    def time_passes(self, hours: int) -> None:
        self.at += timedelta(hours=hours)
        orders.expire_unpaid(self.at)

    @invariant()
    def every_unit_is_somewhere(self) -> None:
        self.auditor.audit(self.credited)

    def teardown(self) -> None:
        try:
            self.come_to_rest()
        finally:
            transaction.set_rollback(True)
            self.undo.__exit__(None, None, None)

    def come_to_rest(self) -> None:
        """The provider makes up its mind and tells; then nothing may be left hanging."""
        self.provider.away, self.provider.moods = False, []
        for _ in range(4):
            for thing in self.things():
                if self.status(thing) in ("pending", "requires_action"):
                    self.provider.turn(thing, "succeeded")
                self.told_events += 1
                self.deliver((f"evt_{self.told_events}", thing))
            self.look([])
        self.auditor.audit(self.credited)
        self.auditor.quiet()

    def tried(self, work: Callable[[], Any]) -> Any:
        """What is refused changes nothing; what is refused unexpectedly is found here."""
        try:
            return work()
        except Refusal as refused:
            assert refused.code in REFUSALS, refused.code
            return None

    def deliver(self, event: tuple[str, str]) -> None:
        name, thing = event
        kind = "charge" if thing in self.provider.charges else "refund"
        found = self.provider.charges.get(thing) or self.provider.refunds[thing]
        body = {"id": thing, "key": found.key}
        receive_webhook(CARD, name, f"{kind}.updated", body, self.at, clock.system_now())

    def things(self) -> list[str]:
        return [*self.provider.charges, *self.provider.refunds]

    def status(self, thing: str) -> str:
        return (self.provider.charges.get(thing) or self.provider.refunds[thing]).status


def test_money_is_conserved(
    owner: Person, finance: Person, catalogue: None, make_voucher: Callable[..., Voucher], at: datetime
) -> None:
    Money.owner, Money.finance, Money.vouchers, Money.start = owner, finance, staticmethod(make_voucher), at
    before = providers.provider(CARD)
    try:
        run_state_machine_as_test(
            Money,
            settings=settings(
                max_examples=30,
                stateful_step_count=30,
                suppress_health_check=list(HealthCheck),
                derandomize=True,
                database=None,
            ),
        )
    finally:
        providers.register(CARD, before)
