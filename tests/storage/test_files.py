"""Files that are there whole or not at all."""

import stat
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from time import sleep

import pytest

from hanaper.storage.files import create_once, one_at_a_time, write_atomically

WRITERS = 8


def mode(path):
    return stat.S_IMODE(path.stat().st_mode)


def test_created_for_its_owner_alone(tmp_path):
    path = tmp_path / "key"
    assert create_once(path, b"secret")
    assert (path.read_bytes(), mode(path)) == (b"secret", 0o600)
    assert [found.name for found in tmp_path.iterdir()] == ["key"]


def test_created_once(tmp_path):
    path = tmp_path / "key"
    create_once(path, b"first")
    assert not create_once(path, b"second")
    assert path.read_bytes() == b"first"
    assert [found.name for found in tmp_path.iterdir()] == ["key"]


def test_of_many_at_once_one_is_first_and_nobody_sees_half(tmp_path):
    path = tmp_path / "key"
    together = Barrier(WRITERS)

    def write(number):
        together.wait()
        first = create_once(path, bytes([number]) * 100_000)
        return first, path.read_bytes()

    with ThreadPoolExecutor(WRITERS) as pool:
        answers = list(pool.map(write, range(WRITERS)))
    assert sum(first for first, _ in answers) == 1
    assert {seen for _, seen in answers} == {path.read_bytes()}


@pytest.mark.parametrize("write", [create_once, write_atomically])
def test_a_write_that_fails_leaves_nothing(tmp_path, monkeypatch, write):
    def full(_):
        raise OSError("no space left on device")

    monkeypatch.setattr("hanaper.storage.files.os.fsync", full)
    with pytest.raises(OSError, match="no space"):
        write(tmp_path / "key", b"secret")
    assert not list(tmp_path.iterdir())


def test_replaced_with_the_mode_that_was_asked_for(tmp_path):
    path = tmp_path / "list.crl"
    write_atomically(path, b"old")
    assert mode(path) == 0o644
    write_atomically(path, b"new", mode=0o600)
    assert (path.read_bytes(), mode(path)) == (b"new", 0o600)


def test_one_at_a_time(tmp_path):
    inside = most = 0
    together = Barrier(WRITERS)

    def enter(_):
        nonlocal inside, most
        together.wait()
        with one_at_a_time(tmp_path / "lists"):
            inside += 1
            most = max(most, inside)
            sleep(0.005)
            inside -= 1

    with ThreadPoolExecutor(WRITERS) as pool:
        list(pool.map(enter, range(WRITERS)))
    assert most == 1
