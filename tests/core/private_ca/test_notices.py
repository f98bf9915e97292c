"""When somebody is told that a certificate ends."""

from datetime import UTC, datetime, timedelta

import pytest

from hanaper.core.private_ca.notices import DEFAULT_DAYS, after, days_told, next_due

END = datetime(2026, 6, 30, 15, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("lifetime", "told"),
    [(1, []), (2, []), (3, [1]), (7, [1]), (21, [7, 1]), (47, [14, 7, 1]), (90, [30, 14, 7, 1]),
     (179, [30, 14, 7, 1]), (397, [60, 30, 14, 7, 1])],
)  # fmt: skip
def test_only_in_the_last_third_of_a_life(lifetime: int, told: list[int]) -> None:
    assert days_told(DEFAULT_DAYS, timedelta(days=lifetime)) == told


def test_all_of_a_day_together() -> None:
    assert next_due([7, 1], END) == datetime(2026, 6, 23, tzinfo=UTC)
    assert next_due([], END) == END


def test_what_was_passed_is_told_once() -> None:
    """A clock that was moved passes several at once."""
    assert after([30, 14, 7, 1], END, END - timedelta(days=14)) == [7, 1]
    assert after([30, 14, 7, 1], END, END - timedelta(days=6)) == [1]
    assert after([7, 1], END, END) == []
    assert after([7, 1], END, END - timedelta(days=9)) == [7, 1]
