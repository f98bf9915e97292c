"""The whole story on real input: `hanaper demo` ends with 0 only if all of it happened."""

import os
import subprocess
import sys
from pathlib import Path

from hanaper.demo import enrolment


def tell(tmp_path: Path, *story: str) -> str:
    """What the demo said; it went well."""
    told = subprocess.run(
        [sys.executable, "-m", "hanaper.faces.cli.main", "demo", *story],
        cwd=tmp_path,
        env={**os.environ, "DATABASE_URL": "", "DJANGO_SETTINGS_MODULE": "hanaper.settings"},
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert told.returncode == 0, told.stdout[-3000:] + told.stderr[-3000:]
    assert "All of it happened" in told.stderr
    return told.stdout


def test_the_demo(tmp_path: Path) -> None:
    told = tell(tmp_path)
    for happened in ("openssl verify: leaf.pem: OK", "the CRL named", "The books are right."):
        assert happened in told
    # One act for each of the document's situations that a customer can get into today.
    for clause in ("R1", "R2", "R4", "R5", "R6", "R7", "R8", "R9", "R10", "R11", "R13", "R14", "R15", "R16"):
        assert f"{clause}," in told or f"{clause})" in told, clause


def test_the_life_of_a_private_ca(tmp_path: Path) -> None:
    told = tell(tmp_path, "private-ca")
    if client := enrolment.installed():
        assert f"{client} revoked it, and it is: revoked" in told
    for happened in (
        "(sslserver): server.pem: OK",
        "(sslclient): client.pem: OK",
        "they speak: TLSv1",
        "a client without one is turned away",
        "openssl ocsp of client.pem: good",
        "openssl ocsp of client.pem: revoked",
        "refused parent_not_enabled",
        "the server turns the client away: certificate revoked",
        "refused refund_needs_steps (R17)",
        "refused intermediates_enabled (D7)",
        "refused reset_not_confirmed (R17)",
        "everything is on them: certificate revoked",
        "root and intermediate: Refunded",
        "The books are right.",
    ):
        assert happened in told, happened


def test_a_domain_behind_the_gateway(tmp_path: Path) -> None:
    told = tell(tmp_path, "gateway")
    for happened in (
        "active: the CNAME proves whose domain it is",
        "got it from the cache: HIT",
        "none was turned away",
        "refused refund_refused (R18)",
        "refused refund_needs_steps (R18)",
        "The books are right.",
    ):
        assert happened in told, happened
