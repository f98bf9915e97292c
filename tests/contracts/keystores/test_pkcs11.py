"""Keys in a token: how they are made, and what becomes of a session that was lost."""

import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path

import pkcs11
import pytest
from pkcs11 import Attribute, ObjectClass

from hanaper import clock
from hanaper.apps.authority.keystores import KeystoreUnavailable, keystore
from hanaper.apps.authority.models import TokenKey
from hanaper.apps.authority.sweep import sweep
from hanaper.core.errors import InvalidInput
from hanaper.core.x509.algorithms import KeyAlgorithm, SignatureAlgorithm, verifies
from hanaper.storage import crashpoints
from tests.fixtures_token import LABEL, LIBRARIES, PIN, open_token

pytestmark = pytest.mark.django_db
P256 = SignatureAlgorithm.ECDSA_SHA256.value


@pytest.fixture
def key(token) -> str:
    return token.generate(KeyAlgorithm.EC_P256)


def signs(store, key_id: str) -> bool:
    return verifies(TokenKey.objects.get(public_id=key_id).spki, store.sign(key_id, P256, b"x"), b"x")


@pytest.fixture
def away(token_folder: Path):
    """The token can be pulled and put back."""
    hidden = token_folder.with_name("pulled")

    class Slot:
        def pull(self) -> None:
            token_folder.rename(hidden)
            token_folder.mkdir()

        def put_back(self) -> None:
            if hidden.exists():
                token_folder.rmdir()
                hidden.rename(token_folder)

    slot = Slot()
    yield slot
    slot.put_back()


def test_a_key_is_made_in_the_token_and_stays_there(token, key):
    def look(session):
        (private,) = session.get_objects(
            {Attribute.CLASS: ObjectClass.PRIVATE_KEY, Attribute.ID: key.encode()}
        )
        said = {
            name: private[name]
            for name in (Attribute.SENSITIVE, Attribute.EXTRACTABLE, Attribute.LOCAL, Attribute.TOKEN)
        }
        with pytest.raises(pkcs11.exceptions.PKCS11Error):
            private[Attribute.VALUE]
        return said

    assert token._run(look) == {
        Attribute.SENSITIVE: True,
        Attribute.EXTRACTABLE: False,
        Attribute.LOCAL: True,
        Attribute.TOKEN: True,
    }


def test_a_kind_that_no_token_makes_is_refused(token):
    for kind in (KeyAlgorithm.ML_DSA_44, KeyAlgorithm.ML_DSA_65, KeyAlgorithm.ML_DSA_87):
        with pytest.raises(InvalidInput) as met:
            token.generate(kind)
        assert (met.value.code, met.value.field) == ("algorithm_not_in_keystore", "algorithm")
        assert "ec-p256" in met.value.next_steps[0]
    assert not TokenKey.objects.exists()


def test_a_kind_that_this_token_does_not_make_is_refused(token, monkeypatch):
    def refuse(*_: object, **__: object) -> None:
        raise pkcs11.exceptions.MechanismInvalid

    monkeypatch.setattr("hanaper.apps.authority.keystores.pkcs11._generate", refuse)
    with pytest.raises(InvalidInput) as met:
        token.generate(KeyAlgorithm.ED25519)
    assert met.value.code == "algorithm_not_in_keystore" and not TokenKey.objects.exists()


def test_its_id_is_the_same_after_a_restart(token, key):
    assert signs(token, key) and signs(open_token(), key) and signs(token, key)


def test_a_session_that_was_lost_is_opened_again(token, key):
    assert signs(token, key)
    token._session.close()
    assert signs(token, key)
    pkcs11.lib(str(LIBRARIES[0])).reinitialize()
    assert signs(token, key)


def test_a_token_that_was_pulled(token, key, away):
    assert signs(token, key)
    pkcs11.lib(str(LIBRARIES[0])).finalize()
    away.pull()
    for _ in range(2):
        with pytest.raises(KeystoreUnavailable) as met:
            token.sign(key, P256, b"x")
        assert met.value.code == "keystore_unavailable" and LABEL in met.value.message
    with pytest.raises(KeystoreUnavailable):
        token.probe()
    away.put_back()
    token.probe()
    assert signs(token, key)


def test_a_key_that_is_not_in_the_token_is_said_to_be_missing(token, key):
    other = TokenKey.objects.create(algorithm="ec-p256", token=LABEL, spki=b"", created_at=clock.system_now())
    assert not token.holds(other.public_id)
    with pytest.raises(KeystoreUnavailable, match="does not hold this key"):
        token.sign(other.public_id, P256, b"x")


def test_a_wrong_pin_is_tried_once(token, key, caplog):
    store = open_token("not-the-pin")
    for _ in range(5):
        with pytest.raises(KeystoreUnavailable) as met:
            store.sign(key, P256, b"x")
        assert "not-the-pin" not in f"{met.value} {met.value.next_steps} {caplog.text}"
    assert signs(token, key), "five tries would have locked it"
    assert PIN not in caplog.text


def test_a_process_that_was_forked_signs_too(token, key):
    assert signs(token, key)
    child = os.fork()
    if child == 0:
        key_row = TokenKey(algorithm="ec-p256", public_id=key)
        try:
            token._run(
                lambda session: token._key(session, key_row.public_id).sign(
                    b"d" * 32, mechanism=pkcs11.Mechanism.ECDSA
                )
            )
            os._exit(0)
        except BaseException:
            os._exit(1)
    assert os.waitpid(child, 0)[1] == 0
    assert signs(token, key)


def test_threads_take_turns(token, key):
    def sign(number: int) -> bytes:
        return token._run(
            lambda session: token._key(session, key).sign(b"%032d" % number, mechanism=pkcs11.Mechanism.ECDSA)
        )

    with ThreadPoolExecutor(8) as threads:
        assert len(set(threads.map(sign, range(100)))) == 100


def test_a_key_that_nobody_came_to_use_is_destroyed(token, at, monkeypatch):
    """The process dies when the key is there and nothing knows what for."""

    class PowerCut(Exception):
        pass

    def cut(name: str) -> None:
        assert name == "authority.token.after_generate"
        raise PowerCut

    with monkeypatch.context() as broken:
        broken.setattr("hanaper.apps.authority.keystores.pkcs11.crashpoint", cut)
        with pytest.raises(PowerCut):
            token.generate(KeyAlgorithm.EC_P256)
    left = TokenKey.objects.get().public_id
    assert token.holds(left) and crashpoints.ARMED == ""
    sweep(at, clock.system_now())
    assert token.holds(left), "somebody may still be at it"
    sweep(at, clock.system_now() + timedelta(hours=2))
    assert not token.holds(left) and not TokenKey.objects.exists()


def test_a_store_that_is_set_up_no_more_is_unavailable():
    with pytest.raises(KeystoreUnavailable):
        keystore("pkcs11")


def test_nothing_is_loaded_where_there_is_no_token():
    code = "import django, os, sys; os.environ['DJANGO_SETTINGS_MODULE'] = 'tests.settings'; django.setup(); print('pkcs11' in sys.modules)"
    environment = {name: value for name, value in os.environ.items() if not name.startswith("HANAPER_PKCS11")}
    done = subprocess.run(
        [sys.executable, "-c", code],
        env=environment,
        capture_output=True,
        text=True,
        check=True,
        cwd=Path.cwd(),
    )
    assert done.stdout.split()[-1] == "False"
