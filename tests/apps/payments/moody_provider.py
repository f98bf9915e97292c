"""A card provider in memory that does what it is told to, for the machine of `test_money_machine.py`.

It keeps two books: what is so (`charges`, `refunds`), and what of it has been told to whoever asked (`told`).
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from itertools import count
from typing import Any

from hanaper.apps.payments.providers import (
    CardDetails,
    ProviderBusy,
    ProviderCharge,
    ProviderFault,
    ProviderRefund,
    ProviderRejected,
    ProviderTimeout,
    Webhook,
)

# What becomes of the next call that moves money.
CHARGE_MOODS = ("succeeded", "pending", "failed", "silent", "silent after", "fault", "busy", "rejected")
REFUND_MOODS = (*CHARGE_MOODS, "requires_action", "canceled", "half")
CHARGE_TURNS = {"pending": ("succeeded", "failed")}
REFUND_TURNS = {
    "pending": ("succeeded", "failed"),
    "requires_action": ("succeeded", "failed", "canceled"),
    "succeeded": ("failed",),
    "failed": ("succeeded",),
}


@dataclass(slots=True)
class MoodyProvider:
    moods: list[str] = field(default_factory=list)
    away: bool = False
    charges: dict[str, ProviderCharge] = field(default_factory=dict)
    refunds: dict[str, ProviderRefund] = field(default_factory=dict)
    told: dict[str, str] = field(default_factory=dict)  # id of a charge or refund: the status last told
    owner: dict[str, str] = field(default_factory=dict)  # id of either: our reference
    _faults: set[str] = field(default_factory=set)  # keys that keep an error
    _numbers: Iterator[int] = field(default_factory=lambda: count(1))

    def create_token(self, card: CardDetails) -> str:
        self._refuse_if_away()
        return f"tok_{card.number[-4:]}"

    def charge(
        self, *, key: str, token: str, amount: int, currency: str, reference: str, account: str
    ) -> ProviderCharge:
        mood = self._mood(key)
        found = self._by_key(self.charges, key)
        if found is None:
            status = mood if mood in ("pending", "failed") else "succeeded"
            failure = "declined" if status == "failed" else None
            found = ProviderCharge(
                f"ch_{next(self._numbers)}", status, amount, currency, key, account, failure
            )
            self.charges[found.id], self.owner[found.id] = found, reference
        return self._answer(found, mood)

    def refund(self, *, key: str, charge: str, amount: int, reference: str) -> ProviderRefund:
        mood = self._mood(key)
        found = self._by_key(self.refunds, key)
        if found is None:
            if amount > self.left(charge):
                raise ProviderRejected("More than was charged cannot be refunded.", "over_refund")
            status = mood if mood in ("pending", "failed", "requires_action", "canceled") else "succeeded"
            given = max(1, amount // 2) if mood == "half" else amount
            currency = self.charges[charge].currency
            found = ProviderRefund(
                f"re_{next(self._numbers)}", charge, status, given, currency, key, reference
            )
            self.refunds[found.id], self.owner[found.id] = found, reference
        return self._answer(found, mood)

    def find_charge(self, key: str) -> ProviderCharge | None:
        return self._tell(self._by_key(self.charges, key))

    def find_refund(self, key: str) -> ProviderRefund | None:
        return self._tell(self._by_key(self.refunds, key))

    def get_refund(self, refund_id: str) -> ProviderRefund | None:
        return self._tell(self.refunds.get(refund_id))

    def list_charges(self) -> Iterator[ProviderCharge]:
        return iter(self.charges.values())

    def list_refunds(self) -> Iterator[ProviderRefund]:
        return iter(self.refunds.values())

    def parse_webhook(self, headers: Mapping[str, str], body: bytes, system_at: datetime) -> Webhook:
        raise NotImplementedError("the machine hands events in behind the door")

    def left(self, charge: str) -> int:
        """What can still be given back of a charge: no provider gives back more than it took."""
        taken = self.charges[charge]
        if taken.status != "succeeded":
            return 0
        gone = (one for one in self.refunds.values() if one.charge == charge)
        return taken.amount - sum(one.amount for one in gone if one.status not in ("failed", "canceled"))

    def turns(self, thing: str) -> tuple[str, ...]:
        """What a charge or refund may still turn into."""
        if thing in self.charges:
            return CHARGE_TURNS.get(self.charges[thing].status, ())
        refund = self.refunds[thing]
        if refund.status == "failed" and refund.amount > self.left(refund.charge):
            return ()
        return REFUND_TURNS.get(refund.status, ())

    def turn(self, thing: str, status: str) -> None:
        """A charge or refund turns out to be something else."""
        if thing in self.charges:
            self.charges[thing] = replace(self.charges[thing], status=status)
        else:
            self.refunds[thing] = replace(self.refunds[thing], status=status)

    def _mood(self, key: str) -> str:
        self._refuse_if_away()
        if key in self._faults:
            raise ProviderFault("the same error as before")
        mood = self.moods.pop(0) if self.moods else "succeeded"
        if mood == "silent":
            raise ProviderTimeout("no answer, and nothing done")
        if mood == "busy":
            raise ProviderBusy("later")
        if mood == "rejected":
            raise ProviderRejected("no")
        if mood == "fault":
            self._faults.add(key)
            raise ProviderFault("something broke")
        return mood

    def _refuse_if_away(self) -> None:
        if self.away:
            raise ProviderTimeout("away")

    def _answer[T: (ProviderCharge, ProviderRefund)](self, found: T, mood: str) -> T:
        if mood == "silent after":
            raise ProviderTimeout("no answer, but it was done")
        self.told[found.id] = found.status
        return found

    def _tell[T: (ProviderCharge, ProviderRefund)](self, found: T | None) -> T | None:
        self._refuse_if_away()
        if found is not None:
            self.told[found.id] = found.status
        return found

    @staticmethod
    def _by_key(things: Mapping[str, Any], key: str) -> Any:
        return next((one for one in things.values() if one.key == key), None)
