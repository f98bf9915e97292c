"""What every keystore must do."""

import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.serialization import load_der_public_key

from hanaper.apps.authority.keystores import keystore
from hanaper.apps.secrets.services import rotate_master_key
from hanaper.core.x509.algorithms import KeyAlgorithm, SignatureAlgorithm

pytestmark = pytest.mark.django_db

KINDS = {
    KeyAlgorithm.RSA_2048: SignatureAlgorithm.RSA_SHA256,
    KeyAlgorithm.EC_P256: SignatureAlgorithm.ECDSA_SHA256,
    KeyAlgorithm.EC_P384: SignatureAlgorithm.ECDSA_SHA384,
}


@pytest.fixture(params=["database"])
def store(request):
    return keystore(request.param)


def verify(spki: bytes, signature: bytes, tbs: bytes) -> None:
    public = load_der_public_key(spki)
    if isinstance(public, rsa.RSAPublicKey):
        public.verify(signature, tbs, padding.PKCS1v15(), hashes.SHA256())
    else:
        digest = hashes.SHA256() if public.curve.name == "secp256r1" else hashes.SHA384()
        public.verify(signature, tbs, ec.ECDSA(digest))


@pytest.mark.parametrize("kind", list(KINDS))
def test_what_it_signs_verifies_under_its_public_key(store, kind):
    key_id = store.generate(kind)
    signature = store.sign(key_id, KINDS[kind].value, b"to be signed")
    verify(store.public_key(key_id), signature, b"to be signed")
    with pytest.raises(InvalidSignature):
        verify(store.public_key(key_id), signature, b"something else")


def test_keys_differ(store):
    one, other = store.generate(KeyAlgorithm.EC_P256), store.generate(KeyAlgorithm.EC_P256)
    assert one != other
    assert store.public_key(one) != store.public_key(other)


def test_a_destroyed_key_signs_nothing_though_it_did_before(store):
    key_id = store.generate(KeyAlgorithm.EC_P256)
    store.sign(key_id, SignatureAlgorithm.ECDSA_SHA256.value, b"before")
    store.destroy(key_id)
    with pytest.raises(Exception):  # noqa: B017 - each store has its own
        store.sign(key_id, SignatureAlgorithm.ECDSA_SHA256.value, b"after")
    store.destroy(key_id)  # twice is once


def test_an_unknown_key_signs_nothing(store):
    with pytest.raises(Exception):  # noqa: B017 - each store has its own
        store.sign("prv_unknown", SignatureAlgorithm.ECDSA_SHA256.value, b"x")


def test_an_algorithm_of_another_kind_of_key_is_refused(store):
    rsa_key, ec_key = store.generate(KeyAlgorithm.RSA_2048), store.generate(KeyAlgorithm.EC_P256)
    for key_id, algorithm in (
        (rsa_key, SignatureAlgorithm.ECDSA_SHA256),
        (ec_key, SignatureAlgorithm.RSA_SHA256),
    ):
        with pytest.raises(ValueError):
            store.sign(key_id, algorithm.value, b"x")


def test_keys_outlive_a_rotation_of_the_master_key(store, settings, tmp_path):
    settings.MASTER_KEY_FOLDER = tmp_path / "master-keys"
    key_id = store.generate(KeyAlgorithm.EC_P256)
    rotate_master_key()
    store_of_another_process = type(store)()
    signature = store_of_another_process.sign(key_id, SignatureAlgorithm.ECDSA_SHA256.value, b"x")
    verify(store.public_key(key_id), signature, b"x")
