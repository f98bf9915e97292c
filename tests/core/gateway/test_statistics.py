"""Sums in little room: exact but for paths that were hardly asked for."""

import pytest

from hanaper.core.gateway.statistics import (
    LENGTHS,
    LONGEST_PATH,
    MOST_CODES,
    MOST_PATHS,
    add_codes,
    add_counts,
    add_lengths,
    add_paths,
    length_of,
    path_of,
    quantile,
    total,
)


@pytest.mark.parametrize(("took", "place"), [(0, 0), (5, 0), (6, 1), (5000, 9), (5001, 10)])
def test_lengths(took: int, place: int) -> None:
    assert length_of(took) == place and len(LENGTHS) == 10


def test_lengths_are_added_place_by_place() -> None:
    assert add_lengths([], [1, 2]) == [1, 2] == add_lengths([1, 2], ())
    assert total([[1, 2], [], [3, 4]]) == [4, 6] and total([]) == []


@pytest.mark.parametrize(
    ("lengths", "share", "found"),
    [
        ([], 0.5, None),
        ([0] * 11, 0.5, None),
        ([1] + [0] * 10, 0.5, 5),
        ([50, 0, 0, 50, 0, 0, 0, 0, 0, 0, 0], 0.5, 5),
        ([50, 0, 0, 50, 0, 0, 0, 0, 0, 0, 0], 0.95, 50),
        ([0] * 10 + [1], 0.5, 5000),
    ],
)
def test_quantiles(lengths: list[int], share: float, found: int | None) -> None:
    assert quantile(lengths, share) == found


def test_the_most_asked_for_stay() -> None:
    many = {f"/{number}": (1, 10) for number in range(MOST_PATHS * 3)}
    found = add_paths(add_paths({}, {"/often": (5, 50)}), many)
    assert len(found) == MOST_PATHS and next(iter(found)) == "/often"
    assert add_paths(found, {"/often": (2, 1)})["/often"] == (7, 51)
    assert add_paths({"/a": [1, 2]}, {"/a": (1, 2)}) == {"/a": (2, 4)}  # type: ignore[dict-item]


def test_codes_have_room_for_what_is_usual() -> None:
    many = {str(code): 1 for code in range(100, 999)}
    found = add_codes({"200": 1}, many)
    assert len(found) == MOST_CODES and found["200"] == 2
    assert add_codes(found, {"998": 1, "200": 1})["200"] == 3
    assert add_counts({"a": 1}, {"a": 1, "b": 2}) == {"a": 2, "b": 2}


def test_a_path_is_what_is_before_the_question_mark() -> None:
    assert path_of("/a?secret=1") == "/a"
    assert len(path_of("/" * 1000)) == LONGEST_PATH
