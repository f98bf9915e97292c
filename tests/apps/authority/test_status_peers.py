"""What clients make of our lists and answers: openssl, GnuTLS and NSS, each with each kind of key that it knows.

ML-DSA needs OpenSSL 3.5, and neither GnuTLS 3.7 nor NSS 3.87 has it, nor NSS Ed25519 certificates: those are
verified by `cryptography` in the neighbours of this file.
"""

import shutil
import socket
import subprocess
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from django.test import Client

from hanaper import clock
from hanaper.apps.authority.models import Authority, Issuance
from hanaper.apps.authority.services import answer, crl_file, prepare, publish_crl, revoke, sign
from hanaper.core.x509.algorithms import KeyAlgorithm, spki_of
from hanaper.core.x509.certificates import LeafContents
from hanaper.core.x509.crl import RevocationReason
from hanaper.core.x509.names import Subject, to_name
from tests.apps.authority.test_private_authorities import YEAR, made
from tests.core.x509.certificate_chains import pem
from tests.fixtures_ocsp import *  # noqa: F403 - its fixtures
from tests.fixtures_ocsp import question

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("published", "no_full_lint")]
CLASSIC = [KeyAlgorithm.RSA_2048, KeyAlgorithm.EC_P256, KeyAlgorithm.EC_P384]
KNOWN = [*CLASSIC, KeyAlgorithm.ED25519]
HOST = "db.corp.example"


def needs(*programs: str) -> pytest.MarkDecorator:
    missing = [one for one in programs if shutil.which(one) is None]
    return pytest.mark.skipif(
        bool(missing), reason=f"needs {', '.join(missing)} (Debian: gnutls-bin, libnss3-tools)"
    )


def run(*command: object, given: bytes | None = None) -> str:
    done = subprocess.run(list(map(str, command)), input=given, capture_output=True, check=False, timeout=60)
    return (done.stdout + done.stderr).decode(errors="replace")


@dataclass
class World:
    """An authority with one good and one revoked certificate, and files of all that clients have of it."""

    folder: Path
    authority: Authority
    good: Issuance
    bad: Issuance
    key: ec.EllipticCurvePrivateKey = field(repr=False)

    @property
    def root(self) -> Authority:
        assert self.authority.parent is not None
        return self.authority.parent

    def write(self, name: str, der: bytes, label: str = "CERTIFICATE") -> Path:
        path = self.folder / name
        path.write_text(pem(der, label))
        (self.folder / f"{name}.der").write_bytes(der)
        return path

    def write_all(self) -> None:
        self.write("root", bytes(self.root.certificate or b""))
        self.write("issuing", bytes(self.authority.certificate or b""))
        for name in ("good", "bad"):
            self.write(name, bytes(getattr(self, name).certificate or b""))
        key = self.key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        (self.folder / "key").write_bytes(key)

    def lists(self, *names: Path) -> list[object]:
        """As options of openssl."""
        found: list[object] = []
        for turn, path in enumerate([crl_file(self.root), *names]):
            found += ["-CRLfile", self.write(f"list-{turn}", path.read_bytes(), "X509 CRL")]
        return found

    def path(self, name: str) -> Path:
        return self.folder / name


@pytest.fixture
def world(tmp_path: Path) -> Callable[..., World]:
    def made_world(algorithm: KeyAlgorithm = KeyAlgorithm.EC_P256, **choices: Any) -> World:
        at = clock.now()
        authority = made(at, algorithm, ocsp=True, **choices)
        key = ec.generate_private_key(ec.SECP256R1())
        several = []
        for turn in range(2):
            contents = LeafContents(
                to_name(Subject(common_name=HOST)),
                (x509.DNSName(HOST),),
                key_identifier=True,
            )
            prepared = prepare(
                authority,
                contents,
                spki=spki_of(key.public_key()),
                not_before=at,
                not_after=at + YEAR / 4,
                key=f"key-{turn}",
                reference="r",
                at=at,
            )
            several.append(sign(prepared))
        found = World(tmp_path, authority, several[0], several[1], key)
        revoke(found.bad, RevocationReason.KEY_COMPROMISE, at=at)
        publish_crl(authority, at=at)
        found.write_all()
        return found

    return made_world


@pytest.mark.parametrize("choices", [{}, {"shards": 3}])
@pytest.mark.parametrize("algorithm", KNOWN)
def test_openssl_verify_strictly_with_every_list(
    world: Callable[..., World], algorithm: KeyAlgorithm, choices: dict[str, Any]
) -> None:
    here = world(algorithm, **choices)
    for name, passed in (("good", True), ("bad", False)):
        issuance = getattr(here, name)
        shard = issuance.shard if choices else None
        said = run(
            "openssl", "verify", "-x509_strict", "-crl_check_all", "-extended_crl", "-CAfile", here.path("root"),
            "-untrusted", here.path("issuing"), *here.lists(crl_file(here.authority, shard)), here.path(name),
        )  # fmt: skip
        assert (": OK" in said) is passed, said
        assert ("certificate revoked" in said) is not passed


def test_openssl_takes_what_is_new_from_the_delta(world: Callable[..., World]) -> None:
    """The complete list is of before the revocation; with its delta, openssl knows."""
    here = world(delta=True)
    base = here.folder / "before"
    base.write_bytes(crl_file(here.authority).read_bytes())
    at = clock.now()
    revoke(here.good, RevocationReason.SUPERSEDED, at=at)
    publish_crl(here.authority, at=at)
    command = [
        "openssl", "verify", "-x509_strict", "-crl_check", "-extended_crl", "-CAfile", here.path("root"),
        "-untrusted", here.path("issuing"), *here.lists(base, crl_file(here.authority, delta=True)),
    ]  # fmt: skip
    assert ": OK" in run(*command, here.path("good"))
    assert "certificate revoked" in run(*command, "-use_deltas", here.path("good"))


class _Handler(BaseHTTPRequestHandler):
    """Hands every request to the service, in the thread of the test, whose transaction it sees."""

    def do_GET(self) -> None:
        self._answer(Client().get(self.path))

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        kind = self.headers["Content-Type"]
        self._answer(Client().post(self.path, body, content_type=kind))

    def _answer(self, response: Any) -> None:
        self.send_response(response.status_code)
        for name, value in response.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(response.content)))
        self.end_headers()
        self.wfile.write(response.content)

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def ask(settings: Any) -> Iterator[Callable[..., str]]:
    """Run a client, and answer the one request that it makes; `{}` in its words is our address."""
    with HTTPServer(("127.0.0.1", 0), _Handler) as server:
        server.timeout = 30
        address = f"http://127.0.0.1:{server.server_port}"

        def asked(*words: object) -> str:
            command = [str(word).replace("{}", address) for word in words]
            client = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
            server.handle_request()
            return client.communicate(timeout=60)[0]

        yield asked


@pytest.mark.parametrize("algorithm", KNOWN)
def test_openssl_ocsp_asks_and_believes(
    world: Callable[..., World], ask: Callable[..., str], algorithm: KeyAlgorithm
) -> None:
    here = world(algorithm)
    for more in ([], ["-no_nonce"], ["-sha256", "-no_nonce"]):
        hashing = [one for one in more if one == "-sha256"]
        said = ask(
            "openssl", "ocsp", "-issuer", here.path("issuing"), *hashing, "-cert", here.path("good"),
            "-cert", here.path("bad"), "-serial", "0x1234", "-CAfile", here.path("root"), "-verify_other",
            here.path("issuing"), "-url", f"{{}}/ocsp/{here.authority.public_id}",
            *[one for one in more if one != "-sha256"],
        )  # fmt: skip
        assert "Response verify OK" in said, said
        assert f"{here.path('good')}: good" in said and f"{here.path('bad')}: revoked" in said
        assert "0x1234: unknown" in said and "Reason: keyCompromise" in said
        assert "WARNING: no nonce" not in said


@needs("ocsptool")
@pytest.mark.parametrize("algorithm", KNOWN)
def test_gnutls_asks_and_believes(
    world: Callable[..., World], ask: Callable[..., str], algorithm: KeyAlgorithm
) -> None:
    here = world(algorithm)
    for name in ("good", "bad"):
        said = ask(
            "ocsptool", "--ask={}/ocsp/" + here.authority.public_id, "--load-issuer", here.path("issuing"),
            "--load-cert", here.path(name), "--load-trust", here.path("issuing"), "--nonce",
        )  # fmt: skip
        assert "Verifying OCSP Response: Success." in said, said
        assert f"Certificate Status: {'good' if name == 'good' else 'revoked'}" in said


@needs("certtool")
@pytest.mark.parametrize("choices", [{}, {"shards": 2}, {"delta": True}])
@pytest.mark.parametrize("algorithm", KNOWN)
def test_gnutls_sees_revocations_on_lists(
    world: Callable[..., World], algorithm: KeyAlgorithm, choices: dict[str, Any]
) -> None:
    here = world(algorithm, **choices)
    for name in ("good", "bad"):
        shard = getattr(here, name).shard if "shards" in choices else None
        lists = here.folder / "lists"
        lists.write_text(
            "".join(
                pem(path.read_bytes(), "X509 CRL")
                for path in (crl_file(here.root), crl_file(here.authority, shard))
            )
        )
        chain = here.folder / "chain"
        chain.write_text(here.path(name).read_text() + here.path("issuing").read_text())
        said = run(
            "certtool", "--verify", "--load-ca-certificate", here.path("root"), "--load-crl", lists,
            "--infile", chain, "--verify-hostname", HOST, "--verify-profile", "medium",
        )  # fmt: skip
        assert ("Chain verification output: Verified" in said) is (name == "good"), said
        assert ("revoked" in said) is (name == "bad"), said


@needs("certutil", "crlutil")
@pytest.mark.parametrize("choices", [{}, {"shards": 2}, {"delta": True}])
@pytest.mark.parametrize("algorithm", CLASSIC)
def test_nss_sees_revocations_on_the_list_of_everything(
    world: Callable[..., World], algorithm: KeyAlgorithm, choices: dict[str, Any]
) -> None:
    """Not on those of shards: it does not know the extension that says for which address they are."""
    here = world(algorithm, **choices)
    for name in ("good", "bad"):
        store = here.folder / f"nss-{name}"
        store.mkdir()
        here_is = ["-d", f"sql:{store}"]
        run("certutil", "-N", *here_is, "--empty-password")
        for nickname, trust in (("root", "C,C,C"), ("issuing", ",,"), (name, ",,")):
            run("certutil", "-A", *here_is, "-n", nickname, "-t", trust, "-i", here.path(nickname))
        for path in (crl_file(here.root), crl_file(here.authority)):
            assert "error" not in run("crlutil", "-I", *here_is, "-t", "1", "-i", path).lower()
        said = run("certutil", "-V", *here_is, "-n", name, "-u", "V", "-e")
        assert ("certificate is valid" in said) is (name == "good"), said
        assert ("revoked" in said.lower()) is (name == "bad"), said


def test_a_server_staples_and_a_client_reads_it(world: Callable[..., World]) -> None:
    here = world()
    for name, status in (("good", "good"), ("bad", "revoked")):
        issuance = getattr(here, name)
        found = answer(here.authority.public_id, question(here.authority, [issuance.serial]), at=clock.now())
        assert found is not None
        here.path("stapled").write_bytes(found.der)
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        server = subprocess.Popen(
            [
                "openssl", "s_server", "-accept", f"127.0.0.1:{port}", "-naccept", "1", "-cert", here.path(name),
                "-key", here.path("key"), "-cert_chain", here.path("issuing"), "-status_file",
                here.path("stapled"), "-www",
            ],
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
        )  # fmt: skip
        assert server.stdout is not None
        while "ACCEPT" not in server.stdout.readline():
            assert server.poll() is None
        drained = threading.Thread(target=server.stdout.read)
        drained.start()
        said = run(
            "openssl", "s_client", "-connect", f"127.0.0.1:{port}", "-status", "-CAfile", here.path("root"),
            given=b"GET / HTTP/1.0\r\n\r\n",
        )  # fmt: skip
        server.terminate()
        server.wait(10)
        drained.join(10)
        assert "OCSP Response Status: successful" in said, said
        assert f"Cert Status: {status}" in said and "Verify return code: 0 (ok)" in said
