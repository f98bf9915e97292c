"""Certificates a second over REST, stored and durable, beside `cfssl serve` with its database on.

Ours walks the whole way for each: an application created from quota, the form judged, the validation of its
domain found still good, the intention stored, linted, signed by the worker, stored, fetched, delivered. The
peer signs the same CSR and stores the certificate. Both run on SQLite, four clients at a time, one machine.
"""

import json
import shutil
import sqlite3
import subprocess
import tempfile
import threading
import time
import uuid
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID

from bench.result import Result
from hanaper.demo.stage import Stage, free_port
from hanaper.sandbox_card.cards import BY_NAME

COUNT = 120
CLIENTS = 4
DOMAIN = "bench.example.test"


def run() -> list[Result]:
    with tempfile.TemporaryDirectory(prefix="hanaper-bench-") as folder:
        ours = _ours(Path(folder))
        peer = cfssl(Path(folder)) if shutil.which("cfssl") else None
    name = "certificates issued over REST, from application to delivery"
    return [Result(name, "certificates/s", ours, "cfssl serve, signing only", peer)]


def csr() -> str:
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, DOMAIN)])
    names = x509.SubjectAlternativeName([x509.DNSName(DOMAIN)])
    request = x509.CertificateSigningRequestBuilder().subject_name(subject).add_extension(names, False)
    return request.sign(key, hashes.SHA256()).public_bytes(Encoding.PEM).decode()


def together(work: Callable[[str], object], requests: list[str]) -> None:
    with ThreadPoolExecutor(CLIENTS) as pool:
        list(pool.map(work, requests))


def _ours(folder: Path) -> float:
    stage = Stage(folder)
    stage.environment["HANAPER_RATE_LIMIT"] = "1000000"
    try:
        stage.start()
        people = json.loads((folder / "data" / "credentials.json").read_text())
        headers = {"Authorization": f"Bearer {people['customer']['access_key']}"}
        client = httpx.Client(
            base_url=f"{stage.address}/api/v1", headers=headers, timeout=60, trust_env=False
        )

        def post(path: str, body: dict[str, object]) -> dict[str, object]:
            answer = client.post(path, json=body, headers={"Idempotency-Key": uuid.uuid4().hex})
            answer.raise_for_status()
            found: dict[str, object] = answer.json()
            return found

        line = {"product": "hanaper-dv-single-1y", "quantity": COUNT + 1}
        order = post("/orders", {"lines": [line], "currency": "USD"})["id"]
        card = {"number": BY_NAME["success"].number, "expiry": "12/30"}
        post(f"/orders/{order}/pay", {"means": [{"means": "card", "card": card}]})
        contact = post("/contacts", {"name": "Ada", "email": "ada@example.com"})["id"]

        def apply(request: str) -> None:
            made = post("/certificates", {"order": order})["id"]
            form = {"domains": [DOMAIN], "csr": request, "contact": contact, "method": "dns"}
            post(f"/certificates/{made}/apply", form)

        def issued() -> int:
            with sqlite3.connect(folder / "data" / "hanaper.sqlite3", timeout=20) as database:
                query = "SELECT count(*) FROM certificates_certificate WHERE state = 'issued'"
                return int(database.execute(query).fetchone()[0])

        apply(csr())
        with sqlite3.connect(folder / "data" / "hanaper.sqlite3", timeout=20) as database:
            token = database.execute("SELECT token FROM certificates_domaincheck").fetchone()[0]
        stage.names.records[f"_hanaper-challenge.{DOMAIN}", "TXT"] = [token]
        stage.wait_until(lambda: issued() == 1, 60, "the first certificate")
        requests = [csr() for _ in range(COUNT)]
        began = time.perf_counter()
        together(apply, requests)
        stage.wait_until(lambda: issued() == COUNT + 1, 300, "every certificate")
        return COUNT / (time.perf_counter() - began)
    finally:
        stage.stop()


# cfssl's own migrations for SQLite; its tool for them (goose) is not packaged.
CFSSL_TABLES = """
CREATE TABLE certificates (serial_number blob NOT NULL, authority_key_identifier blob NOT NULL,
  ca_label blob, status blob NOT NULL, reason int, expiry timestamp, revoked_at timestamp, pem blob NOT NULL,
  PRIMARY KEY(serial_number, authority_key_identifier));
CREATE TABLE ocsp_responses (serial_number blob NOT NULL, authority_key_identifier blob NOT NULL,
  body blob NOT NULL, expiry timestamp, PRIMARY KEY(serial_number, authority_key_identifier));
"""


def cfssl(folder: Path) -> float | None:
    subprocess.run(
        [
            "openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
            "-days", "365", "-subj", "/CN=Bench CA", "-keyout",
            folder / "ca-key.pem", "-out", folder / "ca.pem",
        ],
        capture_output=True,
        check=True,
    )  # fmt: skip
    with sqlite3.connect(folder / "cfssl.db") as database:
        database.executescript(CFSSL_TABLES)
    config = {"driver": "sqlite3", "data_source": str(folder / "cfssl.db")}
    (folder / "db.json").write_text(json.dumps(config))
    profile = {"expiry": "2160h", "usages": ["digital signature", "server auth"]}
    (folder / "config.json").write_text(json.dumps({"signing": {"default": profile}}))
    port = free_port()
    server = subprocess.Popen(
        [
            "cfssl", "serve", "-address=127.0.0.1", f"-port={port}", f"-ca={folder / 'ca.pem'}",
            f"-ca-key={folder / 'ca-key.pem'}", f"-config={folder / 'config.json'}",
            f"-db-config={folder / 'db.json'}", "-loglevel=5",
        ],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )  # fmt: skip
    lock = threading.Lock()
    failures: list[str] = []
    try:
        client = httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=60, trust_env=False)

        def sign(request: str) -> None:
            answer = client.post("/api/v1/cfssl/sign", json={"certificate_request": request})
            if not answer.json()["success"]:
                with lock:
                    failures.append(answer.text)

        deadline = time.monotonic() + 20
        while time.monotonic() < deadline:
            try:
                sign(csr())
                break
            except httpx.TransportError:
                time.sleep(0.1)
        requests = [csr() for _ in range(COUNT)]
        began = time.perf_counter()
        together(sign, requests)
        took = time.perf_counter() - began
    finally:
        server.terminate()
        server.wait(10)
    if failures:
        raise RuntimeError(f"cfssl refused: {failures[0]}")
    with sqlite3.connect(folder / "cfssl.db") as database:
        stored = database.execute("SELECT count(*) FROM certificates").fetchone()[0]
    return COUNT / took if stored > COUNT else None
