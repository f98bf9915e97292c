"""Requests of CAs for a certificate from elsewhere, read by openssl and cryptography."""

import subprocess
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from hanaper.apps.authority.key_material import new_key, sign
from hanaper.core.x509.algorithms import KeyAlgorithm, spki_of
from hanaper.core.x509.certificates import WrongSignature
from hanaper.core.x509.names import Subject, to_name
from hanaper.core.x509.requests import assemble_request, prepare_request

NAME = to_name(Subject(country="DE", organization="Bücher & Söhne", common_name="Issuing CA"))
LIMITS = x509.NameConstraints([x509.DNSName("corp.example")], None)


@pytest.mark.parametrize("algorithm", KeyAlgorithm)
def test_it_is_for_the_key_that_signed_it(algorithm: KeyAlgorithm) -> None:
    key = new_key(algorithm)
    prepared = prepare_request(
        subject=NAME, spki=spki_of(key.public_key()), path_length=0, name_constraints=LIMITS
    )
    csr = x509.load_der_x509_csr(assemble_request(prepared, sign(key, prepared.info)))
    assert csr.is_signature_valid and csr.subject == NAME and csr.public_key() == key.public_key()
    basic = csr.extensions.get_extension_for_class(x509.BasicConstraints)
    assert (basic.critical, basic.value) == (True, x509.BasicConstraints(True, 0))
    assert csr.extensions.get_extension_for_class(x509.NameConstraints).value == LIMITS


def test_openssl_reads_it(tmp_path: Path) -> None:
    key = new_key(KeyAlgorithm.RSA_3072)
    prepared = prepare_request(subject=NAME, spki=spki_of(key.public_key()), path_length=None)
    file = tmp_path / "ca.csr"
    file.write_bytes(
        x509.load_der_x509_csr(assemble_request(prepared, sign(key, prepared.info))).public_bytes(
            Encoding.PEM
        )
    )
    command = ["openssl", "req", "-in", str(file), "-verify", "-noout", "-text"]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert (
        "verify OK" in done.stderr
        and "CA:TRUE" in done.stdout
        and "Certificate Sign, CRL Sign" in done.stdout
    )


def test_another_key_s_signature_is_refused() -> None:
    key, other = new_key(KeyAlgorithm.EC_P256), new_key(KeyAlgorithm.EC_P256)
    prepared = prepare_request(subject=NAME, spki=spki_of(key.public_key()), path_length=0)
    with pytest.raises(WrongSignature):
        assemble_request(prepared, sign(other, prepared.info))
