"""One round over what is due."""

import time

import pytest

from hanaper.storage.sweeping import each, round_ends, some_broke


def test_one_that_breaks_holds_up_no_other_and_is_told(capsys):
    seen = []

    def work(key):
        seen.append(key)
        if key == 2:
            raise RuntimeError("broken")

    some_broke()
    assert each(iter([1, 2, 3]), work) == 2
    assert seen == [1, 2, 3]
    assert some_broke() and not some_broke()


def test_what_was_not_due_after_all_does_not_count():
    assert each([True, False, None], lambda key: key) == 2


def test_time_is_up():
    seen = []
    assert each([1, 2], seen.append, until=time.monotonic() - 1) == 0
    assert each([1, 2], seen.append, until=round_ends()) == 2
    assert seen == [1, 2]


def test_a_stop_is_no_failure():
    def stop(_):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        each([1], stop)
