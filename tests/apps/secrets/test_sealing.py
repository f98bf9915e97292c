"""Secrets at rest: opened only whole, in their place and for their purpose."""

from datetime import timedelta

import pytest
from cryptography.exceptions import InvalidTag

from hanaper import clock
from hanaper.apps.secrets.models import DataKey, SealedSecret
from hanaper.apps.secrets.services import (
    SealBroken,
    destroy,
    master_keys,
    rotate_master_key,
    seal,
    unseal,
)
from hanaper.storage.configuration import ConfigurationError

pytestmark = pytest.mark.django_db

PLAIN = b"a private key"


@pytest.fixture(autouse=True)
def ring(settings, tmp_path):
    settings.MASTER_KEY_FOLDER = tmp_path / "master-keys"
    return master_keys()


def reread(secret: SealedSecret) -> SealedSecret:
    return SealedSecret.objects.select_related("data_key").get(pk=secret.pk)


def test_what_was_sealed_comes_back():
    assert unseal(reread(seal(PLAIN, "ca-key")), "ca-key") == PLAIN
    assert unseal(reread(seal(b"", "ca-key")), "ca-key") == b""


def test_the_row_does_not_hold_it():
    secret = reread(seal(PLAIN, "ca-key"))
    assert PLAIN not in bytes(secret.sealed)
    assert bytes(reread(seal(PLAIN, "ca-key")).sealed) != bytes(secret.sealed)


def test_another_purpose_is_refused():
    with pytest.raises(SealBroken):
        unseal(reread(seal(PLAIN, "ca-key")), "certificate-key")


@pytest.mark.parametrize("place", [0, 5, 12, 20, -1])
def test_a_flipped_bit_is_noticed(place):
    secret = seal(PLAIN, "ca-key")
    sealed = bytearray(secret.sealed)
    sealed[place] ^= 1
    secret.sealed = bytes(sealed)
    with pytest.raises(SealBroken):
        unseal(secret, "ca-key")


@pytest.mark.parametrize("rest", [b"", b"x", b"x" * 12, b"x" * 27])
def test_a_stump_is_noticed(rest):
    secret = seal(PLAIN, "ca-key")
    secret.sealed = rest
    with pytest.raises(SealBroken):
        unseal(secret, "ca-key")


def test_a_secret_moved_to_another_row_is_refused():
    one, other = seal(b"one", "ca-key"), seal(b"other", "ca-key")
    other.sealed = one.sealed
    with pytest.raises(SealBroken):
        unseal(other, "ca-key")


def test_a_data_key_moved_to_another_row_is_refused():
    secret = reread(seal(PLAIN, "ca-key"))
    secret.data_key.public_id = "dek_other"
    with pytest.raises(SealBroken):
        unseal(secret, "ca-key")


def test_rotation_seals_the_data_keys_anew_and_touches_no_secret(ring):
    secret = seal(PLAIN, "ca-key")
    before = bytes(secret.sealed)
    old = secret.data_key.master_key
    name = rotate_master_key()
    secret = reread(secret)
    assert secret.data_key.master_key == name != old
    assert bytes(secret.sealed) == before
    ring.remove(old)
    assert unseal(secret, "ca-key") == PLAIN
    assert seal(PLAIN, "ca-key").data_key.master_key == name


def test_a_rotation_that_fails_changes_nothing(ring, monkeypatch):
    secrets = [seal(PLAIN, "ca-key")]
    DataKey.objects.update(created_at=clock.system_now() - timedelta(days=2))
    secrets.append(seal(PLAIN, "ca-key"))
    broken = DataKey.objects.latest("pk")
    DataKey.objects.filter(pk=broken.pk).update(sealed=b"x" * 60)
    with pytest.raises(SealBroken):
        rotate_master_key()
    DataKey.objects.filter(pk=broken.pk).update(sealed=broken.sealed)
    assert all(unseal(reread(secret), "ca-key") == PLAIN for secret in secrets)


def test_a_data_key_lasts_a_day():
    first, second = seal(PLAIN, "ca-key"), seal(PLAIN, "ca-key")
    assert first.data_key == second.data_key
    DataKey.objects.update(created_at=clock.system_now() - timedelta(days=1))
    assert seal(PLAIN, "ca-key").data_key != first.data_key


def test_a_destroyed_secret_is_gone():
    secret = seal(PLAIN, "ca-key")
    destroy(secret)
    assert not SealedSecret.objects.filter(pk=secret.pk).exists()


def test_master_keys_are_for_us_alone(ring):
    name, key = ring.current()
    path = ring._folder / name
    assert (path.stat().st_mode & 0o777, ring._folder.stat().st_mode & 0o777) == (0o600, 0o700)
    assert key.hex() in path.read_text()
    path.chmod(0o640)
    with pytest.raises(ConfigurationError, match="0600"):
        ring.get(name)


@pytest.mark.parametrize("content", ["", "zz", "00" * 31, "00" * 33])
def test_a_damaged_master_key_is_told(ring, content):
    name, _ = ring.current()
    (ring._folder / name).write_text(content)
    with pytest.raises(ConfigurationError, match="damaged"):
        ring.get(name)


def test_a_missing_master_key_is_told_and_no_other_takes_its_place(ring):
    secret = seal(PLAIN, "ca-key")
    ring.remove(secret.data_key.master_key)
    with pytest.raises(ConfigurationError, match="missing"):
        unseal(reread(secret), "ca-key")
    ring.current()
    with pytest.raises(ConfigurationError, match="missing"):
        unseal(reread(secret), "ca-key")


@pytest.mark.parametrize("name", ["../secret-key", "", "-", "master-1/../../x", "."])
def test_a_name_of_a_master_key_is_no_path(ring, name):
    ring.current()
    with pytest.raises(ConfigurationError):
        ring.get(name)


def test_the_newest_key_seals_after_a_million_rotations(ring):
    ring.current()
    for number in (999_999, 1_000_000):
        path = ring._folder / f"master-{number}-00000000"
        path.write_text("00" * 32)
        path.chmod(0o600)
    assert ring.current()[0] == "master-1000000-00000000"


def test_no_message_tells_the_secret():
    secret = seal(PLAIN, "ca-key")
    with pytest.raises(SealBroken) as caught:
        unseal(secret, "other")
    assert "private" not in str(caught.value)
    assert isinstance(caught.value.__cause__, InvalidTag)
