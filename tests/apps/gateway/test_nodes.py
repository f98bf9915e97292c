"""Nodes join once with a token, and only what joined and was not retired is believed."""

from datetime import datetime, timedelta

import pytest

from hanaper import clock
from hanaper.apps.gateway import queries, services
from hanaper.apps.gateway.models import GatewayNode, JoinToken
from hanaper.core.errors import Forbidden, Gone, NotFound, Unauthenticated
from tests.apps.gateway.conftest import say
from tests.people import Person


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


def test_operators_see_how_they_are(owner: Person, reviewer: Person, node: GatewayNode, at: datetime) -> None:
    say(node, at, applied=3, settled=2)
    (seen,) = queries.nodes(reviewer.actor)
    assert (seen.applied, seen.settled, seen.seen_at is not None) == (3, 2, True)
    assert list(queries.nodes(owner.actor)) == []
    with pytest.raises(NotFound):
        queries.node(owner.actor, node.public_id)
