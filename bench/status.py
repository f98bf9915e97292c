"""OCSP answers a second, kept and live, and the time of a list with half a million entries, beside `openssl`.

Both responders answer the same client (`wrk`, four connections) about one certificate: ours from its database
behind its web process, `openssl ocsp` from an index file. `openssl ca -gencrl` makes a list of as many entries.
"""

import base64
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import quote

import httpx

from bench.result import Result
from hanaper.demo.stage import free_port

SECONDS, CONNECTIONS = 5, 4
ENTRIES, SHARDS = 500_000, 16


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
        Result(
            f"the same after one revocation, with {SHARDS} shards",
            unit,
            ENTRIES / stock["shard"],
            "openssl ca -gencrl",
            peer,
        ),
    ]  # fmt: skip


def _answers(folder: Path, stock: dict[str, Any], environment: dict[str, str]) -> list[Result]:
    plain, with_nonce = (base64.b64decode(stock[name]) for name in ("plain", "nonce"))
    address = f"http://127.0.0.1:{environment['HANAPER_PORT']}"
    with _running([sys.executable, "-m", "hanaper.processes.web"], f"{address}/healthz", environment):
        path = f"/ocsp/{stock['authority']}"
        by_get = f"{address}{path}/{quote(base64.b64encode(plain).decode(), safe='')}"
        ours = {
            "kept, by GET": _wrk(folder, by_get),
            "kept, by POST": _wrk(folder, address + path, plain),
            "live, with a nonce": _wrk(folder, address + path, with_nonce),
        }
    port = free_port()
    command = [
        "openssl", "ocsp", "-port", str(port), "-index", folder / "index", "-CA", folder / "ca",
        "-rsigner", folder / "ca", "-rkey", folder / "key", "-ignore_err",
    ]  # fmt: skip
    with _running(command, None, dict(os.environ)):
        peers = {
            name: _wrk(folder, f"http://127.0.0.1:{port}/", with_nonce if "live" in name else plain)
            for name in ("kept, by POST", "live, with a nonce")
        }
    peers["kept, by GET"] = peers["kept, by POST"]  # it keeps nothing
    return [
        Result(f"OCSP answers, {name}", "answers/s", rate, "openssl ocsp", peers[name])
        for name, rate in ours.items()
    ]


@contextmanager
def _running(command: list[Any], address: str | None, environment: dict[str, str]) -> Iterator[None]:
    process = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        deadline = time.monotonic() + 60
        while address is not None and time.monotonic() < deadline:
            try:
                httpx.get(address, trust_env=False)
                break
            except httpx.TransportError:
                time.sleep(0.2)
        else:
            time.sleep(1)
        yield
    finally:
        process.terminate()
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
