"""The whole story on real input: `hanaper demo` ends with 0 only if all of it happened."""

import os
import subprocess
import sys
from pathlib import Path


def test_the_demo(tmp_path: Path) -> None:
    told = subprocess.run(
        [sys.executable, "-m", "hanaper.faces.cli.main", "demo"],
        cwd=tmp_path,
        env={**os.environ, "DATABASE_URL": "", "DJANGO_SETTINGS_MODULE": "hanaper.settings"},
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert told.returncode == 0, told.stdout[-3000:] + told.stderr[-3000:]
    for happened in (
        "openssl verify: leaf.pem: OK",
        "the CRL named",
        "The books are right.",
        "All of it happened",
    ):
        assert happened in told.stdout + told.stderr
    # One act for each of the document's situations that a customer can get into today.
    for clause in ("R1", "R2", "R4", "R5", "R6", "R7", "R8", "R9", "R10", "R11", "R13", "R14", "R15", "R16"):
        assert f"{clause}," in told.stdout or f"{clause})" in told.stdout, clause
