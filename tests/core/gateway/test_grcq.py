"""GRCQ by the hour (SPEC section 6), on each side of every step."""

import pytest

from hanaper.core.gateway.grcq import grcq, passed

MB = 1_000_000


@pytest.mark.parametrize(
    ("visits", "bytes_out", "cost"),
    [
        (0, 0, 0),
        (1, 0, 1),
        (150, 0, 1),
        (151, 0, 2),
        (0, 1, 1),
        (0, 30 * MB, 1),
        (0, 30 * MB + 1, 2),
        (1, 1, 2),
        (300, 60 * MB, 4),
    ],
)
def test_an_hour(visits: int, bytes_out: int, cost: int) -> None:
    assert grcq(visits, bytes_out) == cost


@pytest.mark.parametrize(
    ("used", "level"),
    [(0, None), (239, None), (240, 80), (284, 80), (285, 95), (299, 95), (300, 100), (900, 100)],
)
def test_levels_of_300(used: int, level: int | None) -> None:
    assert passed(used, 300) == level
