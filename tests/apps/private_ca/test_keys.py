"""Where the keys of private CAs live: chosen when one is enabled, in a token too; and the master key's rotation."""

import subprocess
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding, load_pem_private_key

from hanaper import clock
from hanaper.apps.authority import keystores
from hanaper.apps.authority.keystores import KeystoreUnavailable
from hanaper.apps.authority.keystores.database import _unsealed
from hanaper.apps.authority.models import StoredKey, TokenKey
from hanaper.apps.authority.queries import missing_keys
from hanaper.apps.authority.services import crl_file
from hanaper.apps.authority.sweep import sweep as sweep_authorities
from hanaper.apps.private_ca import services
from hanaper.apps.private_ca.models.cas import PrivateCA
from hanaper.apps.private_ca.models.certificates import PrivateCertificate
from hanaper.apps.private_ca.sweep import sweep
from hanaper.apps.secrets.services import master_keys, rotate_master_key
from hanaper.core.x509.algorithms import KeyAlgorithm
from hanaper.core.x509.crl import RevocationReason
from tests.apps.private_ca.certificates import refused
from tests.apps.private_ca.conftest import enable, reset
from tests.fixtures_token import *  # noqa: F403 - its fixtures
from tests.people import Person

pytestmark = pytest.mark.django_db


def fresh(ca: PrivateCA) -> PrivateCA:
    return PrivateCA.objects.select_related("authority", "account", "parent").get(pk=ca.pk)


def issue(owner: Person, ca: PrivateCA, at: datetime) -> Any:
    asked = services.Request("server", names={"dns": ["db.example.com"]})
    return services.issue(owner.actor, fresh(ca), asked, at=at)


def test_only_a_keystore_that_there_is(owner: Person, root: PrivateCA, at: datetime) -> None:
    refusal = refused("invalid_input", lambda: enable(owner, root, at, keystore="pkcs11"))
    assert [fault.code for fault in refusal.faults] == ["unknown_keystore"]  # type: ignore[attr-defined]


def test_the_first_one_is_the_default(
    owner: Person, root: PrivateCA, token: Any, settings: Any, at: datetime
) -> None:
    settings.KEYSTORES = ["pkcs11"]
    assert enable(owner, root, at).authority.keystore == "pkcs11"  # type: ignore[union-attr]
    assert not StoredKey.objects.exists()


def test_a_kind_that_is_not_in_the_token_is_refused_before_anything_is_made(
    owner: Person, root: PrivateCA, token: Any, at: datetime
) -> None:
    algorithm = KeyAlgorithm.ML_DSA_65
    refused(
        "algorithm_not_in_keystore", lambda: enable(owner, root, at, keystore="pkcs11", algorithm=algorithm)
    )
    assert fresh(root).state == "not_enabled" and not TokenKey.objects.exists()


def test_a_chain_in_a_token_that_openssl_accepts(
    owner: Person, root: PrivateCA, intermediate: PrivateCA, token: Any, tmp_path: Path, at: datetime
) -> None:
    for ca, algorithm in ((root, KeyAlgorithm.EC_P384), (intermediate, KeyAlgorithm.RSA_2048)):
        enable(owner, ca, at, keystore="pkcs11", algorithm=algorithm)
    certificate = issue(owner, intermediate, at)
    assert not StoredKey.objects.exists() and missing_keys() == []
    services.revoke(owner.actor, issue(owner, intermediate, at), RevocationReason.SUPERSEDED, at=at)
    files = {"root": fresh(root), "below": fresh(intermediate)}
    given: list[str] = []
    for name, ca in files.items():
        assert ca.authority is not None
        top = x509.load_der_x509_certificate(bytes(ca.authority.certificate or b""))
        (tmp_path / f"{name}.pem").write_bytes(top.public_bytes(Encoding.PEM))
        crl = x509.load_der_x509_crl(crl_file(ca.authority).read_bytes())
        (tmp_path / f"{name}.crl").write_bytes(crl.public_bytes(Encoding.PEM))
        given += ["-CRLfile", str(tmp_path / f"{name}.crl")]
    (tmp_path / "leaf.pem").write_text(services.download(certificate, services.Part.LEAF))
    command = ["openssl", "verify", "-x509_strict", "-crl_check_all", "-attime", str(int(at.timestamp()))]
    trust = ["-CAfile", str(tmp_path / "root.pem"), "-untrusted", str(tmp_path / "below.pem")]
    done = subprocess.run(
        [*command, *trust, *given, str(tmp_path / "leaf.pem")], capture_output=True, text=True
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_a_reset_leaves_no_key_in_the_token(owner: Person, root: PrivateCA, token: Any, at: datetime) -> None:
    authority = enable(owner, root, at, keystore="pkcs11").authority
    assert authority is not None and token.holds(authority.key_id)
    reset(owner, fresh(root), at)
    assert not token.holds(authority.key_id) and not TokenKey.objects.exists()


@pytest.fixture
def gone(token: Any, monkeypatch: pytest.MonkeyPatch) -> Any:
    """The token is pulled while the block lasts."""

    def pull() -> pytest.MonkeyPatch:
        def refuse(*_: object, **__: object) -> None:
            raise KeystoreUnavailable("The token cannot be used.")

        pulled = pytest.MonkeyPatch()
        for verb in ("sign", "generate", "destroy", "holds"):
            pulled.setattr(token, verb, refuse)
        return pulled

    return pull


def test_while_the_token_is_away_what_was_accepted_waits_for_the_sweep(
    owner: Person, root: PrivateCA, intermediate: PrivateCA, token: Any, gone: Any, at: datetime
) -> None:
    for ca in (root, intermediate):
        enable(owner, ca, at, keystore="pkcs11", algorithm=KeyAlgorithm.EC_P256)
    certificate = issue(owner, intermediate, at)
    pulled = gone()
    assert [(row.public_id, why) for row, why in missing_keys()] == [
        (fresh(ca).authority.public_id, "The token cannot be used.")  # type: ignore[union-attr]
        for ca in (root, intermediate)
    ]
    refused("keystore_unavailable", lambda: issue(owner, intermediate, at))
    assert services.revoke(owner.actor, certificate, RevocationReason.SUPERSEDED, at=at).state == "revoked"
    ca = reset(owner, fresh(intermediate), at)
    assert (ca.state, ca.resetting) == ("not_enabled", True)
    authority = ca.authority
    assert authority is not None
    sweep_authorities(at, clock.system_now())
    sweep(at, clock.system_now())
    assert fresh(intermediate).resetting
    pulled.undo()
    sweep(at, clock.system_now())
    assert not fresh(intermediate).resetting and TokenKey.objects.count() == 1
    crl = x509.load_der_x509_crl(crl_file(authority).read_bytes())
    assert crl.get_revoked_certificate_by_serial_number(int(certificate.serial, 16)) is not None


def test_a_first_list_that_was_cut_short_is_put_out_by_the_sweep(
    owner: Person, root: PrivateCA, at: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as cut:
        cut.setattr("hanaper.apps.private_ca.services.enabling.come_out", lambda *_, **__: None)
        authority = enable(owner, root, at).authority
    assert authority is not None and not crl_file(authority).exists()
    sweep_authorities(at, clock.system_now())
    assert crl_file(authority).exists()


def test_after_a_restore_a_key_that_is_not_in_the_token_is_told(
    owner: Person, root: PrivateCA, token: Any, monkeypatch: pytest.MonkeyPatch, at: datetime
) -> None:
    authority = enable(owner, root, at, keystore="pkcs11").authority
    assert authority is not None
    token._run(lambda session: [one.destroy() for one in session.get_objects()])
    assert [(row, why) for row, why in missing_keys()] == [(authority, "It is not there.")]
    monkeypatch.delitem(keystores._keystores, "pkcs11")
    assert missing_keys() == [(authority, "This installation has no keystore 'pkcs11'.")]


def test_keys_of_cas_and_of_certificates_outlive_a_rotation_of_the_master_key(
    owner: Person, root: PrivateCA, intermediate: PrivateCA, settings: Any, tmp_path: Path, at: datetime
) -> None:
    settings.MASTER_KEY_FOLDER = tmp_path / "master-keys"
    for ca in (root, intermediate):
        enable(owner, ca, at)
    certificate = issue(owner, intermediate, at)
    before = master_keys().names()
    rotate_master_key()
    for name in before:  # nothing is sealed under it any more
        master_keys().remove(name)
    _unsealed.cache_clear()  # as in a process that starts
    assert issue(owner, intermediate, at + timedelta(minutes=1)).state == "issued"
    assert missing_keys() == []
    certificate = PrivateCertificate.objects.get(pk=certificate.pk)
    key = services.export_key(owner.actor, certificate, passphrase="correct horse battery", at=at)
    assert load_pem_private_key(key, b"correct horse battery")
