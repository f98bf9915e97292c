"""Nodes join once with a token, and only what joined and was not retired is believed."""

from datetime import datetime, timedelta

import pytest

from hanaper import clock
from hanaper.apps.gateway import queries, services
from hanaper.apps.gateway.models import GatewayInstance, GatewayNode, JoinToken
from hanaper.core.errors import Forbidden, Gone, NotFound, Unauthenticated
from hanaper.core.gateway.wire import Answer, Report
from tests.apps.gateway.conftest import batch, say
from tests.people import SETUP, Person


def test_joins_once(administrator: Person, at: datetime) -> None:
    system_at = clock.system_now()
    token = services.make_join_token(administrator.actor, at=at, system_at=system_at)
    made, own = services.join(token, "edge", at=at, system_at=system_at)
    assert services.authenticate(own) == made
    for wrong in (token, own, "", "gwj_wrong"):
        with pytest.raises(Unauthenticated):
            services.join(wrong, "edge", at=at, system_at=system_at)
    assert GatewayNode.objects.count() == 1
    assert token not in str(list(JoinToken.objects.values())) and own not in str(
        list(GatewayNode.objects.values())
    )


def test_a_token_ends_after_a_day(administrator: Person, at: datetime) -> None:
    system_at = clock.system_now()
    token = services.make_join_token(administrator.actor, at=at, system_at=system_at)
    with pytest.raises(Unauthenticated):
        services.join(token, "edge", at=at, system_at=system_at + timedelta(days=1))


@pytest.mark.parametrize("who", ["owner", "reviewer", "finance"])
def test_only_administrators_let_nodes_join_and_retire_them(
    request: pytest.FixtureRequest, who: str, node: GatewayNode, at: datetime
) -> None:
    person: Person = request.getfixturevalue(who)
    with pytest.raises(Forbidden):
        services.make_join_token(person.actor, at=at, system_at=clock.system_now())
    with pytest.raises(Forbidden):
        services.retire(person.actor, node, at=at)


def test_retired_is_not_believed(administrator: Person, at: datetime) -> None:
    system_at = clock.system_now()
    token = services.make_join_token(administrator.actor, at=at, system_at=system_at)
    made, own = services.join(token, "edge", at=at, system_at=system_at)
    services.retire(administrator.actor, made, at=at)
    with pytest.raises(Gone):
        services.authenticate(own)
    assert services.authenticate(own, retired_too=True) == made


@pytest.mark.parametrize("hears", [True, False])
def test_retired_alive_it_hands_over_what_it_counted_for_an_hour(
    active: GatewayInstance, node: GatewayNode, at: datetime, hears: bool
) -> None:
    say(node, at, batches=[batch(active, 0, 10, visits=8)])
    services.retire(SETUP, node, at=at)

    def hand_over(begin: int, at: datetime) -> Answer | None:
        said = Report(
            applied=9, settled=0, hears=hears, batches=(batch(active, begin, begin + 10, visits=4),)
        )
        try:
            return services.report(node, said, at=at, system_at=clock.system_now())
        except Gone:
            return None

    for _ in range(2):  # one that is too old to hear of it says the same again
        answer = hand_over(10, at + timedelta(minutes=59))
        assert (answer is not None) == hears
    if answer:
        assert (answer.retired, answer.taken, answer.errands) == (True, {"log": 20}, ())
    assert hand_over(20, at + timedelta(minutes=61)) is None
    active.refresh_from_db()
    node.refresh_from_db()
    assert (active.visits, node.applied) == (12, 0)


def test_operators_see_how_they_are(owner: Person, reviewer: Person, node: GatewayNode, at: datetime) -> None:
    say(node, at, applied=3, settled=2)
    (seen,) = queries.nodes(reviewer.actor)
    assert (seen.applied, seen.settled, seen.seen_at is not None) == (3, 2, True)
    assert list(queries.nodes(owner.actor)) == []
    with pytest.raises(NotFound):
        queries.node(owner.actor, node.public_id)
