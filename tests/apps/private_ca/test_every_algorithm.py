"""Each kind of key from the root to the leaf, held against the tools that people have.

Debian 12's tools: openssl 3.0 and GnuTLS 3.7 know RSA, ECDSA and Ed25519, NSS 3.87 RSA and ECDSA; ML-DSA none
of them, so `cryptography` (OpenSSL 3.5) verifies that. pkilint reads all. A tool that knows more by now says so here:
then what it knows is added.
"""

import shutil
import subprocess
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import pytest
from cryptography import x509

from hanaper import clock
from hanaper.apps.authority.models import Authority, Issuance
from hanaper.apps.authority.services import answer, crl_file, publish_crl
from hanaper.apps.private_ca import services
from hanaper.apps.private_ca.models.cas import PrivateCA
from hanaper.apps.private_ca.services import Request
from hanaper.apps.private_ca.services.downloading import issued_der
from hanaper.core.x509.algorithms import KeyAlgorithm
from hanaper.core.x509.crl import RevocationReason
from hanaper.core.x509.findings import Finding, Rulebook, Severity
from hanaper.core.x509.full_linting import lint_answer_fully, lint_crl_fully
from hanaper.core.x509.names import Subject
from tests.apps.private_ca.conftest import enable
from tests.apps.private_ca.peers import certtool, crls, findings, openssl
from tests.fixtures_ocsp import no_full_lint, question  # noqa: F401 - a fixture
from tests.people import Person

# What is made here is linted in full below.
pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("no_full_lint")]
# By template: what is asked for, openssl's purpose, and NSS's use. For code signing openssl 3.0 has none, and
# NSS wants Netscape's certificate type of every CA above, which nobody else reads.
LEAVES = {
    "server": (Request("server", names={"dns": ["db.corp.example"]}), "sslserver", "V"),
    "client": (Request("client", names={"uri": ["spiffe://corp.example/db"]}), "sslclient", "C"),
    "email": (Request("email", names={"email": ["ada@corp.example"]}), "smimesign", "S"),
    "code-signing": (Request("code-signing", subject=Subject(common_name="Corp")), "any", ""),
}
POST_QUANTUM = {KeyAlgorithm.ML_DSA_44, KeyAlgorithm.ML_DSA_65, KeyAlgorithm.ML_DSA_87}
OPENSSL = GNUTLS = set(KeyAlgorithm) - POST_QUANTUM
NSS = OPENSSL - {KeyAlgorithm.ED25519}


@pytest.fixture
def at() -> datetime:
    """GnuTLS and NSS know no other time than now."""
    return clock.system_now().replace(microsecond=0)


@pytest.mark.parametrize("algorithm", KeyAlgorithm)
def test_from_the_root_to_the_leaf(
    owner: Person,
    root: PrivateCA,
    intermediate: PrivateCA,
    at: datetime,
    tmp_path: Path,
    algorithm: KeyAlgorithm,
) -> None:
    enable(owner, root, at, algorithm=algorithm)
    ca = enable(owner, intermediate, at, algorithm=algorithm, ocsp=True)
    above, own = authority_of(root), authority_of(ca)
    leaves = {name: services.issue(owner.actor, ca, wanted, at=at) for name, (wanted, _, _) in LEAVES.items()}
    same = Request("server", names={"dns": ["same.corp.example"]}, key_algorithm=algorithm)
    leaves["same"] = services.issue(owner.actor, ca, same, at=at)
    gone = services.issue(owner.actor, ca, LEAVES["server"][0], at=at)
    services.revoke(owner.actor, gone, RevocationReason.SUPERSEDED, at=at)
    for one in (own, above):
        publish_crl(one, at=at)
    ways = {name: [issued_der(leaf), *services.chain_above(leaf)] for name, leaf in leaves.items()}
    lost = [issued_der(gone), *services.chain_above(gone)]
    lists = crls(own, above)

    if algorithm in OPENSSL:
        for name, way in ways.items():
            purpose = LEAVES[name][1] if name in LEAVES else "sslserver"
            assert openssl(way, at, tmp_path, lists=lists, purpose=purpose) == "OK", name
        assert "certificate revoked" in openssl(lost, at, tmp_path, lists=lists)
    else:
        by_cryptography(ways["same"], own, above)
    assert {name: certtool(way, tmp_path) == "OK" for name, way in ways.items()} == dict.fromkeys(
        ways, algorithm in GNUTLS
    )
    if shutil.which("certutil"):
        taken = {name: nss(ways[name], tmp_path, use) for name, (_, _, use) in LEAVES.items() if use}
        assert taken == dict.fromkeys(taken, algorithm in NSS)
    for der in {der for way in ways.values() for der in way}:
        assert findings(der) == set()
    for one in (own, above):
        assert errors(lint_crl_fully, crl_file(one).read_bytes()) == []
    for leaf in (leaves["server"], gone):
        serial = Issuance.objects.get(reference=leaf.public_id).serial
        answered = answer(own.public_id, question(own, [serial]), at=at)
        assert answered is not None and errors(lint_answer_fully, answered.der) == []


def authority_of(ca: PrivateCA) -> Authority:
    return Authority.objects.get(private_ca=ca)


def errors(lint: Callable[..., list[Finding]], der: bytes) -> list[str]:
    rules = {} if lint is lint_answer_fully else {"rulebook": Rulebook.PRIVATE}
    return [one.code for one in lint(der, **rules) if one.severity is not Severity.NOTICE]


def by_cryptography(way: list[bytes], own: Authority, above: Authority) -> None:
    leaf, ca, root = map(x509.load_der_x509_certificate, way)
    leaf.verify_directly_issued_by(ca)
    ca.verify_directly_issued_by(root)
    root.verify_directly_issued_by(root)
    for authority, signer in ((own, ca), (above, root)):
        listed = x509.load_der_x509_crl(crl_file(authority).read_bytes())
        assert listed.is_signature_valid(signer.public_key())  # type: ignore[arg-type]


def nss(way: list[bytes], folder: Path, use: str) -> bool:
    """Whether NSS takes the leaf for that use, with the root trusted for everything."""
    store = folder / f"nss-{use}"
    store.mkdir()
    database = ["-d", f"sql:{store}"]
    subprocess.run(["certutil", "-N", *database, "--empty-password"], check=True, capture_output=True)
    for name, der, trust in (("root", way[-1], "CT,C,C"), ("ca", way[1], ",,"), ("leaf", way[0], ",,")):
        file = store / f"{name}.der"
        file.write_bytes(der)
        added = ["certutil", "-A", *database, "-n", name, "-t", trust, "-i", str(file)]
        if subprocess.run(added, capture_output=True).returncode:
            return False
    checked = ["certutil", "-V", *database, "-n", "leaf", "-u", use, "-e"]
    return subprocess.run(checked, capture_output=True).returncode == 0
