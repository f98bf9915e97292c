"""The built-in CA in a folder of its own, certificates issued by it, and openssl as a second opinion."""

import subprocess
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec

from hanaper.apps.authority.models import Authority, Issuance
from hanaper.apps.authority.services import crl_file, ensure_builtin_ca, prepare, sign
from hanaper.core.certificate.identifiers import DomainKind, DomainNames, parse_domains
from hanaper.core.certificate.profiles import ValidationLevel, leaf_contents
from hanaper.core.x509.algorithms import spki_of


@pytest.fixture
def published(settings, tmp_path) -> Path:
    """Where this test's CRLs and CA certificates are."""
    settings.PUBLISHED = tmp_path / "published"
    settings.STATUS_URL = "http://status.example.com"
    return settings.PUBLISHED


@pytest.fixture
def issuing(db, published, at) -> Authority:
    """The issuing authority of a fresh built-in CA."""
    return ensure_builtin_ca(at)


def names_of(name: str) -> DomainNames:
    return parse_domains(DomainKind.SINGLE, [name], allow_reserved=True)


def new_spki() -> bytes:
    return spki_of(ec.generate_private_key(ec.SECP256R1()).public_key())


def prepared(authority: Authority, at: datetime, *, key: str = "key-1", name: str = "shop.example.com"):
    """An issuance that is stored and not signed yet."""
    return prepare(
        authority,
        leaf_contents(ValidationLevel.DV, names_of(name), None),
        spki=new_spki(),
        not_before=at,
        not_after=at + timedelta(days=90),
        key=key,
        reference="yr_1",
        at=at,
    )


def issued(authority: Authority, at: datetime, *, key: str = "key-1", name: str = "shop.example.com"):
    return sign(prepared(authority, at, key=key, name=name))


def published_crl(authority: Authority) -> x509.CertificateRevocationList:
    return x509.load_der_x509_crl(crl_file(authority).read_bytes())


def crl_number(crl: x509.CertificateRevocationList) -> int:
    return crl.extensions.get_extension_for_class(x509.CRLNumber).value.crl_number


def listed(crl: x509.CertificateRevocationList) -> set[int]:
    return {entry.serial_number for entry in crl}


@dataclass
class Verdict:
    passed: bool
    said: str


def openssl_verify(issuance: Issuance, at: datetime, folder: Path, *options: str) -> Verdict:
    """What openssl says of the leaf with the published chain and lists, at the time `at`."""
    authority = issuance.authority
    root = authority.parent
    assert root is not None

    def pem(name: str, kind: str, der: bytes) -> str:
        path, source = folder / f"{name}.pem", folder / f"{name}.der"
        source.write_bytes(der)
        command = ["openssl", kind, "-inform", "DER", "-in", str(source), "-out", str(path)]
        subprocess.run(command, check=True, capture_output=True)
        return str(path)

    given = [
        "-CAfile", pem("root", "x509", bytes(root.certificate or b"")),
        "-untrusted", pem("issuing", "x509", bytes(authority.certificate or b"")),
        "-CRLfile", pem("issuing-crl", "crl", crl_file(authority).read_bytes()),
        "-CRLfile", pem("root-crl", "crl", crl_file(root).read_bytes()),
    ]  # fmt: skip
    leaf = pem("leaf", "x509", bytes(issuance.certificate or b""))
    command = ["openssl", "verify", "-x509_strict", "-attime", str(int(at.timestamp())), *given, *options]
    done = subprocess.run([*command, leaf], capture_output=True, text=True)
    return Verdict(done.returncode == 0, done.stdout + done.stderr)
