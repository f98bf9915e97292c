"""Common names below name constraints: whatever openssl or GnuTLS rejects is not issued."""

import subprocess
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from hanaper.core.private_ca.alternative_names import AlternativeNames, read_names
from hanaper.core.private_ca.name_constraints import NameConstraints, Subtrees
from hanaper.core.private_ca.templates import USES
from hanaper.core.private_ca.violations import violations
from hanaper.core.x509.algorithms import KeyAlgorithm
from hanaper.core.x509.certificates import LeafContents, assemble, prepare_leaf, prepare_root
from hanaper.core.x509.issuer import Issuer
from hanaper.core.x509.names import Subject, to_name
from hanaper.core.x509.serials import new_serial
from tests.core.x509.certificate_chains import ADDRESSES, Keystore

PERMITTED = NameConstraints(permitted=Subtrees(dns=("corp.test",)))
EXCLUDED = NameConstraints(excluded=Subtrees(dns=("evil.test",)))
LIKE_HOSTS = ("evil.test", "EVIL.test", "a_b.evil.test", "_x.evil.test", "a.b--c.evil.test")
LIKE_NUMBERS = ("11.0.0.1", "1.2", "v1.2")
OF_PEOPLE = ("John A.Smith", "a-.evil", "a.-evil", "example.com/foo", "admin@corp.test", "Ada Lovelace",
             "laptop-17", "laptop_17", "M\u00fcller", "a..evil")  # fmt: skip
WITHIN = ("corp.test", "www.corp.test", "WWW.Corp.test", "a_b.corp.test", "*.corp.test")
STRICTER_HERE = ("*.evil.test", "evil.test.")  # what clients do with it differs: never let through
ALONE = AlternativeNames()
BESIDE_A_DOMAIN = read_names({"dns": ["www.corp.test"]}, [])


def judged(limits: NameConstraints, common_name: str, names: AlternativeNames, use: str) -> bool:
    found = list(violations(names, common_name, [limits], for_servers=use == "serverAuth"))
    assert {fault.field for fault in found} <= {"subject.common_name"}
    return not found


class Peers:
    """A root for each constraints, and what openssl and GnuTLS say of a leaf below it, now: certtool takes
    no other time."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.keystore = folder, Keystore()
        self.key, self.spki = self.keystore.generate(KeyAlgorithm.EC_P256)
        at = datetime.now(UTC).replace(microsecond=0)
        self.life = {"not_before": at - timedelta(hours=1), "not_after": at + timedelta(days=30)}

    def root(self, limits: NameConstraints) -> Issuer:
        root = prepare_root(
            subject=to_name(Subject(common_name="Root")), spki=self.spki, serial=new_serial(),
            name_constraints=limits.to_x509(), **self.life,
        )  # fmt: skip
        signed = assemble(root, self.keystore.sign(self.key, root.signature_algorithm, root.tbs))
        self._write("root.pem", signed)
        return Issuer.of_certificate(signed)

    def accept(self, issuer: Issuer, common_name: str, names: AlternativeNames, use: str) -> bool:
        contents = LeafContents(
            to_name(Subject(common_name=common_name)), names.general_names(), extended_key_usages=(USES[use],)
        )
        leaf = prepare_leaf(
            contents, spki=self.spki, issuer=issuer, serial=new_serial(), addresses=ADDRESSES, **self.life
        )
        made = assemble(leaf, self.keystore.sign(self.key, leaf.signature_algorithm, leaf.tbs))
        self._write("leaf.pem", made)
        return self._passes("openssl", "verify", "-CAfile", "root.pem", "leaf.pem") and self._passes(
            "certtool", "--verify", "--load-ca-certificate", "root.pem", "--infile", "leaf.pem"
        )

    def _write(self, name: str, der: bytes) -> None:
        pem = x509.load_der_x509_certificate(der).public_bytes(Encoding.PEM)
        (self.folder / name).write_bytes(pem)

    def _passes(self, *command: str) -> bool:
        return subprocess.run(command, cwd=self.folder, capture_output=True, check=False).returncode == 0


@pytest.mark.parametrize("limits", [PERMITTED, EXCLUDED], ids=["permitted", "excluded"])
@pytest.mark.parametrize("use", ["clientAuth", "serverAuth"])
def test_openssl_and_gnutls_accept_what_passes_and_one_rejects_what_does_not(
    tmp_path: Path, limits: NameConstraints, use: str
) -> None:
    peers = Peers(tmp_path)
    root = peers.root(limits)
    for common_name in (*LIKE_HOSTS, *LIKE_NUMBERS, *OF_PEOPLE, *WITHIN):
        ours = judged(limits, common_name, ALONE, use)
        assert ours == peers.accept(root, common_name, ALONE, use), (common_name, ours)


def test_beside_a_domain_the_common_name_is_not_looked_at(tmp_path: Path) -> None:
    """By them; here what is a host is judged still, for clients that read it all the same."""
    peers = Peers(tmp_path)
    root = peers.root(PERMITTED)
    for common_name in (*LIKE_NUMBERS, *OF_PEOPLE, *WITHIN):
        assert judged(PERMITTED, common_name, BESIDE_A_DOMAIN, "serverAuth"), common_name
        assert peers.accept(root, common_name, BESIDE_A_DOMAIN, "serverAuth"), common_name
    assert not judged(PERMITTED, "evil.test", BESIDE_A_DOMAIN, "serverAuth")


@pytest.mark.parametrize("common_name", STRICTER_HERE)
@pytest.mark.parametrize("use", ["clientAuth", "serverAuth"])
@pytest.mark.parametrize("limits", [PERMITTED, EXCLUDED], ids=["permitted", "excluded"])
def test_a_wildcard_or_a_last_dot_is_no_way_round(
    limits: NameConstraints, use: str, common_name: str
) -> None:
    assert not judged(limits, common_name, ALONE, use)


@pytest.mark.parametrize(
    ("use", "said"),
    [
        ("serverAuth", "With no domain beside it, clients take v1.2 for one, and the CA may certify only corp.test:"
         " add a domain, or choose a common name within these."),
        ("codeSigning", "Clients take v1.2 for a domain, and the CA may certify only corp.test: choose a common"
         " name without dots."),
    ],
)  # fmt: skip
def test_what_to_do(use: str, said: str) -> None:
    (fault,) = violations(ALONE, "v1.2", [PERMITTED], for_servers=use == "serverAuth")
    assert (fault.field, fault.message) == ("subject.common_name", said)
    assert judged(NameConstraints(), "v1.2", ALONE, use)
