"""Purges of one address and access logs: every node that serves does them once, and then they are done."""

import gzip
from datetime import datetime, timedelta

import pytest

from hanaper import clock
from hanaper.apps.gateway import queries, services
from hanaper.apps.gateway.models import Errand, GatewayInstance, GatewayNode
from hanaper.apps.gateway.sweep import sweep
from hanaper.core.errors import Forbidden, InvalidInput, NotFound, Refusal
from hanaper.core.gateway.wire import OriginState, Report
from tests.apps.gateway.conftest import say
from tests.people import Person


def purge(person: Person, gateway: GatewayInstance, address: str, at: datetime) -> Errand:
    return services.purge_address(person.actor, gateway, address, at=at, system_at=clock.system_now())


def ask(person: Person, gateway: GatewayInstance, at: datetime) -> Errand:
    return services.ask_for_log(person.actor, gateway, at=at, system_at=clock.system_now())


@pytest.fixture
def other(node: GatewayNode, at: datetime) -> GatewayNode:
    return GatewayNode.objects.create(name="two", token_hash="two", joined_at=at)


def test_told_until_done_by_all(
    owner: Person, active: GatewayInstance, node: GatewayNode, other: GatewayNode, at: datetime
) -> None:
    made = purge(owner, active, "/news?page=2", at)
    (told,) = say(node, at).errands
    assert (told.kind, told.instance, told.address) == ("purge", active.public_id, "/news?page=2")
    for _ in range(2):
        services.deliver(node, told.id, b"", at=at)
    assert say(node, at).errands == ()
    (shown,) = queries.purges(active)
    assert (shown.done, shown.done_at, queries.nodes_serving()) == (1, None, 2)
    later = at + timedelta(minutes=1)
    services.deliver(other, say(other, at).errands[0].id, b"", at=later)
    made.refresh_from_db()
    assert made.done_at == later and say(other, at).errands == ()


def test_nobody_waits_for_a_node_that_is_retired(
    owner: Person, administrator: Person, active: GatewayInstance, node: GatewayNode, at: datetime
) -> None:
    made = purge(owner, active, "/", at)
    services.retire(administrator.actor, node, at=at)
    sweep(at, clock.system_now())
    made.refresh_from_db()
    assert made.done_at == at
    assert purge(owner, active, "/", at).done_at == at  # nobody serves


@pytest.mark.parametrize(
    ("given", "path"),
    [
        ("/", "/"),
        ("/a?b=c#d", "/a?b=c"),
        ("https://www.shop.test", "/"),
        ("http://www.shop.test/a?b", "/a?b"),
        ("https://www.shop.test:8443/a", "/a"),
    ],
)
def test_addresses(owner: Person, active: GatewayInstance, at: datetime, given: str, path: str) -> None:
    assert purge(owner, active, given, at).address == path


@pytest.mark.parametrize(
    "given", ["", "a", "https://other.test/", "ftp://www.shop.test/", "/a b", "/a\n", "/é", "/" * 2049]
)
def test_what_is_no_address(owner: Person, active: GatewayInstance, at: datetime, given: str) -> None:
    with pytest.raises(InvalidInput):
        purge(owner, active, given, at)
    assert not Errand.objects.exists()


def test_not_too_many_at_once(
    owner: Person, active: GatewayInstance, node: GatewayNode, at: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(services.errands, "MOST_OPEN", 1)
    made = purge(owner, active, "/", at)
    with pytest.raises(Refusal) as refused:
        purge(owner, active, "/a", at)
    assert refused.value.code == "too_many_purges"
    services.deliver(node, made.public_id, b"", at=at)
    purge(owner, active, "/a", at)


def test_only_who_may_write_and_only_with_a_domain(
    owner: Person, reader: Person, gateway: GatewayInstance, at: datetime
) -> None:
    for errand in (lambda who: purge(who, gateway, "/", at), lambda who: ask(who, gateway, at)):
        with pytest.raises(Forbidden):
            errand(reader)
        with pytest.raises(Refusal, match="no domain"):
            errand(owner)


def test_lines_of_all_nodes_in_order(
    owner: Person, active: GatewayInstance, node: GatewayNode, other: GatewayNode, at: datetime
) -> None:
    made = ask(owner, active, at)
    assert ask(owner, active, at) == made  # it is on its way
    services.deliver(node, made.public_id, gzip.compress(b'{"at": "1"}\n{"at": "3"}\n'), at=at)
    services.deliver(other, made.public_id, gzip.compress(b'{"at": "2"}\n'), at=at)
    assert b"".join(services.lines_of(made)) == b'{"at": "1"}\n{"at": "2"}\n{"at": "3"}\n'
    assert ask(owner, active, at) != made


def test_what_a_node_brings_is_not_believed_blindly(
    owner: Person, active: GatewayInstance, node: GatewayNode, at: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = ask(owner, active, at)
    monkeypatch.setattr(services.errands, "MOST_BYTES", 10)
    with pytest.raises(InvalidInput):
        services.deliver(node, made.public_id, b"x" * 11, at=at)
    services.deliver(node, made.public_id, b"no gzip", at=at)
    assert list(services.lines_of(made)) == []
    with pytest.raises(NotFound):
        services.deliver(node, "gwe_unknown", b"", at=at)


def test_forgotten_in_time(owner: Person, active: GatewayInstance, node: GatewayNode, at: datetime) -> None:
    log, address = ask(owner, active, at), purge(owner, active, "/", at)
    services.deliver(node, log.public_id, b"", at=at)
    sweep(at, clock.system_now() + timedelta(hours=1))
    assert list(Errand.objects.all()) == [address]
    sweep(at, clock.system_now() + timedelta(days=7))
    assert list(Errand.objects.all()) == [address]  # the node has it to do still
    services.deliver(node, address.public_id, b"", at=at)
    sweep(at, clock.system_now() + timedelta(days=7))
    assert not Errand.objects.exists()


def test_how_nodes_find_the_origins(
    active: GatewayInstance, node: GatewayNode, other: GatewayNode, at: datetime
) -> None:
    (seen,) = queries.origins(active)
    assert (seen.address, seen.port, seen.nodes, seen.unwell) == ("127.0.0.1", 8080, 2, 0)

    def report(unwell: tuple[OriginState, ...] | None) -> None:
        said = Report(applied=1, settled=1, unwell=unwell)
        services.report(node, said, at=at, system_at=clock.system_now())
        node.refresh_from_db()

    said = OriginState(instance=active.public_id, address="127.0.0.1", port=8080, problem="gone", since=100)
    report((said, said.model_copy(update={"instance": "gwi_other"})))
    report(None)  # as before
    (seen,) = queries.origins(active)
    assert (seen.unwell, seen.problem, seen.since and seen.since.timestamp()) == (1, "gone", 100)
    report(())
    assert [one.unwell for one in queries.origins(active)] == [0]
