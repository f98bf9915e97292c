"""Keys that were made here: of every kind, given out encrypted, to members who may write."""

import shutil
import subprocess
from datetime import datetime
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import load_pem_private_key, pkcs12

from hanaper.apps.audit.models import AuditEntry
from hanaper.apps.private_ca import services
from hanaper.apps.private_ca.models.cas import PrivateCA
from hanaper.apps.private_ca.models.certificates import PrivateCertificate
from hanaper.apps.private_ca.services import KeyForm, Request
from hanaper.core.errors import Forbidden
from hanaper.core.x509.algorithms import KeyAlgorithm
from tests.apps.private_ca.certificates import PASSPHRASE, csr, issue, leaf, refused, server
from tests.people import Person

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("algorithm", KeyAlgorithm)
def test_a_key_of_every_kind_is_made_here_and_given_out_encrypted(
    owner: Person, working: PrivateCA, at: datetime, algorithm: KeyAlgorithm
) -> None:
    certificate = issue(owner, working, at, server(key_algorithm=algorithm))
    pem = services.export_key(owner.actor, certificate, passphrase=PASSPHRASE, at=at)
    assert b"ENCRYPTED" in pem
    key = load_pem_private_key(pem, PASSPHRASE.encode())
    assert key.public_key() == leaf(certificate).public_key()
    for form in (KeyForm.PKCS12, KeyForm.JKS):
        if algorithm.value.startswith("ml-dsa"):
            refused(f"key_not_for_{form}", lambda form=form: exported(owner, certificate, form, at))
    if not algorithm.value.startswith("ml-dsa"):
        packed = exported(owner, certificate, KeyForm.PKCS12, at)
        loaded = pkcs12.load_pkcs12(packed, PASSPHRASE.encode())
        assert loaded.cert is not None and loaded.cert.certificate == leaf(certificate)
        assert len(loaded.additional_certs) == 2


def exported(person: Person, certificate: PrivateCertificate, form: KeyForm, at: datetime) -> bytes:
    return services.export_key(person.actor, certificate, passphrase=PASSPHRASE, form=form, at=at)


@pytest.mark.skipif(not shutil.which("keytool"), reason="needs a Java runtime: keytool")
@pytest.mark.parametrize("algorithm", ["rsa-2048", "ec-p256", "ed25519"])
def test_java_reads_what_is_for_it(
    owner: Person, working: PrivateCA, at: datetime, algorithm: str, tmp_path: Path
) -> None:
    certificate = issue(owner, working, at, server(key_algorithm=KeyAlgorithm(algorithm)))
    for form in (KeyForm.PKCS12, KeyForm.JKS):
        store = tmp_path / f"store.{form}"
        store.write_bytes(exported(owner, certificate, form, at))
        common = ["-keystore", store.name, "-storepass", PASSPHRASE, "-storetype", form]
        listed = keytool(tmp_path, "-list", "-v", *common)
        assert "Entry type: PrivateKeyEntry" in listed and "Certificate chain length: 3" in listed
        # The key itself: Java takes it out and puts it into a store of its own making.
        out = tmp_path / f"{form}.p12"
        keytool(
            tmp_path, "-importkeystore", "-srckeystore", store.name, "-srcstorepass", PASSPHRASE,
            "-srcstoretype", form, "-destkeystore", out.name, "-deststorepass", PASSPHRASE,
            "-deststoretype", "pkcs12",
        )  # fmt: skip
        loaded = pkcs12.load_pkcs12(out.read_bytes(), PASSPHRASE.encode())
        assert loaded.key is not None and loaded.key.public_key() == leaf(certificate).public_key()


def keytool(folder: Path, *arguments: str) -> str:
    done = subprocess.run(
        ["keytool", "-J-Duser.language=en", *arguments],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_keys_go_to_members_who_may_write(
    owner: Person, reader: Person, administrator: Person, working: PrivateCA, at: datetime
) -> None:
    certificate = issue(owner, working, at)
    for person in (reader, administrator):
        with pytest.raises(Forbidden):
            services.export_key(person.actor, certificate, passphrase=PASSPHRASE, at=at)
    refused(
        "bad_passphrase", lambda: services.export_key(owner.actor, certificate, passphrase="short", at=at)
    )
    theirs = issue(owner, working, at, Request("server", csr=csr({}, [x509.DNSName("a.example")])))
    refused("key_not_here", lambda: services.export_key(owner.actor, theirs, passphrase=PASSPHRASE, at=at))
    entry = AuditEntry.objects.filter(action__startswith="private_certificate.key")
    assert not entry.exists()
