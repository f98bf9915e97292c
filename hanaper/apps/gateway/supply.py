"""Where certificates are made for gateways by themselves: products that issue register a supplier.

The gateway never imports them. It writes down its wish, asks, and follows what was begun by its public id.
"""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Protocol

from hanaper.core.actor import Actor
from hanaper.core.errors import InvalidInput
from hanaper.core.gateway.supply import QUOTA, Asked, Offer, Standing
from hanaper.core.x509.algorithms import KeyAlgorithm


class Supplier(Protocol):
    """All look, and take, in the one account only."""

    def offers(self, account_id: int, at: datetime) -> Sequence[Offer]:
        """What it could make certificates from, what would be taken first, first."""
        ...

    def judge(self, asked: Asked, at: datetime) -> None:
        """Raise what is wrong with what is asked, whether anything is left or not."""
        ...

    def refuse_impossible(self, asked: Asked, at: datetime) -> None:
        """As `judge`; and raise what is against it at this moment, with what to do next."""
        ...

    def obtain(self, asked: Asked, begun: Callable[[str], None], at: datetime) -> None:
        """Begin a certificate, and go on with it as far as that goes at once. `begun` is called with its
        public id in the transaction that takes what it costs; if it raises, nothing was taken."""
        ...

    def go_on(self, account_id: int, public_id: str, at: datetime) -> None:
        """With what was begun and not applied for, or has failed."""
        ...

    def standing(self, account_id: int, public_id: str, at: datetime) -> Standing | None:
        """What became of it; None if it is not of this product."""
        ...

    def rekey(
        self, actor: Actor, account_id: int, public_id: str, wanted: KeyAlgorithm, at: datetime
    ) -> bool:
        """Whether what is issued gets another kind of key at no cost, which is begun then. Safe to repeat."""
        ...

    def proving(self) -> Sequence[str]:
        """Issued ones, of whomever, for whose domains nodes are to answer at this moment."""
        ...

    def give_up(self, account_id: int, public_id: str, at: datetime) -> None:
        """What is pending is called off, and what it cost restored; what is issued stays. Safe to repeat."""
        ...


_suppliers: dict[str, Supplier] = {}
PRIVATE = "private"


def register(*, quota: Supplier, private: Supplier) -> None:
    """Called once, by `wiring.py`: the account's quota, and its private CAs."""
    _suppliers.update({QUOTA: quota, PRIVATE: private})


def supplier_of(source: str) -> Supplier:
    """InvalidInput for what is neither QUOTA nor the public id of a private CA."""
    if source != QUOTA and not source.startswith("pca_"):
        raise InvalidInput(
            f"A certificate comes from {QUOTA!r}, or from a private CA of the account (pca_...).",
            field="source",
            code="unknown_source",
        )
    return _suppliers[QUOTA if source == QUOTA else PRIVATE]


def offers(account_id: int, at: datetime) -> list[Offer]:
    return [one for supplier in _suppliers.values() for one in supplier.offers(account_id, at)]


def proving() -> list[str]:
    return [one for supplier in _suppliers.values() for one in supplier.proving()]
