"""OCSP answers a second, kept and live, and the time of a list with half a million entries, beside peers.

The responders answer the same client (`wrk`, four connections) about one certificate: ours and django-ca from
their databases behind one web process, `openssl ocsp` from an index file. django-ca keeps answers in the memory
of that process once they were asked for, and then heeds no nonce; so it is started once for kept and once for
live ones. `openssl ocsp` has a process more than there are connections, and is started for each figure: one of
them is lost to the connection by which `wrk` tries the address, and takes processor from the others.
`openssl ca -gencrl` makes a list of as many entries.
"""

import base64
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import quote

import httpx
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509 import ocsp

from bench import django_ca
from bench.issuance import DOMAIN, csr
from bench.result import Result
from hanaper.demo.stage import free_port

SECONDS, CONNECTIONS = 5, 4
ENTRIES = 500_000


def run() -> list[Result]:
    with tempfile.TemporaryDirectory(prefix="hanaper-bench-") as name:
        folder = Path(name)
        environment = {
            **os.environ,
            "HANAPER_DATA": str(folder / "data"),
            "HANAPER_LOG_LEVEL": "ERROR",
            "HANAPER_PORT": str(free_port()),
            "DATABASE_URL": "",
            "DJANGO_SETTINGS_MODULE": "hanaper.settings",
        }
        for module in ("hanaper.processes.prepare", "bench.status_stock"):
            done = subprocess.run(
                [sys.executable, "-m", module], env=environment, stdout=subprocess.PIPE, check=True
            )
        stock = json.loads(done.stdout.splitlines()[-1])
        results = _lists(folder, stock)
        return results + (_answers(folder, stock, environment) if shutil.which("wrk") else [])


def _lists(folder: Path, stock: dict[str, Any]) -> list[Result]:
    peer = _openssl_list(folder)
    unit = "entries/s"
    return [
        Result(f"a list of {ENTRIES:,} entries, signed and stored", unit, ENTRIES / stock["whole"], "openssl ca -gencrl", peer),
    ]  # fmt: skip


def _answers(folder: Path, stock: dict[str, Any], environment: dict[str, str]) -> list[Result]:
    plain, with_nonce = (base64.b64decode(stock[name]) for name in ("plain", "nonce"))
    address = f"http://127.0.0.1:{environment['HANAPER_PORT']}"
    with _running(
        [sys.executable, "-m", "hanaper.processes.web"],
        lambda: httpx.get(f"{address}/healthz", trust_env=False),
        environment,
    ):
        path = f"/ocsp/{stock['authority']}"
        by_get = f"{address}{path}/{quote(base64.b64encode(plain).decode(), safe='')}"
        ours = {
            "kept, by GET": _wrk(folder, by_get),
            "kept, by POST": _wrk(folder, address + path, plain),
            "live, with a nonce": _wrk(folder, address + path, with_nonce),
        }
    peers = {
        "kept, by POST": _openssl_answers(folder, plain),
        "live, with a nonce": _openssl_answers(folder, with_nonce),
    }
    peers["kept, by GET"] = peers["kept, by POST"]  # it keeps nothing
    found: dict[str, Mapping[str, float | None]] = {"openssl ocsp": peers}
    if django_ca.installed():
        found[django_ca.NAME] = _django_ca(folder)
    return [
        Result(f"OCSP answers, {name}", "answers/s", rate, peer, rates[name])
        for name, rate in ours.items()
        for peer, rates in found.items()
    ]


def _openssl_answers(folder: Path, body: bytes) -> float | None:
    """None if it stood still: a process of it (3.0.19) that saw a connection close spins and answers no more."""
    port = free_port()
    command = [
        "openssl", "ocsp", "-port", str(port), "-index", folder / "index", "-CA", folder / "ca",
        "-rsigner", folder / "ca", "-rkey", folder / "key", "-ignore_err", "-multi", str(CONNECTIONS + 1),
    ]  # fmt: skip
    with _running(command, lambda: time.sleep(2), dict(os.environ)):
        return _wrk(folder, f"http://127.0.0.1:{port}/", body) or None


def _django_ca(folder: Path) -> dict[str, float]:
    project = django_ca.Project(folder / "django-ca")
    with project.serving() as client:
        order = django_ca.sign(client, csr(), DOMAIN)
        certificate, issuer = (
            x509.load_pem_x509_certificate(client.get(path).json()["certificate"]["pem"].encode())
            for path in (f"certs/{client.get(order).json()['serial']}/", "")
        )
        # Its kept answers name the issuer by SHA-256, whatever was asked.
        asked = ocsp.OCSPRequestBuilder().add_certificate(certificate, issuer, hashes.SHA256())
        plain = asked.build().public_bytes(Encoding.DER)
        nonce = x509.OCSPNonce(b"n" * 32)
        with_nonce = asked.add_extension(nonce, critical=False).build().public_bytes(Encoding.DER)
        answer = _good(project.ocsp, with_nonce, certificate)
        assert answer.extensions.get_extension_for_class(x509.OCSPNonce).value == nonce
        live = _wrk(folder, project.ocsp, with_nonce)
    with project.serving(kept=True):
        by_get = project.ocsp + quote(base64.b64encode(plain).decode(), safe="")
        first, second = (_good(project.ocsp, plain, certificate) for _ in range(2))
        assert first.signature == second.signature
        return {
            "kept, by GET": _wrk(folder, by_get),
            "kept, by POST": _wrk(folder, project.ocsp, plain),
            "live, with a nonce": live,
        }


def _good(address: str, body: bytes, certificate: x509.Certificate) -> ocsp.OCSPResponse:
    """The peer's answer, which must say that the certificate is good: its errors come with status 200, too."""
    headers = {"Content-Type": "application/ocsp-request"}
    said = httpx.post(address, content=body, headers=headers, trust_env=False).raise_for_status().content
    answer = ocsp.load_der_ocsp_response(said)
    assert answer.response_status is ocsp.OCSPResponseStatus.SUCCESSFUL, answer.response_status
    assert answer.certificate_status is ocsp.OCSPCertStatus.GOOD
    assert answer.serial_number == certificate.serial_number
    return answer


@contextmanager
def _running(command: list[Any], ready: Callable[[], object], environment: dict[str, str]) -> Iterator[None]:
    process = subprocess.Popen(
        command,
        env=environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        process_group=0,
    )
    try:
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline:
            try:
                ready()
                break
            except httpx.TransportError:
                time.sleep(0.2)
        yield
    finally:
        # At once and with all it started: the first process of `openssl ocsp` ends only after the others.
        os.killpg(process.pid, signal.SIGKILL)
        process.wait(10)


def _wrk(folder: Path, address: str, body: bytes | None = None) -> float:
    """Requests a second; POST with `body`, else GET."""
    script = folder / "wrk.lua"
    if body is None:
        script.write_text("")
    else:
        octets = "".join(f"\\{octet:03d}" for octet in body)
        script.write_text(
            f'wrk.method = "POST"\nwrk.body = "{octets}"\n'
            'wrk.headers["Content-Type"] = "application/ocsp-request"\n'
        )
    said = subprocess.run(
        ["wrk", "-t1", f"-c{CONNECTIONS}", f"-d{SECONDS}s", "-s", script, address],
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    if "Non-2xx" in said:
        raise RuntimeError(said)
    found = re.search(r"Requests/sec:\s+([0-9.]+)", said)
    assert found is not None, said
    return float(found[1])


CONFIGURATION = """
[ca]
default_ca = bench
[bench]
database = {folder}/many
certificate = {folder}/ca
private_key = {folder}/key
crlnumber = {folder}/crlnumber
default_md = sha256
default_crl_days = 7
"""


def _openssl_list(folder: Path) -> float:
    """Entries a second of `openssl ca -gencrl`."""
    line = "R\t351231235959Z\t260101000000Z,keyCompromise\t{:040X}\tunknown\t/CN=x\n"
    (folder / "many").write_text("".join(line.format((1 << 158) + turn) for turn in range(ENTRIES)))
    (folder / "crlnumber").write_text("01\n")
    (folder / "openssl.cnf").write_text(CONFIGURATION.format(folder=folder))
    began = time.perf_counter()
    subprocess.run(
        ["openssl", "ca", "-gencrl", "-config", folder / "openssl.cnf", "-out", folder / "list.pem"],
        check=True,
        capture_output=True,
    )
    return ENTRIES / (time.perf_counter() - began)
