"""The full linter as a process that lives for one certificate: pkilint costs some 28 MB, and nearly every
certificate has a shape that was linted before.
"""

import json
import subprocess
import sys

from hanaper.core.x509.findings import Finding, Rulebook, Severity

SECONDS = 60
# The child imports pkilint itself; this module must stay importable without it.
CHILD = (
    "import sys, json; from dataclasses import asdict;"
    "from hanaper.core.x509.findings import Rulebook; from hanaper.core.x509.full_linting import lint_fully;"
    "print(json.dumps([asdict(one) for one in lint_fully(sys.stdin.buffer.read(), Rulebook(sys.argv[1]))]))"
)


def lint_apart(der: bytes, rulebook: Rulebook) -> list[Finding]:
    """pkilint's findings for `der`. RuntimeError if the linter itself fails: then nothing is signed."""
    done = subprocess.run(
        [sys.executable, "-c", CHILD, rulebook.value],
        input=der,
        capture_output=True,
        timeout=SECONDS,
        check=False,
    )
    if done.returncode != 0:
        raise RuntimeError(f"the linter failed: {done.stderr.decode(errors='replace')[-500:]}")
    found = json.loads(done.stdout)
    return [Finding(**{**one, "severity": Severity(one["severity"])}) for one in found]
