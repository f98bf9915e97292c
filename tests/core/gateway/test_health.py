"""An origin is taken out, and comes back, after two answers that agree."""

import pytest

from hanaper.core.gateway.health import Health, after


@pytest.mark.parametrize(
    ("answers", "well", "since"),
    [
        ([""], True, 0),
        (["bad"], True, 0),
        (["bad", ""], True, 0),
        (["bad", "", "bad"], True, 0),
        (["bad", "bad"], False, 2),
        (["bad", "bad", "bad"], False, 2),
        (["bad", "bad", ""], False, 2),
        (["bad", "bad", "", "bad", ""], False, 2),
        (["bad", "bad", "", ""], True, 0),
    ],
)
def test_two_that_agree(answers: list[str], well: bool, since: int) -> None:
    believed = Health()
    for at, problem in enumerate(answers, 1):
        believed = after(believed, problem, at)
    assert (believed.well, believed.since) == (well, since)


def test_the_last_problem_is_told() -> None:
    believed = after(after(after(Health(), "a", 1), "b", 2), "c", 3)
    assert (believed.problem, believed.since) == ("c", 2)
