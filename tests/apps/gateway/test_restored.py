"""A database that was restored to before what nodes serve: they end up with what it says, whenever they ask."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any

import pytest
from django.db import transaction

from hanaper.apps.gateway import fleet, services
from hanaper.apps.gateway.models import GatewayInstance, GatewayNode
from hanaper.core.gateway.changes import after
from hanaper.core.gateway.wire import Snapshot
from tests.apps.gateway.conftest import ORIGINS, say
from tests.apps.gateway.test_following import by_instance, other
from tests.people import Person

__all__ = ["other"]  # a fixture
CLOSED = {**ORIGINS, "maintenance": True}


@contextmanager
def what_is_lost() -> Iterator[None]:
    """The database is as it was before, at the end."""
    before = transaction.savepoint_create()
    yield
    transaction.savepoint_rollback(before)


def take(served: Snapshot) -> tuple[Snapshot, bool]:
    """What a node serves next that served this, and whether it had to ask for all."""
    changed = after(served, fleet.changes(served.version))
    return (fleet.snapshot(), True) if changed is None else (changed, False)


def agrees(served: Snapshot) -> bool:
    return by_instance(served) == by_instance(fleet.snapshot())


def test_it_is_noticed_by_what_a_node_says(
    owner: Person, active: GatewayInstance, other: GatewayInstance, node: GatewayNode, at: datetime
) -> None:
    with what_is_lost():
        services.change_behaviour(owner.actor, active, CLOSED, at=at)
        served = fleet.snapshot()
        assert say(node, at, applied=served.version).version == served.version
    known = fleet.version()
    assert known < served.version
    answer = say(node, at, applied=served.version, settled=served.version)
    assert answer.version == fleet.version() > served.version
    assert {site.instance for site in fleet.changes(served.version).sites} == {
        active.public_id,
        other.public_id,
    }
    served, _ = take(served)
    assert agrees(served) and not any(site.behaviour.maintenance for site in served.sites)
    newest = fleet.version()
    say(node, at, applied=newest)
    assert fleet.version() == newest, "once"


def test_what_only_the_node_knows_goes(
    owner: Person, active: GatewayInstance, other: GatewayInstance, node: GatewayNode, at: datetime
) -> None:
    with what_is_lost():
        services.purge(owner.actor, other, at=at)
        served = fleet.snapshot()
    services.expire(other.pk, other.term_ends_at)
    say(node, at, applied=served.version)
    served, _ = take(served)
    assert agrees(served) and [site.instance for site in served.sites] == [active.public_id]


@pytest.mark.parametrize("many", [1, 2, 5])
def test_a_change_before_any_node_asks_hides_nothing(
    owner: Person, active: GatewayInstance, other: GatewayInstance, node: GatewayNode, at: datetime, many: int
) -> None:
    def change(first: GatewayInstance, second: GatewayInstance) -> None:
        for number in range(many):
            services.purge(owner.actor, (first, second)[number % 2], at=at)

    with what_is_lost():
        services.change_behaviour(owner.actor, active, CLOSED, at=at)
        change(active, other)
        served = fleet.snapshot()
    change(other, active)
    services.purge(owner.actor, other, at=at)
    assert fleet.version() > served.version
    say(node, at, applied=served.version)
    served, _ = take(served)
    assert agrees(served)


def test_a_reset_waits_for_what_a_node_did_not_say_yet(
    owner: Person, active: GatewayInstance, node: GatewayNode, at: datetime
) -> None:
    with what_is_lost():
        services.change_behaviour(owner.actor, active, CLOSED, at=at)
        served = fleet.version()
    token = services.prepare_reset(owner.actor, active, at=at).token
    services.reset_gateway(owner.actor, active, confirmation=token, at=at)
    say(node, at, applied=served, settled=served)
    active.refresh_from_db()
    assert not fleet.settled_everywhere(active.reset_version)


def test_after_a_crash_in_between_it_is_noticed_again(
    active: GatewayInstance, node: GatewayNode, at: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    served, known = fleet.version() + 1_000_000, fleet.version()

    def crash(*_: Any) -> Any:
        raise MemoryError

    with monkeypatch.context() as broken:
        broken.setattr(fleet, "_served", crash)
        with pytest.raises(MemoryError):
            say(node, at, applied=served)
    assert fleet.version() == known
    assert say(node, at, applied=served).version > served
    assert fleet.snapshot().sites[0].version > served


def test_versions_grow_whatever_the_clock_says(
    owner: Person, active: GatewayInstance, at: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = fleet.clock.system_now()
    moments: list[Callable[[], datetime]] = [lambda: now, lambda: now, lambda: now.replace(year=2020)]
    seen = [fleet.version()]
    for moment in moments:
        monkeypatch.setattr(fleet.clock, "system_now", moment)
        services.purge(owner.actor, active, at=at)
        seen.append(fleet.version())
    assert seen == sorted(set(seen))
