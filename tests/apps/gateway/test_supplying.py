"""A certificate that comes by itself, against a product that does what it is told: when it is begun, what becomes
of it, how it is tried again, renewed and called off."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import pytest

from hanaper import clock
from hanaper.apps.audit.models import AuditEntry
from hanaper.apps.events.models import Event
from hanaper.apps.gateway import fleet, services, supply
from hanaper.apps.gateway.models import CertificateWish, GatewayInstance
from hanaper.apps.gateway.services import Automatic
from hanaper.apps.gateway.sweep import sweep
from hanaper.apps.orders.models import Order
from hanaper.core.errors import Forbidden, InvalidInput, Refusal
from hanaper.core.gateway.supply import QUOTA, Asked, Offer, Record, ShownBy, Stage, Standing
from hanaper.core.gateway.wire import Proof
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


def test_nothing_is_taken_before_the_domain_leads_here(world: World) -> None:
    world.add().sweep()
    assert (world.wish.state, world.wish.code, world.product.asked) == ("wanted", "waiting_for_dns", [])
    world.names.records[(DOMAIN, "CNAME")] = ["elsewhere.test."]
    assert world.sweep().sweep().product.asked == [] and fleet.snapshot().proofs == ()
    world.point()
    (asked,) = world.product.asked
    assert (asked.account_id, asked.domain, asked.source) == (world.gateway.account_id, DOMAIN, QUOTA)
    assert (world.wish.state, world.wish.certificate) == ("applied", "crt_1")


def test_nodes_answer_until_it_is_issued_and_it_is_served(world: World) -> None:
    world.add().point()
    assert fleet.snapshot().proofs == (PROOF,) and fleet.snapshot().sites == ()
    version = fleet.version()
    world.issue()
    (site,) = fleet.snapshot().sites
    assert services.key_pair(site.certificate, world.at).key == "crt_1"
    assert (world.gateway.state, world.gateway.certificate, world.wish.state) == ("active", "crt_1", "served")
    assert fleet.snapshot().proofs == () and fleet.version() > version
    assert world.told() == ["gateway.certificate_ordered"]
    actions = AuditEntry.objects.filter(target=world.gateway.public_id).order_by("pk")
    assert list(actions.values_list("action", flat=True))[1:4] == [
        "gateway.certificate_wanted",
        "gateway.certificate_begun",
        "gateway.changed",
    ]


def test_nobody_is_helped_to_prove_what_leads_elsewhere(world: World) -> None:
    """The domain led here when it was applied for, and does not when an issuer looks."""
    world.add().point()
    world.names.records[(DOMAIN, "CNAME")] = ["elsewhere.test."]
    world.sweep(later=timedelta(minutes=3))
    assert world.wish.proofs and fleet.snapshot().proofs == ()


def test_by_dns_it_is_had_before_it_leads_here(world: World) -> None:
    """So that a site that is visited elsewhere moves without a gap."""
    record = Record("_hanaper-challenge.www.shop.test", "token")
    world.add(shown_by=ShownBy.DNS)
    world.product.stands["crt_1"] = Standing(Stage.PENDING, QUOTA, records=(record,))
    world.sweep()
    assert world.wish.records == [{"name": record.name, "value": record.value}]
    world.issue()
    assert (world.gateway.state, world.gateway.certificate) == ("domain_added", "crt_1")
    assert world.point().gateway.state == "active"


def test_what_is_refused_is_said_and_tried_again_ever_later(world: World) -> None:
    world.product.refusal = InvalidInput(
        "No contact.", field="contact", code="contact_missing", next_steps=["Make one."]
    )
    world.add().point()
    wish = world.wish
    assert (wish.state, wish.code, wish.message, wish.next_steps) == (
        "failed",
        "contact_missing",
        "No contact.",
        ["Make one."],
    )
    pauses = []
    for _ in range(3):
        before = world.system_at
        world.sweep(later=world.wish.next_at - before + timedelta(seconds=1))
        pauses.append(world.wish.next_at - world.system_at)
    assert pauses == sorted(pauses) and pauses[0] < pauses[-1]
    assert world.told() == ["gateway.certificate_failed"]  # once, while it is the same
    assert world.gateway.state == "domain_added" and fleet.snapshot().sites == ()
    world.product.refusal = None
    services.retry(world.person.actor, world.gateway, at=world.at)
    assert world.sweep().wish.state == "applied"


def test_a_failed_validation_is_applied_for_again_with_the_same_quota(world: World) -> None:
    world.add().point()
    world.product.stands["crt_1"] = Standing(Stage.FAILED, QUOTA, "domain_check_failed", "Not seen.")
    assert world.sweep().wish.message == "Not seen." and fleet.snapshot().proofs == ()
    world.sweep(later=HOUR)
    assert (world.product.went_on, len(world.product.asked), world.wish.state) == (["crt_1"], 1, "applied")


def test_what_somebody_took_back_is_not_taken_again_by_itself(world: World) -> None:
    """A refund plan cancels or revokes it; another one only when its owner asks."""
    world.product.left = 2
    world.add().point()
    world.product.stands["crt_1"] = Standing(Stage.TAKEN_BACK, QUOTA, "taken_back", "It was withdrawn.")
    world.sweep().sweep(later=timedelta(days=2))
    assert (world.wish.state, len(world.product.asked)) == ("failed", 1)
    services.retry(world.person.actor, world.gateway, at=world.at)
    assert (world.sweep().wish.certificate, len(world.product.asked)) == ("crt_2", 2)


def test_a_revoked_one_is_noticed(world: World) -> None:
    world.product.left = 2
    world.add().point().issue()
    world.issued.pairs.clear()
    world.product.stands["crt_1"] = Standing(Stage.TAKEN_BACK, QUOTA, "taken_back", "It was revoked.")
    world.sweep().sweep()
    assert (world.wish.state, world.wish.message, len(world.product.asked)) == (
        "failed",
        "It was revoked.",
        1,
    )


@pytest.mark.parametrize(("renews", "asked"), [(True, 2), (False, 1)])
def test_the_next_one_is_had_in_time_if_that_was_allowed(world: World, renews: bool, asked: int) -> None:
    end = world.at + timedelta(days=60)
    world.product.left = 2
    world.add(renews=renews).point()
    world.issue(ends_at=end, tell_at=end - timedelta(days=30), renew_at=end - timedelta(days=7))
    GatewayInstance.objects.update(term_ends_at=end + HOUR)
    world.sweep(at=end - timedelta(days=31))
    assert world.told() == ["gateway.certificate_ordered"]
    world.sweep(at=end - timedelta(days=29)).sweep()
    assert world.told()[1:] == ["gateway.certificate_ending"]
    world.sweep(at=end - timedelta(days=6)).sweep()
    assert len(world.product.asked) == asked and world.gateway.certificate == "crt_1"
    if renews:
        assert world.product.asked[1].replaces == "crt_1"
        world.issue("crt_2", ends_at=end + timedelta(days=365))
        assert (world.gateway.certificate, world.wish.certificate) == ("crt_2", "crt_2")
        assert world.told()[-1] == "gateway.certificate_renewed"
    (site,) = fleet.snapshot().sites
    assert services.key_pair(site.certificate, world.at).key == f"crt_{asked}"


def test_one_that_cannot_be_renewed_is_served_on(world: World) -> None:
    end = world.at + timedelta(days=60)
    world.add().point()
    world.issue(ends_at=end, tell_at=end - timedelta(days=30), renew_at=end - timedelta(days=7))
    world.sweep(at=end - timedelta(days=20)).sweep(at=end - timedelta(days=5)).sweep()
    assert (world.wish.state, world.wish.code, world.gateway.state) == ("failed", "no_quota", "active")
    assert world.told()[1:] == ["gateway.certificate_ending", "gateway.certificate_failed"]
    world.product.left = 1
    world.sweep(later=HOUR)
    assert (world.wish.state, world.wish.certificate) == ("applied", "crt_2")


def test_nodes_answer_again_when_it_is_reissued(world: World) -> None:
    """The certificates area reissues by itself (D13), and a validation holds for a while only."""
    world.add().point().issue()
    world.product.stands["crt_1"] = Standing(Stage.ISSUED, QUOTA, proofs=(PROOF,))
    assert world.sweep().wish.proofs == []
    world.product.asking_again = ["crt_1"]
    world.sweep()
    assert fleet.snapshot().proofs == (PROOF,) and world.wish.state == "served"
    world.product.asking_again, world.product.stands["crt_1"] = [], Standing(Stage.ISSUED, QUOTA)
    assert world.sweep().wish.proofs == [] and fleet.snapshot().proofs == ()


def test_another_that_lasts_longer_is_followed_instead(world: World) -> None:
    """The next year of several, or what its owner had made: nothing is taken for it."""
    end = world.at + timedelta(days=60)
    world.product.left = 2
    world.add().point()
    world.issue(ends_at=end, tell_at=end - timedelta(days=30), renew_at=end - timedelta(days=7))
    later = end - timedelta(days=20)
    world.at = later
    world.product.stands["crt_year"] = Standing(Stage.ISSUED, QUOTA)
    world.issued.put(world.person.account.pk, "crt_year", DOMAIN, until=end + timedelta(days=365))
    world.sweep().sweep(at=end - timedelta(days=3)).sweep()
    assert (world.gateway.certificate, world.wish.certificate) == ("crt_year", "crt_year")
    assert len(world.product.asked) == 1


@pytest.mark.parametrize("way", ["reset", "expire", "refund", "choose"])
def test_what_is_pending_is_called_off_when_it_is_not_wanted(world: World, way: str) -> None:
    world.add().point()
    _end(world, way)
    assert CertificateWish.objects.get().state == "ending" and fleet.snapshot().proofs == ()
    world.product.refusal = Refusal("A refund is under way.", code="order_locked", clause="D11")
    assert world.sweep().product.given_up == []
    world.product.refusal = None
    assert world.sweep().product.given_up == ["crt_1"] and not CertificateWish.objects.exists()
    assert world.sweep().product.given_up == ["crt_1"] and len(world.product.asked) == 1


@pytest.mark.parametrize("way", ["reset", "expire", "refund", "choose"])
def test_what_is_issued_stays_the_accounts(world: World, way: str) -> None:
    world.add().point().issue()
    _end(world, way)
    assert not CertificateWish.objects.exists()
    assert world.sweep().product.given_up == []


def _end(world: World, way: str) -> None:
    actor, gateway, at = world.person.actor, world.gateway, world.at
    if way == "reset":
        token = services.prepare_reset(actor, gateway).token
        services.reset_gateway(actor, gateway, confirmation=token, at=at)
    elif way == "expire":
        services.expire(gateway.pk, gateway.term_ends_at)
    elif way == "refund":
        services.end_refunded(gateway.order, at)
    else:
        world.issued.put(gateway.account_id, "crt_chosen", DOMAIN, until=at + timedelta(days=90))
        services.change_certificate(actor, gateway, "crt_chosen", at=at)


def test_one_that_was_ended_at_that_moment_takes_nothing(world: World, monkeypatch: Any) -> None:
    world.add()
    obtain = world.product.obtain

    def ended_meanwhile(asked: Asked, begun: Callable[[str], None], at: datetime) -> None:
        CertificateWish.objects.all().delete()
        obtain(asked, begun, at)

    monkeypatch.setattr(world.product, "obtain", ended_meanwhile)
    world.point()
    assert world.product.left == 1  # what the transaction took went back with it


def test_nothing_while_its_own_refund_is_under_way(world: World, order: Order) -> None:
    # D11
    world.add()
    Order.objects.filter(pk=order.pk).update(state="refund_in_progress")
    assert world.point().product.asked == []
    Order.objects.filter(pk=order.pk).update(state="paid")
    assert len(world.sweep(later=HOUR).product.asked) == 1


def test_what_is_served_is_kept_when_it_comes_by_itself_from_now_on(world: World, issued: Issued) -> None:
    actor, gateway = world.person.actor, world.gateway
    issued.put(gateway.account_id, "crt_own", DOMAIN, until=world.at + timedelta(days=90))
    services.add_domain(actor, gateway, domain=DOMAIN, behaviour=ORIGINS, at=world.at)
    world.product.stands["crt_own"] = Standing(Stage.ISSUED, QUOTA, renew_at=world.at + timedelta(days=80))
    services.make_automatic(actor, gateway, Automatic(), at=world.at)
    world.point()
    assert (world.wish.state, world.gateway.certificate, world.product.asked) == ("served", "crt_own", [])
    assert world.wish.due_at == world.at + timedelta(days=80)
    # Said more exactly, it is the same wish.
    services.make_automatic(actor, gateway, Automatic(renews=False), at=world.at)
    assert (world.sweep().wish.due_at, world.wish.renews, world.product.asked) == (None, False, [])


def test_impossible_is_said_before_anything_changes(world: World) -> None:
    world.product.left = 0
    with pytest.raises(Refusal) as refused:
        world.add()
    assert (refused.value.code, refused.value.next_steps) == ("no_quota", ("Buy one.",))
    world.gateway.refresh_from_db()
    assert world.gateway.domain == "" and not CertificateWish.objects.exists()
    with pytest.raises(InvalidInput):
        world.add(source="the moon")


def test_who_may(world: World, reader: Person) -> None:
    world.add()
    for refused in (
        lambda: services.make_automatic(reader.actor, world.gateway, Automatic(), at=world.at),
        lambda: services.retry(reader.actor, world.gateway, at=world.at),
    ):
        with pytest.raises(Forbidden):
            refused()
    with pytest.raises(Refusal, match="has failed"):
        services.retry(world.person.actor, world.gateway, at=world.at)
