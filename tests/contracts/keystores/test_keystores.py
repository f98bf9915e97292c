"""What every keystore must do."""

from datetime import timedelta

import pytest

from hanaper import clock
from hanaper.apps.authority.keystores import keystore
from hanaper.apps.authority.keystores.database import DatabaseKeystore
from hanaper.apps.secrets.services import rotate_master_key
from hanaper.core.x509.algorithms import KeyAlgorithm, SignatureAlgorithm, load_public_key, verifies

pytestmark = pytest.mark.django_db
P256 = SignatureAlgorithm.ECDSA_SHA256.value


@pytest.fixture(params=["database", "pkcs11"])
def store(request):
    if request.param == "pkcs11":
        request.getfixturevalue("token")
    return keystore(request.param)


@pytest.mark.parametrize("kind", list(KeyAlgorithm))
def test_what_it_signs_verifies_under_its_public_key(store, kind):
    if not store.makes(kind):
        pytest.skip("it makes no such keys, and a test of its own says how it refuses them")
    key_id = store.generate(kind)
    spki = store.public_key(key_id)
    assert load_public_key(spki)[1] is kind
    signature = store.sign(key_id, kind.signature.value, b"to be signed")
    assert verifies(spki, signature, b"to be signed")
    assert not verifies(spki, signature, b"something else")


def test_keys_differ(store):
    one, other = store.generate(KeyAlgorithm.EC_P256), store.generate(KeyAlgorithm.EC_P256)
    assert one != other
    assert store.public_key(one) != store.public_key(other)


def test_a_destroyed_key_signs_nothing_though_it_did_before(store):
    key_id = store.generate(KeyAlgorithm.EC_P256)
    store.sign(key_id, P256, b"before")
    assert store.holds(key_id)
    store.destroy(key_id)
    assert not store.holds(key_id)
    with pytest.raises(Exception):  # noqa: B017 - each store has its own
        store.sign(key_id, P256, b"after")
    store.destroy(key_id)  # twice is once


def test_it_says_that_it_answers(store):
    store.probe()


def test_an_unknown_key_signs_nothing(store):
    assert not store.holds("prv_unknown")
    with pytest.raises(Exception):  # noqa: B017 - each store has its own
        store.sign("prv_unknown", P256, b"x")


def test_an_algorithm_of_another_kind_of_key_is_refused(store):
    rsa_key, ec_key = store.generate(KeyAlgorithm.RSA_2048), store.generate(KeyAlgorithm.EC_P256)
    for key_id, algorithm in (
        (rsa_key, SignatureAlgorithm.ECDSA_SHA256),
        (ec_key, SignatureAlgorithm.RSA_SHA256),
    ):
        with pytest.raises(ValueError):
            store.sign(key_id, algorithm.value, b"x")


def test_it_says_which_keys_are_old(store):
    key_id = store.generate(KeyAlgorithm.EC_P256)
    now = clock.system_now()
    found = store.made_before(now + timedelta(seconds=1)).values_list("public_id", flat=True)
    assert key_id in found and not store.made_before(now - timedelta(hours=1)).exists()


def test_keys_in_the_database_outlive_a_rotation_of_the_master_key(settings, tmp_path):
    settings.MASTER_KEY_FOLDER = tmp_path / "master-keys"
    store = keystore("database")
    key_id = store.generate(KeyAlgorithm.EC_P256)
    rotate_master_key()
    signature = DatabaseKeystore().sign(key_id, P256, b"x")
    assert verifies(store.public_key(key_id), signature, b"x")
