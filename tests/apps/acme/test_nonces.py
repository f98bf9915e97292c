"""Nonces: good once in any process of the machine, for an hour, and only if they are ours."""

import multiprocessing
from datetime import UTC, datetime, timedelta

import pytest

from hanaper.apps.acme.nonces import LIFETIME, Nonces
from hanaper.core.acme.base64url import decode, encode

NOW = datetime(2026, 11, 29, tzinfo=UTC)


@pytest.fixture
def path(tmp_path):
    return tmp_path / "nonces.sqlite3"


def _spend(path, nonces):
    own = Nonces(path)
    return [own.spend(nonce, NOW) for nonce in nonces]


def test_one_process_takes_what_another_gave_and_of_two_that_come_at_once_one_is_first(path):
    given = [Nonces(path).give(NOW) for _ in range(100)]
    with multiprocessing.get_context("spawn").Pool(2) as pool:
        found = pool.starmap(_spend, [(path, given), (path, given[::-1])])
    assert [sorted(each) for each in zip(found[0], found[1][::-1], strict=True)] == [[False, True]] * 100


@pytest.mark.parametrize(
    ("later", "good"), [(0, True), (LIFETIME, True), (LIFETIME + 1, False), (-60, True), (-61, False)]
)
def test_for_an_hour(path, later, good):
    nonces = Nonces(path)
    assert nonces.spend(nonces.give(NOW), NOW + timedelta(seconds=later)) is good


def test_not_one_that_was_changed_or_given_before_the_key_was_lost(path, tmp_path):
    nonces = Nonces(path)
    raw = decode(nonces.give(NOW))
    assert not nonces.spend(encode(bytes([raw[0] ^ 1]) + raw[1:]), NOW)
    assert not nonces.spend(encode(raw[:-1]), NOW)
    assert not Nonces(tmp_path / "another.sqlite3").spend(encode(raw), NOW)
    assert nonces.spend(encode(raw), NOW)
