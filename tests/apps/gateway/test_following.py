"""A node that asks for what has changed serves, after every verb, what one that asks for all of it serves."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.conf import settings

from hanaper import clock
from hanaper.apps.gateway import fleet, services
from hanaper.apps.gateway.models import GatewayInstance, GatewayNode
from hanaper.apps.gateway.sweep import sweep
from hanaper.core.gateway.changes import after
from hanaper.core.gateway.wire import Changes, Site, Snapshot
from tests.apps.gateway.conftest import DOMAIN, ORIGINS, Issued, activate, batch, say
from tests.people import Person
from tests.shop import buy


class Follower:
    """A node that was there from the beginning; `told`: of which instances it heard the last time."""

    def __init__(self) -> None:
        self.snapshot = fleet.snapshot()

    def step(self) -> set[str]:
        changes = fleet.changes(self.snapshot.version)
        found = after(self.snapshot, changes)
        assert found is not None
        self.snapshot = found
        everything = fleet.snapshot()
        assert (by_instance(found), found.proofs) == (by_instance(everything), everything.proofs)
        assert found.zone == everything.zone == settings.GATEWAY_ZONE
        return {site.instance for site in changes.sites} | set(changes.gone)


def by_instance(snapshot: Snapshot) -> dict[str, Site]:
    return {site.instance: site for site in snapshot.sites}


@pytest.fixture
def other(
    owner: Person, active: GatewayInstance, issued: Issued, name_server: Any, at: datetime
) -> GatewayInstance:
    """Another one that is served, of which nothing is said while nothing changes."""
    assert owner.account is not None
    issued.put(owner.account.pk, "crt_other", "other.test", until=at + timedelta(days=90))
    order = buy(owner, "https-gateway-3m", at=at)
    made = GatewayInstance.objects.get(order=order)
    services.add_domain(owner.actor, made, domain="other.test", behaviour=ORIGINS, at=at)
    made.refresh_from_db()
    return activate(made, name_server, at)


def test_every_verb(
    owner: Person,
    active: GatewayInstance,
    other: GatewayInstance,
    issued: Issued,
    node: GatewayNode,
    at: datetime,
) -> None:
    follower = Follower()
    assert len(follower.snapshot.sites) == 2 and follower.step() == set()
    issued.put(active.account_id, "crt_new", DOMAIN, until=at + timedelta(days=99))

    def renew() -> None:
        services.change_certificate(owner.actor, active, "crt_new", at=at)
        services.look(active.pk, at, clock.system_now())

    def reset() -> None:
        token = services.prepare_reset(owner.actor, active, at=at).token
        services.reset_gateway(owner.actor, active, confirmation=token, at=at)

    def finish() -> None:
        say(node, at, applied=fleet.version(), settled=fleet.version())
        sweep(at, at)

    page = {**ORIGINS, "exhausted": "page"}
    verbs: list[Callable[[], object]] = [
        lambda: services.change_behaviour(owner.actor, active, page, at=at),
        lambda: services.purge(owner.actor, active, at=at),
        renew,
        lambda: say(node, at, batches=[batch(active, 0, 10, visits=900 * 150)]),
        reset,
    ]
    for verb in verbs:
        before = by_instance(follower.snapshot).get(active.public_id)
        verb()
        assert follower.step() == {active.public_id}
        assert by_instance(follower.snapshot).get(active.public_id) != before
    finish()
    follower.step()
    assert [site.instance for site in follower.snapshot.sites] == [other.public_id]
    services.expire(other.pk, other.term_ends_at)
    assert follower.step() >= {other.public_id} and follower.snapshot.sites == ()


def test_a_domain_that_changes_hands(
    owner: Person, stranger: Person, active: GatewayInstance, issued: Issued, name_server: Any, at: datetime
) -> None:
    assert stranger.account is not None
    issued.put(stranger.account.pk, "crt_two", DOMAIN, until=at + timedelta(days=90))
    theirs = GatewayInstance.objects.get(order=buy(stranger, "https-gateway-3m", at=at))
    follower = Follower()
    services.add_domain(stranger.actor, theirs, domain=DOMAIN, behaviour=ORIGINS, at=at)
    theirs.refresh_from_db()
    activate(theirs, name_server, at)
    assert follower.step() == {active.public_id, theirs.public_id}
    assert [site.instance for site in follower.snapshot.sites] == [theirs.public_id]


def a_site(instance: str, version: int) -> Site:
    return Site.model_validate(
        {
            **{"instance": instance, "domain": f"{instance}.test", "certificate": instance, "servers": ()},
            **{"origin_name": "", "behaviour": ORIGINS, "version": version},
        }
    )


@pytest.mark.parametrize(
    ("wrong", "followed"),
    [
        ({}, True),
        ({"since": 4}, False),  # it leads from elsewhere
        ({"count": 3}, False),  # one is missing here
        ({"versions": 12}, False),  # one is older here: the database was brought back from yesterday
    ],
)
def test_what_does_not_lead_there_is_not_followed(wrong: dict[str, int], followed: bool) -> None:
    first, second = a_site("a", 3), a_site("b", 5)
    before = Snapshot(version=5, sites=(first, second))
    said = {"since": 5, "version": 7, "count": 2, "versions": 10, **wrong}
    changes = Changes(sites=(a_site("c", 7),), gone=("b", "never"), **said)
    found = after(before, changes)
    assert (found is not None) == followed
    if found is not None:
        assert [site.instance for site in found.sites] == ["a", "c"] and found.sites[0] is first
