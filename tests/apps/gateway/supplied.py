"""A product that issues what it is told to, and an instance whose certificate comes by itself."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from hanaper import clock
from hanaper.apps.events.models import Event
from hanaper.apps.gateway import services, supply
from hanaper.apps.gateway.models import CertificateWish, GatewayInstance
from hanaper.apps.gateway.services import Automatic
from hanaper.apps.gateway.sweep import sweep
from hanaper.core.actor import Actor
from hanaper.core.errors import Refusal
from hanaper.core.gateway.supply import QUOTA, Asked, Offer, Stage, Standing
from hanaper.core.gateway.wire import Proof
from hanaper.core.x509.algorithms import KeyAlgorithm
from tests.apps.gateway.conftest import DOMAIN, ORIGINS, Issued
from tests.people import Person

PROOF = Proof(domain=DOMAIN, path="/.well-known/pki-validation/chk_x.txt", content="token")
HOUR = timedelta(hours=1)


@dataclass
class Product:
    """Supplies whatever `stands` says, and remembers what was asked."""

    left: int = 1
    stands: dict[str, Standing] = field(default_factory=dict)
    asked: list[Asked] = field(default_factory=list)
    went_on: list[str] = field(default_factory=list)
    given_up: list[str] = field(default_factory=list)
    refusal: Refusal | None = None
    rekeys: bool = True  # at no cost
    asking_again: list[str] = field(default_factory=list)

    def offers(self, account_id: int, at: datetime) -> Sequence[Offer]:
        return [Offer(QUOTA, "A product", "ord_x", self.left)] * bool(self.left)

    def judge(self, asked: Asked, at: datetime) -> None:
        pass

    def refuse_impossible(self, asked: Asked, at: datetime) -> None:
        if not self.left:
            raise Refusal("Nothing is left.", code="no_quota", next_steps=["Buy one."])

    def obtain(self, asked: Asked, begun: Callable[[str], None], at: datetime) -> None:
        self.refuse_impossible(asked, at)
        if self.refusal is not None:
            raise self.refusal
        self.asked.append(asked)
        name = f"crt_{len(self.asked)}"
        self.stands[name] = pending()
        begun(name)
        self.left -= 1

    def go_on(self, account_id: int, public_id: str, at: datetime) -> None:
        self.went_on.append(public_id)
        self.stands[public_id] = pending()

    def standing(self, account_id: int, public_id: str, at: datetime) -> Standing | None:
        return self.stands.get(public_id)

    def rekey(
        self, actor: Actor, account_id: int, public_id: str, wanted: KeyAlgorithm, at: datetime
    ) -> bool:
        if self.rekeys:
            self.stands[public_id] = replace(self.stands[public_id], key_algorithm=wanted)
        return self.rekeys

    def proving(self) -> list[str]:
        return self.asking_again

    def give_up(self, account_id: int, public_id: str, at: datetime) -> None:
        if self.refusal is not None:
            raise self.refusal
        self.given_up.append(public_id)


def pending(message: str = "") -> Standing:
    return Standing(Stage.PENDING, QUOTA, message and "not_seen_yet", message, proofs=(PROOF,))


@pytest.fixture
def product(db: None) -> Iterator[Product]:
    before, made = dict(supply._suppliers), Product()
    supply.register(quota=made, private=made)
    yield made
    supply._suppliers.clear()
    supply._suppliers.update(before)


class World:
    """An instance whose certificate comes by itself, with time passing."""

    def __init__(
        self, person: Person, gateway: GatewayInstance, product: Product, issued: Issued, names: Any, at: datetime
    ) -> None:  # fmt: skip
        self.person, self.gateway, self.product, self.issued, self.names = (
            person,
            gateway,
            product,
            issued,
            names,
        )
        self.at, self.system_at = at, clock.system_now()
        issued.pairs.clear()

    def add(self, **given: Any) -> "World":
        services.add_domain(
            self.person.actor,
            self.gateway,
            domain=DOMAIN,
            behaviour=ORIGINS,
            automatic=Automatic(**given),
            at=self.at,
        )
        return self.sweep()

    def point(self) -> "World":
        self.gateway.refresh_from_db()
        self.names.records[(DOMAIN, "CNAME")] = [self.gateway.cname + "."]
        return self.sweep().sweep()

    def issue(self, name: str = "crt_1", **given: Any) -> "World":
        self.product.stands[name] = Standing(Stage.ISSUED, QUOTA, **given)
        until = given.get("ends_at") or self.at + timedelta(days=300)
        self.issued.put(self.person.account.pk, name, DOMAIN, until=until, key=name)
        return self.sweep().sweep()

    def sweep(self, *, later: timedelta = timedelta(seconds=70), at: datetime | None = None) -> "World":
        self.at = at or self.at
        self.system_at += later
        sweep(self.at, self.system_at)
        self.gateway.refresh_from_db()
        return self

    @property
    def wish(self) -> CertificateWish:
        return CertificateWish.objects.get()

    def told(self) -> list[str]:
        kinds = Event.objects.filter(subject=self.gateway.public_id, kind__contains="certificate")
        return list(kinds.order_by("pk").values_list("kind", flat=True))


@pytest.fixture
def world(
    owner: Person, gateway: GatewayInstance, product: Product, issued: Issued, name_server: Any, at: datetime
) -> World:
    return World(owner, gateway, product, issued, name_server, at)
