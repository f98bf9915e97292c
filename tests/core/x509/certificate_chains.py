"""Chains for tests: real keys behind the keystore's contract, and one chain of each kind of key."""

import base64
import secrets
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cache

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa

from hanaper.apps.authority.key_material import new_key
from hanaper.core.x509.algorithms import KeyAlgorithm, SignatureAlgorithm, spki_of
from hanaper.core.x509.certificates import (
    LeafContents,
    Prepared,
    assemble,
    dns_names,
    prepare_intermediate,
    prepare_leaf,
    prepare_root,
)
from hanaper.core.x509.crl import PreparedCrl, assemble_crl
from hanaper.core.x509.extensions import StatusAddresses
from hanaper.core.x509.issuer import Issuer
from hanaper.core.x509.names import Subject, to_name
from hanaper.core.x509.serials import new_serial

AT = datetime(2026, 11, 23, 9, 0, 0, tzinfo=UTC)
ADDRESSES = StatusAddresses(
    crl="http://status.example.com/crl/1.crl",
    issuer_certificate="http://status.example.com/ca/1.crt",
)
DV = "2.23.140.1.2.1"


@dataclass
class Keystore:
    """The contract of a keystore, and what it was asked."""

    keys: dict = field(default_factory=dict)
    asked: list = field(default_factory=list)

    def generate(self, algorithm: KeyAlgorithm) -> tuple[str, bytes]:
        key_id = secrets.token_hex(4)
        self.keys[key_id] = new_key(algorithm)
        return key_id, spki_of(self.keys[key_id].public_key())

    def sign(self, key_id: str, algorithm: str, tbs: bytes) -> bytes:
        self.asked.append((key_id, algorithm, tbs))
        key = self.keys[key_id]
        if isinstance(key, rsa.RSAPrivateKey):
            return key.sign(tbs, padding.PKCS1v15(), hashes.SHA256())
        if isinstance(key, ec.EllipticCurvePrivateKey):
            return key.sign(tbs, ec.ECDSA(SignatureAlgorithm(algorithm).hash))
        return key.sign(tbs)


@dataclass
class Chain:
    """A root and an intermediate of one kind of key, and whatever is issued under them."""

    keystore: Keystore
    root_key: str
    root: bytes
    intermediate_key: str
    intermediate: bytes
    prepared_root: Prepared
    prepared_intermediate: Prepared
    leaf_spki: bytes

    @property
    def root_issuer(self) -> Issuer:
        return Issuer.of_certificate(self.root)

    @property
    def issuer(self) -> Issuer:
        return Issuer.of_certificate(self.intermediate)

    def prepare(self, contents: LeafContents | None = None, **changes) -> Prepared:
        arguments = {
            "spki": self.leaf_spki,
            "issuer": self.issuer,
            "not_before": AT,
            "not_after": AT + timedelta(days=90),
            "serial": new_serial(),
            "addresses": ADDRESSES,
        } | changes
        return prepare_leaf(contents or dv_contents("www.example.com"), **arguments)

    def sign(self, prepared: Prepared) -> bytes:
        key = self.intermediate_key
        return assemble(prepared, self.keystore.sign(key, prepared.signature_algorithm, prepared.tbs))

    def sign_crl(self, prepared: PreparedCrl, *, by_root: bool = False) -> bytes:
        key = self.root_key if by_root else self.intermediate_key
        return assemble_crl(prepared, self.keystore.sign(key, prepared.signature_algorithm, prepared.tbs))


def dv_contents(*names: str) -> LeafContents:
    return LeafContents(to_name(Subject()), dns_names(names), policies=(DV,))


def ca_name(common_name: str):
    return to_name(Subject(country="DE", organization="Hanaper Tests", common_name=common_name))


@cache
def chain(algorithm: KeyAlgorithm = KeyAlgorithm.EC_P256) -> Chain:
    keystore = Keystore()
    root_key, root_spki = keystore.generate(algorithm)
    prepared_root = prepare_root(
        subject=ca_name("Test Root"),
        spki=root_spki,
        not_before=AT - timedelta(days=30),
        not_after=AT + timedelta(days=9000),
        serial=new_serial(),
    )
    root = assemble(
        prepared_root,
        keystore.sign(root_key, prepared_root.signature_algorithm, prepared_root.tbs),
    )
    key, spki = keystore.generate(algorithm)
    prepared = prepare_intermediate(
        subject=ca_name("Test Issuing CA"),
        spki=spki,
        issuer=Issuer.of_certificate(root),
        not_before=AT - timedelta(days=20),
        not_after=AT + timedelta(days=3000),
        serial=new_serial(),
        addresses=ADDRESSES,
    )
    intermediate = assemble(prepared, keystore.sign(root_key, prepared.signature_algorithm, prepared.tbs))
    _, leaf_spki = keystore.generate(KeyAlgorithm.EC_P256)
    return Chain(keystore, root_key, root, key, intermediate, prepared_root, prepared, leaf_spki)


def pem(der: bytes, label: str = "CERTIFICATE") -> str:
    body = base64.encodebytes(der).decode()
    return f"-----BEGIN {label}-----\n{body}-----END {label}-----\n"
