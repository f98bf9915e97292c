"""The contract of a payment provider, and the registry that `wiring.py` fills.

Every call takes our own key: the provider does a thing once per key, and its list can be searched for it.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from hanaper.core.errors import Refusal

CARD = "sandbox-card"  # the provider of the means card


@dataclass(frozen=True, slots=True)
class CardDetails:
    """A card as its holder types it; it goes to the provider and nowhere else, least of all into a repr."""

    number: str
    expiry: str  # MM/YY

    def __repr__(self) -> str:
        return f"CardDetails(…{self.number[-4:]})"


@dataclass(frozen=True, slots=True)
class ProviderCharge:
    """What the provider says of a charge now. `status`: pending, succeeded or failed; amounts in minor units.

    `key`: ours, if the charge was made with one; `account`: the public id of whose it is, as we said then.
    """

    id: str
    status: str
    amount: int
    currency: str
    key: str | None
    account: str | None = None
    failure: str | None = None


@dataclass(frozen=True, slots=True)
class ProviderRefund:
    """What the provider says of a refund now.

    `status`: pending, requires_action, succeeded, failed or canceled. `key` and `reference`: ours, if the
    refund was made by us.
    """

    id: str
    charge: str
    status: str
    amount: int
    currency: str
    key: str | None
    reference: str | None = None
    failure: str | None = None


@dataclass(frozen=True, slots=True)
class Webhook:
    """A verified event: `id` is the same however often it is delivered; `body["id"]` is what it is about and
    `body["key"]` our key, if it has one."""

    id: str
    kind: str  # charge.* or refund.*
    body: Mapping[str, Any]


class ProviderTimeout(Exception):
    """No answer: whether it was done is unknown."""


class ProviderFault(ProviderTimeout):
    """The provider answered that something broke on its side (500); it may keep that answer under the key."""


class ProviderBusy(Exception):
    """Nothing was done; ask again after `retry_after` seconds."""

    def __init__(self, message: str, retry_after: float = 1.0) -> None:
        super().__init__(message)
        self.retry_after = retry_after


class ProviderRejected(Exception):
    """Understood and refused, for good; nothing was done."""

    def __init__(self, message: str, code: str = "provider_rejected") -> None:
        super().__init__(message)
        self.message, self.code = message, code


class BadWebhook(Exception):
    """A webhook that is not the provider's, or not of now."""


class Provider(Protocol):
    """Any call may raise ProviderTimeout, ProviderFault or ProviderBusy; one that does something also
    ProviderRejected."""

    def create_token(self, card: CardDetails) -> str: ...

    def charge(
        self, *, key: str, token: str, amount: int, currency: str, reference: str, account: str
    ) -> ProviderCharge:
        """`reference` and `account`, public ids, are kept with the charge; they find its owner when our books
        were lost."""
        ...

    def find_charge(self, key: str) -> ProviderCharge | None:
        """The charge made with our `key`, None if there is none."""
        ...

    def refund(self, *, key: str, charge: str, amount: int, reference: str) -> ProviderRefund: ...

    def find_refund(self, key: str) -> ProviderRefund | None:
        """The refund made with our `key`, None if there is none."""
        ...

    def get_refund(self, refund_id: str) -> ProviderRefund | None: ...

    def list_charges(self) -> Iterator[ProviderCharge]: ...

    def list_refunds(self) -> Iterator[ProviderRefund]: ...

    def parse_webhook(self, headers: Mapping[str, str], body: bytes, system_at: datetime) -> Webhook:
        """The event, once signature and time are verified. BadWebhook otherwise."""
        ...


_providers: dict[str, Provider] = {}


def register(name: str, engine: Provider) -> None:
    """Called by `wiring.py`, once a provider."""
    _providers[name] = engine


def is_offered(name: str) -> bool:
    """Whether this installation takes payments through the provider."""
    return name in _providers


def provider(name: str) -> Provider:
    """The engine registered as `name`; refused (`means_not_offered`) where there is none."""
    if name not in _providers:
        raise Refusal(
            "This installation takes no cards.", code="means_not_offered", next_steps=["Pay by balance."]
        )
    return _providers[name]
