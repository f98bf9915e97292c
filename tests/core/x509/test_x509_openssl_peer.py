"""openssl reads what we build: strict chains, status by CRL, and the text a person would see."""

import subprocess
from datetime import timedelta

import pytest

from hanaper.core.x509.algorithms import KeyAlgorithm
from hanaper.core.x509.crl import CrlScope, RevocationReason, RevokedEntry, prepare_crl
from tests.core.x509.certificate_chains import ADDRESSES, AT, chain, dv_contents, pem

# ML-DSA needs OpenSSL 3.5; those chains are verified by `cryptography` in another file.
CLASSIC = [KeyAlgorithm.EC_P256, KeyAlgorithm.EC_P384, KeyAlgorithm.RSA_2048]


def openssl(*arguments):
    return subprocess.run(["openssl", *map(str, arguments)], capture_output=True, text=True, check=False)


@pytest.fixture(params=CLASSIC)
def made(request):
    return chain(request.param)


def crl(made, entries=(), *, by_root=False, **changes):
    prepared = prepare_crl(
        made.root_issuer if by_root else made.issuer,
        number=1,
        this_update=AT,
        next_update=AT + timedelta(days=7),
        entries=entries,
        **changes,
    )
    return made.sign_crl(prepared, by_root=by_root)


def verify(folder, made, leaf, crls, at=AT + timedelta(minutes=1)):
    (folder / "root.pem").write_text(pem(made.root))
    (folder / "intermediate.pem").write_text(pem(made.intermediate))
    (folder / "leaf.pem").write_text(pem(leaf))
    (folder / "crls.pem").write_text("".join(pem(each, "X509 CRL") for each in crls))
    return openssl(
        "verify", "-x509_strict", "-crl_check_all", "-extended_crl", "-purpose", "sslserver",
        "-attime", int(at.timestamp()), "-CAfile", folder / "root.pem",
        "-untrusted", folder / "intermediate.pem", "-CRLfile", folder / "crls.pem",
        folder / "leaf.pem",
    )  # fmt: skip


def test_strict_chain_with_crls_is_ok(made, tmp_path):
    leaf = made.sign(made.prepare(dv_contents("*.shop.example.com", "shop.example.com")))
    result = verify(tmp_path, made, leaf, [crl(made), crl(made, by_root=True)])
    assert result.returncode == 0, result.stderr


def test_partitioned_crl_is_matched_by_its_address(made, tmp_path):
    leaf = made.sign(made.prepare())
    point = {"scope": CrlScope.USER_CERTIFICATES, "distribution_point": ADDRESSES.crl}
    of_cas = crl(made, by_root=True, scope=CrlScope.CA_CERTIFICATES)
    result = verify(tmp_path, made, leaf, [crl(made, **point), of_cas])
    assert result.returncode == 0, result.stderr


def test_root_list_with_an_address_does_not_speak_of_the_root_itself(made, tmp_path):
    """Why `prepare_crl` says to leave it out: the root's certificate names no address."""
    leaf = made.sign(made.prepare())
    of_cas = crl(made, by_root=True, distribution_point=ADDRESSES.crl)
    result = verify(tmp_path, made, leaf, [crl(made), of_cas])
    assert "error 44 at 2 depth" in result.stderr


def test_crl_of_another_address_does_not_count(made, tmp_path):
    leaf = made.sign(made.prepare())
    elsewhere = crl(made, distribution_point="http://status.example.com/crl/other.crl")
    result = verify(tmp_path, made, leaf, [elsewhere, crl(made, by_root=True)])
    assert result.returncode != 0
    assert "CRL scope" in result.stderr


def test_revoked_leaf_is_refused(made, tmp_path):
    prepared = made.prepare()
    entry = RevokedEntry(prepared.serial, AT, RevocationReason.KEY_COMPROMISE)
    result = verify(tmp_path, made, made.sign(prepared), [crl(made, [entry]), crl(made, by_root=True)])
    assert result.returncode != 0
    assert "certificate revoked" in result.stderr


def test_revoked_intermediate_is_refused(made, tmp_path):
    entry = RevokedEntry(made.prepared_intermediate.serial, AT, RevocationReason.CA_COMPROMISE)
    crls = [crl(made), crl(made, [entry], by_root=True)]
    result = verify(tmp_path, made, made.sign(made.prepare()), crls)
    assert result.returncode != 0
    assert "certificate revoked" in result.stderr


@pytest.mark.parametrize(
    ("at", "said"),
    [
        (AT - timedelta(seconds=1), "not yet valid"),
        (AT + timedelta(days=90, seconds=1), "certificate has expired"),
    ],
)
def test_outside_its_validity_it_is_refused(made, tmp_path, at, said):
    result = verify(tmp_path, made, made.sign(made.prepare()), [crl(made), crl(made, by_root=True)], at)
    assert result.returncode != 0
    assert said in result.stderr


def test_text_of_a_leaf_says_what_was_asked(made, tmp_path):
    prepared = made.prepare(dv_contents("xn--bcher-kva.example.com"))
    (tmp_path / "leaf.pem").write_text(pem(made.sign(prepared)))
    text = openssl("x509", "-text", "-noout", "-in", tmp_path / "leaf.pem").stdout
    for line in (
        "Version: 3 (0x2)",
        "X509v3 Basic Constraints: critical\n                CA:FALSE",
        "X509v3 Key Usage: critical\n                Digital Signature\n",
        "TLS Web Server Authentication\n",
        "X509v3 Subject Alternative Name: critical\n                DNS:xn--bcher-kva.example.com\n",
        "Policy: 2.23.140.1.2.1",
        f"URI:{ADDRESSES.crl}",
        f"CA Issuers - URI:{ADDRESSES.issuer_certificate}",
    ):
        assert line in text


def test_text_of_a_crl_says_what_was_asked(made, tmp_path):
    serial = 0x123456789ABCDEF0FEDC
    entries = [RevokedEntry(serial, AT, RevocationReason.SUPERSEDED)]
    (tmp_path / "list.pem").write_text(pem(crl(made, entries), "X509 CRL"))
    (tmp_path / "ca.pem").write_text(pem(made.intermediate))
    result = openssl("crl", "-text", "-noout", "-in", tmp_path / "list.pem", "-CAfile", tmp_path / "ca.pem")
    assert "verify OK" in result.stderr
    for line in ("X509v3 CRL Number: \n                1", "123456789ABCDEF0FEDC", "Superseded"):
        assert line in result.stdout
