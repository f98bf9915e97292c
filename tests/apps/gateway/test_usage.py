"""Statistics by hour and by day, as nodes told them."""

from datetime import UTC, datetime

import pytest

from hanaper.apps.gateway import queries
from hanaper.apps.gateway.models import GatewayInstance, GatewayNode
from hanaper.core.gateway.statistics import LENGTHS, MOST_PATHS
from tests.apps.gateway.conftest import batch, say

HOUR = 500_000  # eight hours into the 15th of January 2027
NONE = (0,) * len(LENGTHS)


@pytest.fixture
def told(active: GatewayInstance, node: GatewayNode, at: datetime) -> GatewayInstance:
    for turn, hour in enumerate((HOUR, HOUR, HOUR + 1, HOUR + 24)):
        say(
            node,
            at,
            batches=[
                batch(
                    active, turn, turn + 1, hour=hour, visits=3, bytes_out=3600, requests=4, cache_hits=1,
                    milliseconds=40, statuses={"2xx": 3, "4xx": 1}, codes={"200": 3, "404": 1},
                    lengths=(3, *NONE[1:], 1), paths={"/a": (2, 600), f"/{turn}": (1, 3000)},
                )
            ],
        )  # fmt: skip
    return active


def test_by_hour(told: GatewayInstance) -> None:
    first, second, third = queries.usage_by_hour(told, hours=10)
    assert (first.begins_at, first.seconds) == (datetime.fromtimestamp(HOUR * 3600, UTC), 3600)
    assert (first.visits, first.requests, first.codes) == (6, 8, {"200": 6, "404": 2})
    assert (first.lengths[0], first.lengths[-1], first.bits_per_second) == (6, 2, 16)
    assert first.paths == {"/a": (4, 1200), "/0": (1, 3000), "/1": (1, 3000)}
    assert [one.visits for one in (second, third)] == [3, 3]
    assert [one.visits for one in queries.usage_by_hour(told, hours=1)] == [3]


def test_by_day(told: GatewayInstance) -> None:
    first, second = queries.usage_by_day(told, days=10)
    assert (first.begins_at.hour, first.seconds, first.visits, first.grcq) == (0, 86_400, 9, 4)
    assert (first.lengths[0], first.statuses, first.paths["/a"]) == (9, {"2xx": 9, "4xx": 3}, (6, 1800))
    assert second.visits == 3 and (second.begins_at - first.begins_at).days == 1
    assert [one.begins_at for one in queries.usage_by_day(told, days=1)] == [second.begins_at]


def test_nothing_served(active: GatewayInstance) -> None:
    assert queries.usage_by_day(active, days=10) == queries.usage_by_hour(active, hours=10) == []
    assert queries.top_paths(active, hours=24, most=5) == {}


def test_the_most_asked_for(told: GatewayInstance) -> None:
    assert list(queries.top_paths(told, hours=24, most=1).items()) == [("/a", (8, 2400))]
    assert len(queries.top_paths(told, hours=24, most=MOST_PATHS)) == 5
    assert queries.top_paths(told, hours=1, most=5) == {"/a": (2, 600), "/3": (1, 3000)}
