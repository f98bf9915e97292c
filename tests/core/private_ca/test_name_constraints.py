"""Name constraints: by our rules and by openssl's, over real chains."""

import itertools
import subprocess
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from hanaper.core.errors import Fault
from hanaper.core.private_ca.alternative_names import KINDS, AlternativeNames, read_names
from hanaper.core.private_ca.name_constraints import NameConstraints, of_certificate, read_constraints
from hanaper.core.private_ca.violations import violations
from hanaper.core.x509.algorithms import KeyAlgorithm
from hanaper.core.x509.certificates import LeafContents, assemble, prepare_leaf, prepare_root
from hanaper.core.x509.issuer import Issuer
from hanaper.core.x509.names import Subject, to_name
from hanaper.core.x509.serials import new_serial
from tests.core.x509.certificate_chains import ADDRESSES, AT, Keystore

CASES: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "dns": (
        ("corp.example", "secret.corp.example", "example", "a.b.c.example"),
        ("corp.example", "www.corp.example", "xcorp.example", "*.corp.example", "secret.corp.example",
         "x.secret.corp.example", "*.example", "other.test"),
    ),
    "ip": (
        ("10.0.0.0/8", "10.1.0.0/16", "192.168.1.1/32", "2001:db8::/32", "0.0.0.0/0"),
        ("10.0.0.1", "10.1.2.3", "11.0.0.1", "192.168.1.1", "2001:db8::1", "2001:db9::1"),
    ),
    "email": (
        ("corp.example", ".corp.example", "ada@corp.example"),
        ("ada@corp.example", "bob@corp.example", "ada@mail.corp.example", "ada@xcorp.example"),
    ),
    "uri": (
        ("corp.example", ".corp.example"),
        ("https://corp.example/x", "https://www.corp.example/", "spiffe://other.test/x"),
    ),
}  # fmt: skip


def constraints(side: str, kind: str, *values: str) -> NameConstraints:
    faults: list[Fault] = []
    found = read_constraints({side: {kind: values}}, faults)
    assert faults == []
    return found


def names(kind: str, value: str) -> AlternativeNames:
    return read_names({kind: [value]}, [])


def faults_of(found: AlternativeNames, *chain: NameConstraints) -> list[Fault]:
    return list(violations(found, None, chain, for_servers=False))


@pytest.fixture(scope="module")
def keys() -> Any:
    keystore = Keystore()
    return keystore, keystore.generate(KeyAlgorithm.EC_P256)


def verified(folder: Path, keys: Any, limits: NameConstraints, found: AlternativeNames) -> bool:
    """Whether openssl accepts the names below a root with these constraints."""
    keystore, (key, spki) = keys
    end = {"not_before": AT, "not_after": AT + timedelta(days=30)}
    root = prepare_root(
        subject=to_name(Subject(common_name="Root")), spki=spki, serial=new_serial(),
        name_constraints=limits.to_x509(), **end,
    )  # fmt: skip
    signed = assemble(root, keystore.sign(key, root.signature_algorithm, root.tbs))
    leaf = prepare_leaf(
        LeafContents(to_name(Subject(organization="Leaf")), found.general_names()),
        spki=spki, issuer=Issuer.of_certificate(signed), serial=new_serial(), addresses=ADDRESSES, **end,
    )  # fmt: skip
    made = assemble(leaf, keystore.sign(key, leaf.signature_algorithm, leaf.tbs))
    for name, der in (("root", signed), ("leaf", made)):
        pem = x509.load_der_x509_certificate(der).public_bytes(Encoding.PEM)
        (folder / f"{name}.pem").write_bytes(pem)
    command = [
        "openssl",
        "verify",
        "-attime",
        str(int(AT.timestamp()) + 60),
        "-CAfile",
        "root.pem",
        "leaf.pem",
    ]
    return subprocess.run(command, cwd=folder, capture_output=True, check=False).returncode == 0


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("side", ["permitted", "excluded"])
def test_openssl_agrees(tmp_path: Path, keys: Any, kind: str, side: str) -> None:
    """Where openssl is laxer than we are: it lets a wildcard cover an excluded name below it."""
    for limit, value in itertools.product(*CASES[kind]):
        limits = constraints(side, kind, limit)
        ours = not faults_of(names(kind, value), limits)
        theirs = verified(tmp_path, keys, limits, names(kind, value))
        laxer = side == "excluded" and value.startswith("*.") and not ours
        assert ours == theirs or laxer, (side, limit, value, ours, theirs)


@pytest.mark.parametrize(
    ("value", "excluded", "passes"),
    [
        ("*.corp.example", "secret.corp.example", False),
        ("*.corp.example", "a.secret.corp.example", True),
        ("*.corp.example", "corp.example", False),
        ("corp.example", "secret.corp.example", True),
    ],
)
def test_a_wildcard_covers_no_excluded_name(value: str, excluded: str, passes: bool) -> None:
    found = faults_of(names("dns", value), constraints("excluded", "dns", excluded))
    assert (found == []) is passes


@pytest.mark.parametrize("value", ["https://10.0.0.1/", "https://[2001:db8::1]/"])
def test_an_address_in_a_uri_passes_by_no_host(value: str) -> None:
    assert faults_of(names("uri", value), constraints("permitted", "uri", ".corp.example"))
    assert faults_of(names("uri", value), constraints("excluded", "uri", "secret.example"))


def test_the_certificate_says_them() -> None:
    given = {
        "permitted": {
            "dns": ["Corp.Example"],
            "ip": ["10.0.0.0/8"],
            "email": [".corp.example"],
            "uri": ["a.example"],
        },
        "excluded": {"dns": ["secret.corp.example"], "ip": ["10.9.0.0/16"]},
    }
    faults: list[Fault] = []
    found = read_constraints(given, faults)
    assert faults == [] and found.permitted.dns == ("corp.example",)
    keystore = Keystore()
    key, spki = keystore.generate(KeyAlgorithm.EC_P256)
    root = prepare_root(
        subject=to_name(Subject(common_name="Root")), spki=spki, serial=new_serial(),
        not_before=AT, not_after=AT + timedelta(days=1), name_constraints=found.to_x509(),
    )  # fmt: skip
    assert of_certificate(assemble(root, keystore.sign(key, root.signature_algorithm, root.tbs))) == found
    assert NameConstraints().to_x509() is None


@pytest.mark.parametrize(
    ("kind", "wrong", "said"),
    [
        ("dns", "*.corp.example", "A wildcard cannot stand here: leave out the *."),
        ("dns", ".corp.example", "Leave out the first dot: a domain stands for itself and for all that is below it."),
        ("dns", "", "The domain name is empty."),
        ("ip", "10.0.0.1/8", "10.0.0.1 is an address within 10.0.0.0/8: write 10.0.0.0/8."),
        ("ip", "2001:db8::1/32", "2001:db8::1 is an address within 2001:db8::/32: write 2001:db8::/32."),
        ("ip", "300.1.1.1", "'300.1.1.1' is no network: write one such as 10.0.0.0/8 or 2001:db8::/32."),
        ("ip", "fe80::%eth0/64", "'fe80::%eth0/64' is no network: write one such as 10.0.0.0/8 or 2001:db8::/32."),
        ("email", "a b", "There is a blank in the name: take it out."),
        ("uri", "http://x", "http://x is not a bare domain name: leave out scheme, port, path and address marks."),
    ],
)  # fmt: skip
def test_what_is_no_constraint_and_what_to_write(kind: str, wrong: str, said: str) -> None:
    faults: list[Fault] = []
    read_constraints({"excluded": {kind: [wrong]}}, faults)
    assert [(fault.field, fault.message) for fault in faults] == [
        (f"name_constraints.excluded.{kind}.0", said)
    ]


def test_a_name_outside_is_told_what_is_inside() -> None:
    limits = constraints("permitted", "dns", *(f"d{number}.example" for number in range(7)))
    (fault,) = faults_of(names("dns", "www.other.test"), limits)
    assert fault.message == (
        "www.other.test is not among the names that the CA may certify: d0.example, d1.example, d2.example,"
        " d3.example, d4.example, ...."
    )


@pytest.mark.parametrize(
    ("kind", "value", "excluded", "said"),
    [
        ("dns", "secret.corp.test", "secret.corp.test",
         "The CA may not certify secret.corp.test: choose another name."),
        ("dns", "a.secret.corp.test", "secret.corp.test",
         "a.secret.corp.test lies within secret.corp.test, which the CA may not certify: choose another name."),
        ("dns", "*.corp.test", "secret.corp.test",
         "*.corp.test covers secret.corp.test, which the CA may not certify: name each host."),
        ("ip", "10.1.2.3", "10.1.0.0/16",
         "10.1.2.3 lies within 10.1.0.0/16, which the CA may not certify: choose another name."),
        ("uri", "https://10.0.0.1/", "secret.test",
         "https://10.0.0.1/ has an address where names of hosts are constrained: name its host."),
        ("email", "ADMIN@corp.test", "admin@corp.test",
         "The CA may not certify admin@corp.test: choose another name."),
        ("email", "ada@corp.test", "corp.test",
         "ada@corp.test lies within corp.test, which the CA may not certify: choose another name."),
    ],
)  # fmt: skip
def test_what_is_excluded_and_why(kind: str, value: str, excluded: str, said: str) -> None:
    (fault,) = faults_of(names(kind, value), constraints("excluded", kind, excluded))
    assert (fault.field, fault.message, fault.code) == (f"names.{kind}.0", said, "excluded")


@pytest.mark.parametrize("value", ["ADMIN@corp.test", "Admin@CORP.test", "admin@corp.test"])
def test_a_mailbox_is_excluded_in_every_case_and_permitted_in_one(value: str) -> None:
    assert faults_of(names("email", value), constraints("excluded", "email", "admin@corp.test"))
    permitted = faults_of(names("email", value), constraints("permitted", "email", "admin@corp.test"))
    assert bool(permitted) is (not value.startswith("admin@"))


def test_each_name_is_told_once_with_what_all_cas_of_the_chain_permit() -> None:
    chain = [constraints("permitted", "dns", one) for one in ("corp.example", "a.corp.example", "example")]
    (fault,) = faults_of(names("dns", "www.other.test"), *chain)
    assert fault.message.endswith("the CA may certify: a.corp.example.")
    excluded = [constraints("excluded", "dns", one) for one in ("secret.example", "secret.example")]
    assert len(faults_of(names("dns", "secret.example"), *chain[2:], *excluded)) == 1
