"""A certificate that comes by itself is called off, or stays; and who may ask for one."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest

from hanaper.apps.gateway import fleet, services
from hanaper.apps.gateway.models import CertificateWish
from hanaper.apps.gateway.services import Automatic
from hanaper.apps.orders.models import Order
from hanaper.core.errors import Forbidden, InvalidInput, Refusal
from hanaper.core.gateway.supply import QUOTA, Asked, Stage, Standing
from hanaper.core.x509.algorithms import KeyAlgorithm
from tests.apps.gateway.conftest import DOMAIN, ORIGINS, Issued
from tests.apps.gateway.supplied import *  # noqa: F403 - its fixtures
from tests.apps.gateway.supplied import HOUR, World
from tests.people import Person


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
        token = services.prepare_reset(actor, gateway, at=at).token
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


RSA = KeyAlgorithm.RSA_2048


def test_template_and_key_are_asked_for_each_time(world: World) -> None:
    world.product.left = 2
    world.add(source="pca_x", template="sites", key_algorithm=RSA)
    world.issue(renew_at=world.at + timedelta(days=60))
    world.sweep(at=world.at + timedelta(days=61))
    assert [(one.template, one.key_algorithm) for one in world.product.asked] == [("sites", RSA)] * 2


@pytest.mark.parametrize("rekeys", [True, False])
def test_another_kind_of_key_for_what_is_served(world: World, rekeys: bool) -> None:
    """At no cost where its product can: else another certificate, and this one is served until it is there."""
    world.product.left, world.product.rekeys = 2, rekeys
    world.add().point().issue(key_algorithm=KeyAlgorithm.EC_P256)
    services.make_automatic(world.person.actor, world.gateway, Automatic(key_algorithm=RSA), at=world.at)
    world.sweep()
    assert (world.wish.key_algorithm, world.gateway.certificate) == (RSA, "crt_1")
    assert world.product.stands["crt_1"].key_algorithm == (RSA if rekeys else "ec-p256")
    assert len(world.product.asked) == (1 if rekeys else 2)
    assert world.product.asked[-1].key_algorithm == (None if rekeys else RSA)


def test_another_kind_of_key_for_what_is_applied_for(world: World) -> None:
    """The one that was taken for it is given back; nobody needs another to change his mind."""
    world.add().point()
    assert world.product.left == 0
    services.make_automatic(world.person.actor, world.gateway, Automatic(key_algorithm=RSA), at=world.at)
    world.sweep()
    assert world.product.given_up == ["crt_1"]
    world.product.left = 1
    world.sweep(later=HOUR)
    assert (world.wish.certificate, world.product.asked[-1].key_algorithm) == ("crt_2", RSA)


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
