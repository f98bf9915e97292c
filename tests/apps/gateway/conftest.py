from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import pytest

from hanaper import clock
from hanaper.apps.gateway import certificates, services
from hanaper.apps.gateway.models import GatewayInstance, GatewayNode
from hanaper.apps.orders.models import Order
from hanaper.core.gateway.candidates import Candidate, covers
from hanaper.core.gateway.wire import Answer, Batch, KeyPair, Report, Tally
from tests.fixtures_dns import *  # noqa: F403 - its fixtures
from tests.people import SETUP, Person
from tests.shop import *  # noqa: F403 - its fixtures
from tests.shop import buy

DOMAIN = "www.shop.test"
ORIGINS = {"origins": [{"host": "127.0.0.1", "port": 8080}]}


@dataclass
class Issued:
    """What the products have: by account, certificates for names."""

    pairs: dict[tuple[int, str], tuple[Candidate, KeyPair]] = field(default_factory=dict)
    revoked: dict[str, datetime] = field(default_factory=dict)
    gone: dict[tuple[int, str], KeyPair] = field(default_factory=dict)

    def put(self, account_id: int, public_id: str, *names: str, until: datetime, key: str = "key") -> None:
        pair = KeyPair(chain=f"chain of {public_id}", key=key)
        self.pairs[account_id, public_id] = Candidate(public_id, names, until), pair

    def candidates(self, account_id: int, domain: str, at: datetime) -> Sequence[Candidate]:
        own = [one for (account, _), (one, _) in self.pairs.items() if account == account_id]
        return [one for one in own if covers(one.names, domain) and one.not_after > at]

    def ends_at(self, account_id: int, public_id: str, at: datetime) -> datetime | None:
        found = self.pairs.get((account_id, public_id))
        return found[0].not_after if found and found[0].not_after > at else None

    def key_pair(self, account_id: int, public_id: str, at: datetime) -> KeyPair | None:
        found = self.pairs.get((account_id, public_id))
        return found[1] if found and found[0].not_after > at else None

    def last_key_pair(self, account_id: int, public_id: str) -> KeyPair | None:
        return self.gone.get((account_id, public_id))

    def revoke(self, account_id: int, public_id: str, at: datetime) -> None:
        self.gone[account_id, public_id] = self.pairs.pop((account_id, public_id))[1]
        self.revoked[public_id] = at

    def revoked_at(self, account_id: int, public_id: str) -> datetime | None:
        return self.revoked.get(public_id)


@pytest.fixture
def issued(owner: Person, at: datetime) -> Iterator[Issued]:
    """One certificate of the owner for DOMAIN, and no product besides."""
    before, made = list(certificates._sources), Issued()
    assert owner.account is not None
    made.put(owner.account.pk, "crt_one", DOMAIN, until=at + timedelta(days=90))
    certificates.register(made)
    yield made
    certificates.register(*before)


@pytest.fixture
def order(owner: Person, catalogue: None, at: datetime) -> Order:
    return buy(owner, "https-gateway-3m", at=at)


@pytest.fixture
def gateway(order: Order) -> GatewayInstance:
    return GatewayInstance.objects.get(order=order)


@pytest.fixture
def added(
    owner: Person, gateway: GatewayInstance, issued: Issued, name_server, at: datetime
) -> GatewayInstance:
    return services.add_domain(owner.actor, gateway, domain=DOMAIN, behaviour=ORIGINS, at=at)


@pytest.fixture
def active(added: GatewayInstance, name_server, at: datetime) -> GatewayInstance:
    return activate(added, name_server, at)


def activate(gateway: GatewayInstance, name_server, at: datetime) -> GatewayInstance:
    name_server.records[(gateway.domain, "CNAME")] = [gateway.cname + "."]
    services.look(gateway.pk, at, clock.system_now())
    gateway.refresh_from_db()
    return gateway


@pytest.fixture
def node(db: None, at: datetime) -> GatewayNode:
    system_at = clock.system_now()
    token = services.make_join_token(SETUP, at=at, system_at=system_at)
    return services.join(token, "one", at=at, system_at=system_at)[0]


def say(
    node: GatewayNode, at: datetime, *, applied: int = 0, settled: int = 0, batches: Sequence[Batch] = ()
) -> Answer:
    said = Report(applied=applied, settled=settled, batches=tuple(batches))
    return services.report(node, said, at=at, system_at=clock.system_now())


def batch(
    gateway: GatewayInstance, begin: int, end: int, *, hour: int = 500_000, log: str = "log", **sums: int
) -> Batch:
    return Batch(
        log=log, begin=begin, end=end, tallies=(Tally(instance=gateway.public_id, hour=hour, **sums),)
    )
