"""Keys under a passphrase, as openssl reads them: what a guess at the passphrase costs."""

import subprocess
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
    pkcs12,
)

from hanaper.core.x509.encrypted_keys import KeyEncryption, encrypted_pem, encrypted_store

PASSPHRASES = ("correct horse battery", "ein Schlüssel für 证书", "x" * 256)


def der_of(key: rsa.RSAPrivateKey) -> bytes:
    return key.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())


@pytest.fixture(scope="module")
def key() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(65537, 2048)


def certificate_of(key: rsa.RSAPrivateKey) -> x509.Certificate:
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "db")])
    start = datetime(2030, 1, 1, tzinfo=UTC)
    building = x509.CertificateBuilder(name, name, key.public_key(), 1, start, start + timedelta(days=1))
    return building.sign(key, hashes.SHA256())


def openssl(*arguments: str | Path) -> str:
    done = subprocess.run(["openssl", *arguments], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout + done.stderr


@pytest.mark.parametrize("passphrase", PASSPHRASES)
def test_pkcs8_is_dear_to_guess_and_openssl_reads_it(
    key: rsa.RSAPrivateKey, passphrase: str, tmp_path: Path
) -> None:
    pem = encrypted_pem(der_of(key), passphrase)
    assert load_pem_private_key(pem, passphrase.encode()).public_key() == key.public_key()
    file = tmp_path / "key.pem"
    file.write_bytes(pem)
    said = openssl("asn1parse", "-in", file)
    assert "PBKDF2" in said and "hmacWithSHA256" in said and "aes-256-cbc" in said
    assert f"INTEGER           :{600_000:06X}" in said
    read = openssl("pkey", "-in", file, "-passin", f"pass:{passphrase}", "-noout", "-check")
    assert "Key is valid" in read


def test_of_many_keys_under_one_passphrase_each_has_bytes_of_its_own(key: rsa.RSAPrivateKey) -> None:
    encryption = KeyEncryption(PASSPHRASES[0])
    one, other = encryption.pem(der_of(key)), encryption.pem(der_of(key))
    assert one.splitlines()[-3] != other.splitlines()[-3]
    for pem in (one, other):
        assert load_pem_private_key(pem, PASSPHRASES[0].encode()).public_key() == key.public_key()


@pytest.mark.parametrize("passphrase", PASSPHRASES)
def test_so_is_pkcs12_and_its_integrity(key: rsa.RSAPrivateKey, passphrase: str, tmp_path: Path) -> None:
    leaf = certificate_of(key)
    store = encrypted_store(key, passphrase, "db", leaf, [])
    loaded = pkcs12.load_pkcs12(store, passphrase.encode())
    assert loaded.cert is not None and loaded.cert.certificate == leaf
    assert loaded.key is not None and loaded.key.public_key() == key.public_key()
    with pytest.raises(ValueError, match="password"):
        pkcs12.load_pkcs12(store, b"another one")
    file = tmp_path / "store.p12"
    file.write_bytes(store)
    said = openssl("pkcs12", "-in", file, "-passin", f"pass:{passphrase}", "-info", "-noout")
    assert "MAC: sha256, Iteration 600000" in said
    assert said.count("PBKDF2, AES-256-CBC, Iteration 600000") == 2  # the certificates, and the key
