"""The real service with a private CA that issues, for clients that people run: one for all tests of a process."""

import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509

from hanaper.demo.stage import Person, Stage, free_port
from hanaper.demo.world import WebServer


@dataclass
class World:
    """`directory`, `kid` and `hmac_key` are what a client is given; `root` is the file of the root that it and
    its users trust. At `http_port` and `tls_port` of loopback the service looks for proofs."""

    stage: Stage
    customer: Person
    cas: dict[str, str]  # by kind
    directory: str
    kid: str
    hmac_key: str
    root: Path
    http_port: int
    tls_port: int

    def point(self, name: str) -> str:
        """The name leads here."""
        self.stage.names.records[name, "A"] = ["127.0.0.1"]
        return name

    def states(self, name: str) -> list[str]:
        """Of the certificates of a name, the newest first."""
        return [one["state"] for one in self.of(name)]

    def of(self, name: str) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self.customer.get("/private-certificates", search=name)["items"]
        return found

    def verify(self, chain: Path) -> None:
        """openssl accepts the file, a leaf with what it needs, below the root."""
        run("openssl", "verify", "-x509_strict", "-CAfile", self.root, "-untrusted", chain, chain)

    @contextmanager
    def webroot(self, folder: Path) -> Iterator[Path]:
        """What stands in `folder` is served where the service looks; the folder for challenges is made."""
        challenges = folder / ".well-known" / "acme-challenge"
        challenges.mkdir(parents=True)
        web = WebServer(self.http_port)
        web.webroot = folder
        try:
            yield challenges
        finally:
            web.close()


@pytest.fixture(scope="session")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    folder = tmp_path_factory.mktemp("acme")
    stage = Stage(folder)
    http_port, tls_port = free_port(), free_port()
    stage.environment |= {
        "DJANGO_SETTINGS_MODULE": "hanaper.settings",
        "HANAPER_ACME_HTTP_PORT": str(http_port),
        "HANAPER_ACME_TLS_PORT": str(tls_port),
        "HANAPER_WEB_WORKERS": "2",  # a nonce that one gives the other takes
    }
    try:
        stage.start()
        customer = stage.person("customer")
        order = customer.post("/orders", {"lines": [{"product": "private-root-ca"}], "currency": "USD"})
        customer.post(f"/orders/{order['id']}/pay", {"means": [{"means": "balance"}]})
        cas = {one["kind"]: one["id"] for one in customer.get("/private-cas")["items"]}
        for kind in ("root", "intermediate"):
            wanted = {"subject": {"common_name": f"Example {kind}"}, "ocsp": True}
            customer.post(f"/private-cas/{cas[kind]}/enable", wanted)
        key = customer.post(f"/private-cas/{cas['intermediate']}/acme/keys", {"name": "peers"})
        directory = key["directories"]["server"]
        root = folder / "root.pem"
        root.write_text(customer.get(f"/private-cas/{cas['root']}/chain")["pem"])
        yield World(
            stage, customer, cas, directory, key["id"], key["hmac_key"], root, http_port, tls_port
        )  # fmt: skip
    finally:
        stage.stop()


def need(program: str) -> None:
    if shutil.which(program) is None:
        pytest.skip(f"no {program}: as root, apt-get install {program}")


def run(*command: object, **environment: object) -> str:
    """What the program says; it must end well."""
    need(str(command[0]))
    done = subprocess.run(
        [str(one) for one in command],
        capture_output=True,
        text=True,
        timeout=180,
        check=False,
        env={**os.environ, **{name: str(value) for name, value in environment.items()}},
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout + done.stderr


def leaf_in(path: Path) -> x509.Certificate:
    return x509.load_pem_x509_certificates(path.read_bytes())[0]


def names_in(path: Path) -> list[str]:
    extension = leaf_in(path).extensions.get_extension_for_class(x509.SubjectAlternativeName)
    return [str(one.value) for one in extension.value]
