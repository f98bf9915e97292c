"""Instances found by what somebody remembers of their domain, by an index, within the wall of the account."""

from datetime import datetime
from importlib import import_module
from typing import Any

import pytest
from django.apps import apps
from django.db import connection

from hanaper.apps.gateway import queries, services
from hanaper.apps.gateway.models import DomainEnding, GatewayInstance
from hanaper.apps.gateway.search import found_by
from hanaper.apps.gateway.sweep import sweep
from hanaper.core.actor import Actor
from hanaper.storage.prefixes import begins_with
from tests.apps.gateway.conftest import ORIGINS, Issued
from tests.apps.gateway.test_following import other
from tests.people import Person
from tests.shop import buy

__all__ = ["other"]  # a fixture


def found(actor: Actor, text: str) -> list[GatewayInstance]:
    return list(queries.gateways(actor, search=text).order_by("pk"))


def test_by_the_beginning_of_any_label(
    owner: Person,
    colleague: Person,
    stranger: Person,
    administrator: Person,
    active: GatewayInstance,
    other: GatewayInstance,
) -> None:
    for text in ("www.sh", "WWW", "shop.test", " shop", active.public_id):
        for person in (owner, colleague, administrator):
            assert found(person.actor, text) == [active], text
        assert found(stranger.actor, text) == []
    assert found(owner.actor, "test") == [active, other]
    assert found(owner.actor, "other") == [other]
    assert list(queries.gateways(owner.actor, search="shop", state="no_domain")) == []
    for text in ("hop.test", "%", "_", "shop.testx", "é", "\U0010ffff"):
        assert found(administrator.actor, text) == [], text


def test_a_name_in_its_own_letters(
    owner: Person, gateway: GatewayInstance, issued: Issued, at: datetime
) -> None:
    assert owner.account is not None
    issued.put(owner.account.pk, "crt_b", "xn--bcher-kva.test", until=at.replace(year=2030))
    services.add_domain(owner.actor, gateway, domain="bücher.test", behaviour=ORIGINS, at=at)
    assert found(owner.actor, "bücher.test") == found(owner.actor, "xn--bch") == [gateway]


def test_once_it_is_reset_it_is_found_no_more(
    owner: Person, added: GatewayInstance, issued: Issued, at: datetime
) -> None:
    token = services.prepare_reset(owner.actor, added, at=at).token
    services.reset_gateway(owner.actor, added, confirmation=token, at=at)
    sweep(at, at)
    assert found(owner.actor, "shop") == [] and not DomainEnding.objects.exists()
    issued.put(added.account_id, "crt_two", "two.test", until=at.replace(year=2030))
    services.add_domain(owner.actor, added, domain="two.test", behaviour=ORIGINS, at=at)
    assert found(owner.actor, "two") == [added]


def test_those_of_before_are_found_after_the_migration(
    owner: Person, active: GatewayInstance, at: datetime
) -> None:
    buy(owner, "https-gateway-1m", at=at)  # one without a domain
    before = set(DomainEnding.objects.values_list("account", "instance", "ending"))
    DomainEnding.objects.all().delete()
    import_module("hanaper.apps.gateway.migrations.0011_fill_domain_endings").fill(apps, None)
    assert set(DomainEnding.objects.values_list("account", "instance", "ending")) == before
    assert len(before) == 3


def test_an_index_finds_them(owner: Person, administrator: Person, active: GatewayInstance) -> None:
    """SQLite says so; PostgreSQL prefers to walk along what has a few rows."""
    if connection.vendor != "sqlite":
        pytest.skip("PostgreSQL's planner looks at how many there are")
    rows: list[Any] = [
        DomainEnding.objects.filter(begins_with("ending", "a")),
        DomainEnding.objects.filter(begins_with("ending", "a"), account=owner.account),
        *(GatewayInstance.objects.filter(found_by(one.actor, "shop")) for one in (owner, administrator)),
    ]
    for each in rows:
        assert "SEARCH" in each.explain() and "SCAN" not in each.explain()
